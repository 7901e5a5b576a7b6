// Edge cases of requests and decisions: double clicks, two windows, an expired
// session, scripts off.
import { waitForRequest, check, signInAs, home, inspectPage, waitForMail, openLink, newWindow, press, step, submit, newTab, text, reloadUntil } from "./browser.mjs";

export async function edgeCases() {
  const vera = await signInAs("Vera Holm", "/access-packages");
  await step("a double click makes one request", () => doubleClick(vera));
  await step("a decision that comes too late says who decided", lateDecision);
  await step("an ended session keeps what was typed", () => sessionEnded(vera));
  await step("with scripts off: ask, cancel, resubmit, deny several", withoutScripts);
}

const countRequests = async (page, name) => {
  await page.goto(`${home}/requests`);
  return page.getByRole("main").getByRole("link", { name, exact: true }).count();
};

async function doubleClick(vera) {
  await openLink(vera, "Design archive");
  await vera.getByRole("button", { name: "Submit request" }).dblclick();
  await waitForRequest(vera);
  const made = await countRequests(vera, "Design archive");
  check(made === 1, `a double click makes ${made} requests`);
  const nils = await signInAs("Nils Sand", "/access-packages", { javaScriptEnabled: false });
  await openLink(nils, "Design archive");
  await nils.getByRole("button", { name: "Submit request" }).dblclick();
  await waitForRequest(nils);
  const plain = await countRequests(nils, "Design archive");
  check(plain === 1, `a double click with scripts off makes ${plain} requests`);
}

async function lateDecision() {
  const ida = await signInAs("Ida Falk", "/approvals");
  await inspectPage(ida, "approvals-several");
  await openLink(ida, "Design archive for Vera Holm");
  const omar = await signInAs("Omar Haddad", "/approvals");
  const list = await newTab(omar.context());
  await list.goto(`${home}/approvals`);
  await openLink(omar, "Design archive for Vera Holm");
  await press(ida, "Approve");
  await ida.getByText("Stage 1 of 1: approved").waitFor();
  const answer = omar.waitForResponse((r) => r.request().method() === "POST");
  await press(omar, "Deny");
  check((await answer).status() === 409, `a late decision is answered ${(await answer).status()}`);
  await omar.getByText("Ida Falk approved it on").first().waitFor();
  await inspectPage(omar, "approval-stale");
  await list.getByRole("checkbox", { name: /Vera Holm/ }).check();
  await press(list, "Deny");
  await list.getByRole("status").waitFor();
  check((await text(list)).includes("Design archive for Vera Holm: "), "the list does not say which decision came too late");
  await inspectPage(list, "approvals-stale");
}

async function sessionEnded(vera) {
  await vera.goto(`${home}/access-packages`);
  await openLink(vera, "Release board");
  await vera.getByLabel("Business justification").fill("A long text,\nin two lines");
  await vera.context().clearCookies({ name: "__Host-myaccess" });
  await press(vera, "Submit request");
  // The provider's session is still valid, so it may not ask for the account.
  const back = vera.getByText("Your session had ended");
  const address = vera.getByLabel("Work email");
  await back.or(address).waitFor();
  if (await address.isVisible()) {
    await address.fill("vera@harbor.example");
    await press(vera, "Continue");
  }
  await back.waitFor();
  check((await vera.getByLabel("Business justification").inputValue()) === "A long text,\nin two lines", "what was typed is lost");
  await inspectPage(vera, "package-restored");
  await submit(vera);
  await vera.getByText("Pending approval").first().waitFor();
}

// inspectCopy inspects the page in another window with the same session and
// with scripts, which axe needs.
async function inspectCopy(page, name) {
  const twin = await newWindow({ storageState: await page.context().storageState() });
  await twin.goto(page.url());
  await inspectPage(twin, name);
}

async function withoutScripts() {
  const nils = await signInAs("Nils Sand", "/access-packages", { javaScriptEnabled: false });
  await openLink(nils, "Release board");
  await nils.getByLabel("Business justification").fill("First try");
  await submit(nils);
  await press(nils, "Cancel request");
  await nils.getByRole("link", { name: "Resubmit" }).waitFor();
  await inspectCopy(nils, "request-canceled");
  await openLink(nils, "Resubmit");
  check((await nils.getByLabel("Business justification").inputValue()) === "First try", "what was typed is not there again");
  await submit(nils);
  const lena = await signInAs("Lena Berg", "/approvals", { javaScriptEnabled: false });
  await lena.getByRole("checkbox", { name: /Nils Sand/ }).check();
  await lena.getByRole("checkbox", { name: /Vera Holm/ }).check();
  await press(lena, "Deny");
  await lena.getByRole("status").waitFor();
  check((await text(lena)).match(/: Decided\./g)?.length === 2, "two requests are not denied at once");
  await reloadUntil(nils, "denied");
  await inspectCopy(nils, "request-denied");
  await waitForMail("nils@harbor.example", "Your request for Release board was denied");
  await press(nils, "Account of Nils Sand");
  await press(nils, "Sign out");
  await press(nils, "Leave");
  await nils.waitForURL(/signed-out/);
  await nils.goto(`${home}/requests`);
  check(nils.url().includes("/sign-in"), "still signed in after signing out with scripts off");
}
