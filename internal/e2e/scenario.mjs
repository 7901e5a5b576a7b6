// The main job, by hand: a person of the partner without approval, with two
// stages, to the end of the access; who somebody is; and all of it with scripts
// off.
import fs from "node:fs";
import { check, fail, finish, link, look, mail, person, setup, signIn, until } from "./browser.mjs";

const home = `${setup.base}/@meridian.example`;
const step = async (name, run) => {
  console.log(name);
  try {
    await run();
  } catch (error) {
    fail(`${name}: ${error.stack}`);
  }
};
const open = (page, name) => page.getByRole("link", { name, exact: true }).click();
let mara;

await step("a stranger meets the tenant's sign-in page", async () => {
  const page = await person();
  await page.goto(`${home}/access-packages`);
  await look(page, "sign-in");
  await page.getByLabel("Work address").fill("nobody@unknown.example");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByText("does not work with an organization").first().waitFor();
  await look(page, "sign-in-fault");
  await page.getByLabel("Work address").fill("mara@harbor.example");
  await page.getByRole("button", { name: "Continue" }).click();
  await page.waitForURL(/interaction/);
  check((await page.textContent("#hint")) === "mara@harbor.example", "the provider was not told the address");
  await page.goto(`${setup.base}/auth/callback/x?state=y&code=z`);
  await look(page, "attempt-over");
  await page.goto(`${home}/access-packages/00000000-0000-7000-8000-000000000000/nothing`);
  await look(page, "not-found");
});

await step("without approval: link, question, guest, access, mail", async () => {
  mara = await person({ viewport: { width: 390, height: 800 } });
  await mara.goto(`${home}/access-packages?domain_hint=harbor.example`);
  await signIn(mara, "Mara Lind");
  await look(mara, "packages");
  check(!(await mara.textContent("main")).includes("Members only"), "a package that is not for partners is listed");
  await mara.getByRole("searchbox").fill("tidal TEAM");
  await mara.getByRole("button", { name: "Search" }).click();
  await open(mara, "Tidal project");
  await look(mara, "package");
  await mara.getByRole("button", { name: "Submit request" }).click();
  await mara.getByRole("alert").waitFor();
  await look(mara, "package-faults");
  await mara.getByLabel("Which part?").fill("The lights");
  await mara.getByRole("button", { name: "Submit request" }).click();
  await until(mara, "Everything was delivered");
  await look(mara, "request-delivered");
  const told = await mail("mara@harbor.example", "You now have access to Tidal project");
  check(link(told)?.includes("domain_hint=harbor.example"), "the message's link carries no hint");
  await mara.goto(link(told));
  check(await mara.getByRole("link", { name: "Open Tidal team" }).getAttribute("href") === "https://teams.meridian.example/tidal", "the team cannot be opened");
  await look(mara, "packages-active");
});

await step("two stages: approvers act from their mails", async () => {
  await mara.goto(`${home}/access-packages`);
  await open(mara, "Release board");
  await mara.getByLabel("Business justification").fill("I plan the releases");
  await mara.getByRole("button", { name: "Submit request" }).click();
  await look(mara, "request-pending");
  for (const [name, address, stage] of [["Lena Berg", "lena@meridian.example", 1], ["Ida Falk", "ida@meridian.example", 2]]) {
    const asked = await mail(address, "Action required: Approve or deny request");
    check(asked.Text.includes("I plan the releases"), "the message does not say what for");
    const approver = await person();
    await approver.goto(link(asked));
    await approver.getByLabel("Work address").fill(address);
    await approver.getByRole("button", { name: "Continue" }).click();
    await signIn(approver, name);
    await look(approver, `approval-${stage}`);
    await approver.goto(`${home}/approvals`);
    await look(approver, `approvals-${stage}`);
    await approver.getByRole("link", { name: "Details" }).first().click();
    if (stage === 2) {
      await approver.getByRole("button", { name: "Approve" }).click();
      await approver.getByRole("alert").waitFor();
      await approver.getByLabel("Reason").fill("Known partner");
    }
    await approver.getByRole("button", { name: "Approve" }).click();
    await approver.waitForLoadState();
    await look(approver, `approved-${stage}`);
    await approver.goto(`${home}/approvals?tab=history`);
    await look(approver, `approvals-history-${stage}`);
  }
  await until(mara, "Everything was delivered");
  await mail("mara@harbor.example", "You now have access to Release board");
});

await step("the end: access and guest go", async () => {
  await mara.goto(`${home}/`);
  await look(mara, "overview");
  await mail("mara@harbor.example", "Access has ended for Tidal project");
  await mara.goto(`${home}/access-packages?tab=expired`);
  await until(mara, "Tidal project");
  await look(mara, "packages-expired");
  await mara.goto(`${home}/requests`);
  await look(mara, "requests");
});

await step("the wrong account, and the other tenant", async () => {
  await mara.goto(`${home}/access-packages/00000000-0000-7000-8000-000000000000?domain_hint=meridian.example`);
  await mara.getByText("You are signed in with another account").first().waitFor();
  await look(mara, "wrong-account");
});

await step("who somebody is follows from the subject, not the address", async () => {
  const accounts = JSON.parse(fs.readFileSync(setup.harborAccounts, "utf8"));
  const change = (from, to) => fs.writeFileSync(setup.harborAccounts, JSON.stringify(accounts.map((a) => (a.sub === from ? { ...a, ...to } : a))));
  change("mara", { email: "mara.lind@harbor.example" });
  const same = await person();
  await same.goto(`${home}/requests?domain_hint=harbor.example`);
  await signIn(same, "Mara Lind");
  check((await same.textContent("main")).includes("Tidal project"), "another address for the same subject is another person");
  change("mara", { sub: "mara-2" });
  const other = await person();
  await other.goto(`${home}/requests?domain_hint=harbor.example`);
  await signIn(other, "Mara Lind");
  check((await other.textContent("main")).includes("You have not asked for anything yet"), "another subject with the same address is the same person");
  fs.writeFileSync(setup.harborAccounts, JSON.stringify(accounts));
});

await step("with scripts off: ask, cancel, resubmit, approve several, sign out", async () => {
  const plain = await person({ javaScriptEnabled: false });
  await plain.goto(`${home}/access-packages?domain_hint=harbor.example`);
  await signIn(plain, "Tom Okafor");
  await open(plain, "Release board");
  await plain.getByLabel("Business justification").fill("First try");
  await plain.getByRole("button", { name: "Submit request" }).click();
  await plain.getByRole("button", { name: "Cancel request" }).click();
  await open(plain, "Resubmit");
  check(await plain.getByLabel("Business justification").inputValue() === "First try", "what was typed is not there again");
  await plain.getByRole("button", { name: "Submit request" }).click();
  const lena = await person({ javaScriptEnabled: false });
  await lena.goto(`${home}/approvals?domain_hint=meridian.example`);
  await signIn(lena, "Lena Berg");
  await lena.getByRole("checkbox").first().check();
  await lena.getByRole("button", { name: "Deny" }).click();
  await lena.getByText("Decided.").first().waitFor();
  await until(plain, "denied");
  await mail("tom@harbor.example", "Request denied to Release board");
  await plain.getByRole("button", { name: "Sign out" }).click();
  await plain.getByRole("button", { name: "Leave" }).click();
  await plain.waitForURL(/signed-out/);
  await plain.goto(`${home}/requests`);
  check(plain.url().includes("/sign-in"), "still signed in after signing out");
});

await finish();
