// The main scenario: a partner's person without approval, another with two
// stages, until the access ends.
import { check, signInAs, home, waitForRecord, link, inspectPage, waitForMail, openLink, newWindow, press, setup, signIn, step, submit, text, reloadUntil } from "./browser.mjs";

// requestWithoutApproval opens the sign-in page as an unknown visitor, and then
// requests access that needs no approval. It returns the window of the person
// who has it.
export async function requestWithoutApproval() {
  await step("an unknown visitor at the tenant's sign-in page", signInPage);
  const mara = await newWindow();
  await step("without approval: link, question, guest, access, mail", () => requestAndDeliver(mara));
  return mara;
}

async function signInPage() {
  const page = await newWindow();
  await page.goto(`${home}/access-packages`);
  await inspectPage(page, "sign-in");
  await page.getByLabel("Work email").fill("nobody@unknown.example");
  await press(page, "Continue");
  await page.getByText("We don't recognize").first().waitFor();
  await inspectPage(page, "sign-in-fault");
  await page.getByLabel("Work email").fill("mara@harbor.example");
  await press(page, "Continue");
  await page.waitForURL(/interaction/);
  check((await page.textContent("#hint")) === "mara@harbor.example", "the provider did not get the login hint");
  await page.goto(`${setup.base}/auth/callback/x?state=y&code=z`);
  await inspectPage(page, "attempt-over");
  await page.goto(`${home}/access-packages/00000000-0000-7000-8000-000000000000/nothing`);
  await inspectPage(page, "not-found");
  const down = await page.goto(`${home}/access-packages?domain_hint=northlight.example`);
  check(down.status() === 503, `a provider that does not answer: ${down.status()}`);
  await inspectPage(page, "provider-down");
}

async function requestAndDeliver(mara) {
  await mara.goto(`${home}/access-packages?domain_hint=harbor.example`);
  await signIn(mara, "Mara Lind");
  await inspectPage(mara, "packages");
  check(!(await text(mara)).includes("Members only"), "a package that is not for partners is listed");
  await mara.getByRole("searchbox").fill("no such thing");
  await press(mara, "Search");
  await mara.getByText("No results").waitFor();
  await inspectPage(mara, "packages-nothing");
  await mara.getByRole("searchbox").fill("tidal TEAM");
  await press(mara, "Search");
  await mara.waitForURL(/q=tidal/);
  await openLink(mara, "Tidal project");
  await inspectPage(mara, "package");
  await press(mara, "Submit request");
  await mara.getByRole("alert").waitFor();
  await inspectPage(mara, "package-faults");
  await mara.getByLabel("Which part?").fill("The lights");
  await mara.getByLabel("In Bergen").check();
  await mara.getByLabel("Until").fill(new Date(Date.now() + 110000).toISOString().slice(0, 16));
  await submit(mara);
  await reloadUntil(mara, "Everything was delivered");
  await inspectPage(mara, "request-delivered");
  await waitForRecord("mara", "is a guest with both roles",
    (p) => p.Kind === "guest" && p.Guest === "active" && p.Target === "active" && p.Held === 2);
  const message = await waitForMail("mara@harbor.example", "You now have access to Tidal project");
  check(link(message)?.includes("domain_hint=harbor.example"), "the message's link carries no hint");
  await mara.goto(link(message));
  const team = mara.getByRole("link", { name: "Open Tidal team" });
  check((await team.getAttribute("href")) === "https://teams.meridian.example/tidal", "the team cannot be opened");
  await inspectPage(mara, "packages-active");
  await mara.goto(`${home}/`);
  await inspectPage(mara, "overview");
}

// requestWithApproval requests access with two approval stages, the second of a
// group; the approvers follow their mails.
export const requestWithApproval = () => step("two stages: approvers act from their mails", async () => {
  const tom = await signInAs("Tom Okafor", "/access-packages");
  await openLink(tom, "Release board");
  await tom.getByLabel("Business justification").fill("I plan the releases");
  await submit(tom);
  await inspectPage(tom, "request-pending");
  await approveFromMail(1, "Lena Berg", "lena@meridian.example");
  await approveFromMail(2, "Ida Falk", "ida@meridian.example");
  await reloadUntil(tom, "Everything was delivered");
  await waitForMail("tom@harbor.example", "You now have access to Release board");
  await waitForRecord("tom", "is a guest with the role", (p) => p.Kind === "guest" && p.Held === 1);
});

async function approveFromMail(stage, name, address) {
  const asked = await waitForMail(address, "Approve or deny by");
  check(asked.Text.includes("I plan the releases"), "the message does not say what for");
  const page = await newWindow();
  await page.goto(link(asked));
  if (!page.url().includes("/interaction/")) {
    await page.getByLabel("Work email").fill(address);
    await press(page, "Continue");
  }
  await signIn(page, name);
  await inspectPage(page, `approval-${stage}`);
  await page.goto(`${home}/`);
  if (stage === 1) await inspectPage(page, "overview-approver");
  await page.goto(`${home}/approvals`);
  await inspectPage(page, `approvals-${stage}`);
  await openLink(page, "Details");
  if (stage === 2) {
    await press(page, "Approve");
    await page.getByRole("alert").waitFor();
    await inspectPage(page, "approval-reason");
    await page.getByLabel("Reason").fill("Known partner");
  }
  await press(page, "Approve");
  await page.getByText(`Stage ${stage} of 2: approved`).waitFor();
  await inspectPage(page, `approved-${stage}`);
  await page.goto(`${home}/approvals?tab=history`);
  await page.getByText("Release board for Tom Okafor").waitFor();
  await inspectPage(page, `approvals-history-${stage}`);
}

// accessEnds waits for the end of the access and of the guest.
export async function accessEnds(mara) {
  await step("the access ends", async () => {
    await waitForMail("mara@harbor.example", "Your access to Tidal project has ended", 240);
    await mara.goto(`${home}/access-packages?tab=expired`);
    await reloadUntil(mara, "Tidal project");
    await inspectPage(mara, "packages-expired");
    await mara.goto(`${home}/access-packages?tab=active`);
    check(!(await text(mara)).includes("Tidal project"), "what has ended is still active");
    await mara.goto(`${home}/requests`);
    await inspectPage(mara, "requests");
  });
  await step("the guest goes", () =>
    waitForRecord("mara", "holds nothing and is no guest",
      (p) => p.Held === 0 && p.Kind === "external" && p.Guest === "removed" && p.Target !== "active"));
  await step("done", async () => {});
}
