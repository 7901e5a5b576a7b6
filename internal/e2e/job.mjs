// The main job: a person of the partner without approval, another with two
// stages, to the end of the access.
import { check, enter, home, known, link, look, mail, open, person, press, setup, signIn, step, submit, text, until } from "./browser.mjs";

// ask is what a stranger meets, and the way to an access that nobody needs to
// approve. It returns the window of the person who has it.
export async function ask() {
  await step("a stranger meets the tenant's sign-in page", stranger);
  const mara = await person();
  await step("without approval: link, question, guest, access, mail", () => unapproved(mara));
  return mara;
}

async function stranger() {
  const page = await person();
  await page.goto(`${home}/access-packages`);
  await look(page, "sign-in");
  await page.getByLabel("Work address").fill("nobody@unknown.example");
  await press(page, "Continue");
  await page.getByText("does not work with an organization").first().waitFor();
  await look(page, "sign-in-fault");
  await page.getByLabel("Work address").fill("mara@harbor.example");
  await press(page, "Continue");
  await page.waitForURL(/interaction/);
  check((await page.textContent("#hint")) === "mara@harbor.example", "the provider was not told the address");
  await page.goto(`${setup.base}/auth/callback/x?state=y&code=z`);
  await look(page, "attempt-over");
  await page.goto(`${home}/access-packages/00000000-0000-7000-8000-000000000000/nothing`);
  await look(page, "not-found");
  const down = await page.goto(`${home}/access-packages?domain_hint=northlight.example`);
  check(down.status() === 503, `a provider that does not answer: ${down.status()}`);
  await look(page, "provider-down");
}

async function unapproved(mara) {
  await mara.goto(`${home}/access-packages?domain_hint=harbor.example`);
  await signIn(mara, "Mara Lind");
  await look(mara, "packages");
  check(!(await text(mara)).includes("Members only"), "a package that is not for partners is listed");
  await mara.getByRole("searchbox").fill("no such thing");
  await press(mara, "Search");
  await mara.getByText("Nothing found").waitFor();
  await look(mara, "packages-nothing");
  await mara.getByRole("searchbox").fill("tidal TEAM");
  await press(mara, "Search");
  await mara.waitForURL(/q=tidal/);
  await open(mara, "Tidal project");
  await look(mara, "package");
  await press(mara, "Submit request");
  await mara.getByRole("alert").waitFor();
  await look(mara, "package-faults");
  await mara.getByLabel("Which part?").fill("The lights");
  await mara.getByLabel("In Bergen").check();
  await mara.getByLabel("Until").fill(new Date(Date.now() + 110000).toISOString().slice(0, 16));
  await submit(mara);
  await until(mara, "Everything was delivered");
  await look(mara, "request-delivered");
  await known("mara", "is a guest with both roles",
    (p) => p.Kind === "guest" && p.Guest === "active" && p.Target === "active" && p.Held === 2);
  const told = await mail("mara@harbor.example", "You now have access to Tidal project");
  check(link(told)?.includes("domain_hint=harbor.example"), "the message's link carries no hint");
  await mara.goto(link(told));
  const team = mara.getByRole("link", { name: "Open Tidal team" });
  check((await team.getAttribute("href")) === "https://teams.meridian.example/tidal", "the team cannot be opened");
  await look(mara, "packages-active");
  await mara.goto(`${home}/`);
  await look(mara, "overview");
}

// approve is an access that two stages approve, the second by a group, from
// their mails.
export const approve = () => step("two stages: approvers act from their mails", async () => {
  const tom = await enter("Tom Okafor", "/access-packages");
  await open(tom, "Release board");
  await tom.getByLabel("Business justification").fill("I plan the releases");
  await submit(tom);
  await look(tom, "request-pending");
  await decided(1, "Lena Berg", "lena@meridian.example");
  await decided(2, "Ida Falk", "ida@meridian.example");
  await until(tom, "Everything was delivered");
  await mail("tom@harbor.example", "You now have access to Release board");
  await known("tom", "is a guest with the role", (p) => p.Kind === "guest" && p.Held === 1);
});

async function decided(stage, name, address) {
  const asked = await mail(address, "Action required: Approve or deny request");
  check(asked.Text.includes("I plan the releases"), "the message does not say what for");
  const page = await person();
  await page.goto(link(asked));
  if (!page.url().includes("/interaction/")) {
    await page.getByLabel("Work address").fill(address);
    await press(page, "Continue");
  }
  await signIn(page, name);
  await look(page, `approval-${stage}`);
  await page.goto(`${home}/`);
  if (stage === 1) await look(page, "overview-approver");
  await page.goto(`${home}/approvals`);
  await look(page, `approvals-${stage}`);
  await open(page, "Details");
  if (stage === 2) {
    await press(page, "Approve");
    await page.getByRole("alert").waitFor();
    await look(page, "approval-reason");
    await page.getByLabel("Reason").fill("Known partner");
  }
  await press(page, "Approve");
  await page.getByText(`Stage ${stage} of 2: approved`).waitFor();
  await look(page, `approved-${stage}`);
  await page.goto(`${home}/approvals?tab=history`);
  await page.getByText("Release board for Tom Okafor").waitFor();
  await look(page, `approvals-history-${stage}`);
}

// ends is the end of the access and of the guest.
export async function ends(mara) {
  await step("the access ends", async () => {
    await mail("mara@harbor.example", "Access has ended for Tidal project", 240);
    await mara.goto(`${home}/access-packages?tab=expired`);
    await until(mara, "Tidal project");
    await look(mara, "packages-expired");
    await mara.goto(`${home}/access-packages?tab=active`);
    check(!(await text(mara)).includes("Tidal project"), "what has ended is still active");
    await mara.goto(`${home}/requests`);
    await look(mara, "requests");
  });
  await step("the guest goes", () =>
    known("mara", "holds nothing and is no guest",
      (p) => p.Held === 0 && p.Kind === "external" && p.Guest === "removed" && p.Target !== "active"));
  await step("done", async () => {});
}
