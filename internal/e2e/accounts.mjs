// Accounts and identities, and what can go wrong in signing in and out.
import fs from "node:fs";
import { check, enter, home, look, open, person, press, setup, signIn, step, tab, text, within } from "./browser.mjs";

export async function accounts(mara) {
  await step("the wrong account", () => wrong(mara));
  await step("links of another tenant, and in the older shape", () => links(mara));
  await step("who somebody is follows from the subject, not the address", subject);
  await step("several sign-ins at once, finished in reverse order", several);
  await step("signing out ends the provider's session", signOut);
}

async function wrong(mara) {
  await mara.goto(`${home}/access-packages/00000000-0000-7000-8000-000000000000?domain_hint=meridian.example`);
  await mara.getByText("This link is for people of Meridian Works.").waitFor();
  await look(mara, "wrong-account");
  const lena = await enter("Lena Berg", "/");
  const refused = await lena.goto(`${setup.base}/@northlight.example/access-packages`);
  check(refused.status() === 403, `a tenant that does not work with the account's organization: ${refused.status()}`);
  await look(lena, "not-admitted");
  await lena.goto(setup.base);
  check(lena.url() === `${home}/`, "the front page does not lead home");
}

async function links(mara) {
  await mara.goto(`${home}/access-packages`);
  await open(mara, "Release board");
  const [, id] = /access-packages\/([0-9a-f-]{36})/.exec(mara.url());
  const elsewhere = `${setup.base}/@northlight.example/access-packages/`;
  const theirs = await mara.request.get(elsewhere + id);
  const unknown = await mara.request.get(elsewhere + id.replace(/.{12}$/, "000000000000"));
  check(theirs.status() === 404 && unknown.status() === 404, `other tenant's package: ${theirs.status()}, unknown: ${unknown.status()}`);
  check((await theirs.text()) === (await unknown.text()), "another tenant's package is told from one that does not exist");

  await mara.goto(`${home}#/access-packages/${id}`);
  await mara.waitForURL(`${home}/access-packages/${id}`);
  const stranger = await person();
  await stranger.goto(`${home}?domain_hint=harbor.example#/access-packages/${id}`);
  await signIn(stranger, "Nils Sand");
  await stranger.getByRole("heading", { name: "Release board" }).waitFor();
  const asked = await person();
  await asked.goto(`${home}#/access-packages/${id}`);
  await asked.waitForURL(/sign-in/);
  await asked.getByLabel("Work address").fill("nils@harbor.example");
  await press(asked, "Continue");
  await signIn(asked, "Nils Sand");
  await asked.getByRole("heading", { name: "Release board" }).waitFor();
}

async function subject() {
  const all = JSON.parse(fs.readFileSync(setup.harborAccounts, "utf8"));
  const change = (to) => fs.writeFileSync(setup.harborAccounts, JSON.stringify(all.map((a) => (a.sub === "mara" ? { ...a, ...to } : a))));
  change({ email: "mara.lind@harbor.example" });
  const same = await enter("Mara Lind", "/requests");
  check((await text(same)).includes("Tidal project"), "another address for the same subject is another person");
  check((await same.textContent("footer")).includes("mara.lind@harbor.example"), "the new address is not shown");
  change({ sub: "mara-2" });
  const other = await enter("Mara Lind", "/requests");
  check((await text(other)).includes("You have not asked for anything yet"), "another subject with the same address is the same person");
  await look(other, "requests-empty");
  await other.goto(`${home}/`);
  await look(other, "overview-empty");
  await other.goto(`${home}/access-packages?tab=active`);
  await look(other, "packages-active-empty");
  change({});
  await enter("Mara Lind", "/requests"); // brings her address back
}

async function several() {
  const first = await person();
  const tabs = [first, await tab(first.context()), await tab(first.context())];
  const places = ["/requests", "/approvals", "/access-packages"];
  for (const [i, page] of tabs.entries()) {
    await page.goto(`${home}${places[i]}?domain_hint=harbor.example`);
    await page.getByRole("button", { name: "Vera Holm" }).waitFor();
  }
  for (const i of [2, 1, 0]) {
    await signIn(tabs[i], "Vera Holm");
    check(tabs[i].url().startsWith(home + places[i]), `a sign-in begun for ${places[i]} leads to ${tabs[i].url()}`);
    check((await tabs[i].textContent("footer")).includes("Vera Holm"), `not signed in at ${places[i]}`);
  }
}

async function signOut() {
  const vera = await enter("Vera Holm", "/requests");
  await press(vera, "Account of Vera Holm");
  await look(vera, "account");
  await press(vera, "Sign out");
  await press(vera, "Leave");
  await vera.waitForURL(/signed-out/);
  await look(vera, "signed-out");
  await vera.goto(`${home}/requests`);
  check(vera.url().includes("/sign-in"), "still signed in after signing out");
  await vera.goto(`${home}/requests?domain_hint=harbor.example`);
  await within(30, "the provider asks who it is", () => vera.getByRole("button", { name: "Vera Holm" }).isVisible());
  await vera.goto(setup.base);
  await look(vera, "front");
}
