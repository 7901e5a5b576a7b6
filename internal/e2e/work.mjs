// Asking and deciding when it does not go smoothly: impatient people, two
// windows, a session that has ended, scripts off.
import { arrived, check, enter, home, look, mail, open, person, press, step, submit, tab, text, until } from "./browser.mjs";

export async function work() {
  const vera = await enter("Vera Holm", "/access-packages");
  await step("a double click makes one request", () => twice(vera));
  await step("a decision that comes too late says who decided", stale);
  await step("an ended session keeps what was typed", () => ended(vera));
  await step("with scripts off: ask, cancel, resubmit, deny several", scriptless);
}

const asked = async (page, name) => {
  await page.goto(`${home}/requests`);
  return page.getByRole("main").getByRole("link", { name, exact: true }).count();
};

async function twice(vera) {
  await open(vera, "Design archive");
  await vera.getByRole("button", { name: "Submit request" }).dblclick();
  await arrived(vera);
  const made = await asked(vera, "Design archive");
  check(made === 1, `a double click makes ${made} requests`);
  const nils = await enter("Nils Sand", "/access-packages", { javaScriptEnabled: false });
  await open(nils, "Design archive");
  await nils.getByRole("button", { name: "Submit request" }).dblclick();
  await arrived(nils);
  const plain = await asked(nils, "Design archive");
  check(plain === 1, `a double click with scripts off makes ${plain} requests`);
}

async function stale() {
  const ida = await enter("Ida Falk", "/approvals");
  await look(ida, "approvals-several");
  await open(ida, "Design archive for Vera Holm");
  const omar = await enter("Omar Haddad", "/approvals");
  const list = await tab(omar.context());
  await list.goto(`${home}/approvals`);
  await open(omar, "Design archive for Vera Holm");
  await press(ida, "Approve");
  await ida.getByText("Stage 1 of 1: approved").waitFor();
  const answer = omar.waitForResponse((r) => r.request().method() === "POST");
  await press(omar, "Deny");
  check((await answer).status() === 409, `a late decision is answered ${(await answer).status()}`);
  await omar.getByText("Ida Falk approved it on").first().waitFor();
  await look(omar, "approval-stale");
  await list.getByRole("checkbox", { name: /Vera Holm/ }).check();
  await press(list, "Deny");
  await list.getByRole("status").waitFor();
  check((await text(list)).includes("Design archive for Vera Holm: "), "the list does not say which decision came too late");
  await look(list, "approvals-stale");
}

async function ended(vera) {
  await vera.goto(`${home}/access-packages`);
  await open(vera, "Release board");
  await vera.getByLabel("Business justification").fill("A long text,\nin two lines");
  await vera.context().clearCookies({ name: "__Host-myaccess" });
  await press(vera, "Submit request");
  // The provider's session lives, so that nobody is asked who it is.
  const back = vera.getByText("Your session had ended");
  const address = vera.getByLabel("Work address");
  await back.or(address).waitFor();
  if (await address.isVisible()) {
    await address.fill("vera@harbor.example");
    await press(vera, "Continue");
  }
  await back.waitFor();
  check((await vera.getByLabel("Business justification").inputValue()) === "A long text,\nin two lines", "what was typed is lost");
  await look(vera, "package-restored");
  await submit(vera);
  await vera.getByText("Pending approval").first().waitFor();
}

// lookLike looks at the page in a window of the same session with scripts, which
// axe needs.
async function lookLike(page, name) {
  const twin = await person({ storageState: await page.context().storageState() });
  await twin.goto(page.url());
  await look(twin, name);
}

async function scriptless() {
  const nils = await enter("Nils Sand", "/access-packages", { javaScriptEnabled: false });
  await open(nils, "Release board");
  await nils.getByLabel("Business justification").fill("First try");
  await submit(nils);
  await press(nils, "Cancel request");
  await nils.getByRole("link", { name: "Resubmit" }).waitFor();
  await lookLike(nils, "request-canceled");
  await open(nils, "Resubmit");
  check((await nils.getByLabel("Business justification").inputValue()) === "First try", "what was typed is not there again");
  await submit(nils);
  const lena = await enter("Lena Berg", "/approvals", { javaScriptEnabled: false });
  await lena.getByRole("checkbox", { name: /Nils Sand/ }).check();
  await lena.getByRole("checkbox", { name: /Vera Holm/ }).check();
  await press(lena, "Deny");
  await lena.getByRole("status").waitFor();
  check((await text(lena)).match(/: Decided\./g)?.length === 2, "two requests are not denied at once");
  await until(nils, "denied");
  await lookLike(nils, "request-denied");
  await mail("nils@harbor.example", "Request denied to Release board");
  await press(nils, "Account of Nils Sand");
  await press(nils, "Sign out");
  await press(nils, "Leave");
  await nils.waitForURL(/signed-out/);
  await nils.goto(`${home}/requests`);
  check(nils.url().includes("/sign-in"), "still signed in after signing out with scripts off");
}
