// Administration by hand, from an empty tenant. With scripts, every page is
// inspected; without, only the essential steps run, which must work for
// everyone.
import { finish, newWindow, setup, step } from "./browser.mjs";
import { becomeAdministrator, createPackage, connectOrganization, createResources, changeSettings } from "./configure.mjs";
import { administratorFollowUp, partnerRequest } from "./partner.mjs";
import { ownProvider } from "./own-provider.mjs";
import { keyboardWizard, inspectLists, concurrentEdit } from "./desktop.mjs";

const lena = await newWindow({ javaScriptEnabled: Boolean(setup.scripts) });
await step("the one-time link makes the first administrator", () => becomeAdministrator(lena));
await step("settings", () => changeSettings(lena));
await step("a connected organization", () => connectOrganization(lena));
await step("a site, a team, a group, and a catalog with them", () => createResources(lena));
let link = "";
await step("an access package", async () => { link = await createPackage(lena); });
await step("a person of the partner follows its link", () => partnerRequest(link));
await step("what administrators see and do afterwards", () => administratorFollowUp(lena));
await step("a partner with an unknown provider", () => ownProvider(lena));
if (setup.scripts) {
  await step("every list and page", () => inspectLists(lena));
  await step("two windows change one catalog", () => concurrentEdit(lena));
  await step("a wizard by keyboard alone", () => keyboardWizard(lena));
}
await finish();
