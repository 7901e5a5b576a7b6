// The administration by hand, from an empty tenant: with scripts everything is
// looked at; without, the way that everybody must be able to go is gone.
import { finish, person, setup, step } from "./browser.mjs";
import { become, build, connect, resources, settings } from "./found.mjs";
import { after, partner } from "./partner.mjs";
import { quay } from "./quay.mjs";
import { keyboard, lists, twice } from "./desk.mjs";

const lena = await person({ javaScriptEnabled: Boolean(setup.scripts) });
await step("the one-time link makes the first administrator", () => become(lena));
await step("settings", () => settings(lena));
await step("a connected organization", () => connect(lena));
await step("a site, a team, a group, and a catalog with them", () => resources(lena));
let link = "";
await step("an access package", async () => { link = await build(lena); });
await step("somebody of the partner follows its link", () => partner(link));
await step("what administrators see and do then", () => after(lena));
await step("a partner with a provider that nobody knows", () => quay(lena));
if (setup.scripts) {
  await step("every list and page", () => lists(lena));
  await step("two windows change one catalog", () => twice(lena));
  await step("a wizard by keyboard alone", () => keyboard(lena));
}
await finish();
