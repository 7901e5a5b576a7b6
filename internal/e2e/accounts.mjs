// Accounts and identities, and the failure cases of signing in and out.
import fs from "node:fs";
import { check, signInAs, home, inspectPage, openLink, newWindow, press, setup, signIn, step, newTab, text, poll } from "./browser.mjs";

export async function accountCases(mara) {
  await step("the wrong account", () => wrongAccount(mara));
  await step("links of another tenant, and in the old format", () => packageLinks(mara));
  await step("a person is identified by the subject, not the address", subjectChange);
  await step("several sign-ins at once, finished in reverse order", parallelSignIns);
  await step("signing out ends the provider's session", signOut);
}

async function wrongAccount(mara) {
  await mara.goto(`${home}/access-packages/00000000-0000-7000-8000-000000000000?domain_hint=meridian.example`);
  await mara.getByText("This link is for people of Meridian Works.").waitFor();
  await inspectPage(mara, "wrong-account");
  const lena = await signInAs("Lena Berg", "/");
  const refused = await lena.goto(`${setup.base}/@northlight.example/access-packages`);
  check(refused.status() === 403, `a tenant that does not work with the account's organization: ${refused.status()}`);
  await inspectPage(lena, "not-admitted");
  await lena.goto(setup.base);
  check(lena.url() === `${home}/`, "the front page does not lead home");
}

async function packageLinks(mara) {
  await mara.goto(`${home}/access-packages`);
  await openLink(mara, "Release board");
  const [, id] = /access-packages\/([0-9a-f-]{36})/.exec(mara.url());
  const elsewhere = `${setup.base}/@northlight.example/access-packages/`;
  const theirs = await mara.request.get(elsewhere + id);
  const nobody = id.replace(/.{12}$/, "000000000000");
  const unknown = await mara.request.get(elsewhere + nobody);
  check(theirs.status() === 404 && unknown.status() === 404, `other tenant's package: ${theirs.status()}, unknown: ${unknown.status()}`);
  const shown = async (answer, address) => (await answer.text()).replaceAll(address, "");
  check((await shown(theirs, id)) === (await shown(unknown, nobody)), "another tenant's package differs from one that does not exist");

  await mara.goto(`${home}#/access-packages/${id}`);
  await mara.waitForURL(`${home}/access-packages/${id}`);
  const visitor = await newWindow();
  await visitor.goto(`${home}?domain_hint=harbor.example#/access-packages/${id}`);
  await signIn(visitor, "Nils Sand");
  await visitor.getByRole("heading", { name: "Release board" }).waitFor();
  const fresh = await newWindow();
  await fresh.goto(`${home}#/access-packages/${id}`);
  await fresh.waitForURL(/sign-in/);
  await fresh.getByLabel("Work email").fill("nils@harbor.example");
  await press(fresh, "Continue");
  await signIn(fresh, "Nils Sand");
  await fresh.getByRole("heading", { name: "Release board" }).waitFor();
}

async function subjectChange() {
  const all = JSON.parse(fs.readFileSync(setup.harborAccounts, "utf8"));
  const change = (to) => fs.writeFileSync(setup.harborAccounts, JSON.stringify(all.map((a) => (a.sub === "mara" ? { ...a, ...to } : a))));
  change({ email: "mara.lind@harbor.example" });
  const same = await signInAs("Mara Lind", "/requests");
  check((await text(same)).includes("Tidal project"), "another address for the same subject is another person");
  check((await same.textContent("#account")).includes("mara.lind@harbor.example"), "the new address is not shown");
  change({ sub: "mara-2" });
  const other = await signInAs("Mara Lind", "/requests");
  check((await text(other)).includes("No requests yet"), "another subject with the same address is the same person");
  await inspectPage(other, "requests-empty");
  await other.goto(`${home}/`);
  await inspectPage(other, "overview-empty");
  await other.goto(`${home}/access-packages?tab=active`);
  await inspectPage(other, "packages-active-empty");
  change({});
  await signInAs("Mara Lind", "/requests"); // restores her address
}

async function parallelSignIns() {
  const first = await newWindow();
  const tabs = [first, await newTab(first.context()), await newTab(first.context())];
  const places = ["/requests", "/approvals", "/access-packages"];
  for (const [i, page] of tabs.entries()) {
    await page.goto(`${home}${places[i]}?domain_hint=harbor.example`);
    await page.getByRole("button", { name: "Vera Holm" }).waitFor();
  }
  for (const i of [2, 1, 0]) {
    await signIn(tabs[i], "Vera Holm");
    check(tabs[i].url().startsWith(home + places[i]), `a sign-in begun for ${places[i]} leads to ${tabs[i].url()}`);
    check((await tabs[i].textContent("#account")).includes("Vera Holm"), `not signed in at ${places[i]}`);
  }
}

async function signOut() {
  const vera = await signInAs("Vera Holm", "/requests");
  await press(vera, "Account of Vera Holm");
  await inspectPage(vera, "account");
  await press(vera, "Sign out");
  await press(vera, "Leave");
  await vera.waitForURL(/signed-out/);
  await inspectPage(vera, "signed-out");
  await vera.goto(`${home}/requests`);
  check(vera.url().includes("/sign-in"), "still signed in after signing out");
  await vera.goto(`${home}/requests?domain_hint=harbor.example`);
  await poll(30, "the provider asks who it is", () => vera.getByRole("button", { name: "Vera Holm" }).isVisible());
  await vera.goto(setup.base);
  await inspectPage(vera, "front");
}
