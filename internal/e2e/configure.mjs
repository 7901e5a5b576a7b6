// Steps 1 to 3 of the scenario, by hand.
import { check, home, inspectPage, press, setup, signIn, text } from "./browser.mjs";
import { choose, field, fill, submitForm, pick, navigateTo, select, followLink } from "./forms.mjs";

// inspectAdminPage inspects a page, if scripts are on.
export const inspectAdminPage = (page, name) => (setup.scripts ? inspectPage(page, `admin-${name}`) : undefined);

// becomeAdministrator follows the one-time link and takes the role.
export async function becomeAdministrator(lena) {
  await lena.goto(setup.link);
  if (!lena.url().includes("/interaction/")) {
    await lena.getByLabel("Work email").fill("lena@meridian.example");
    await press(lena, "Continue");
  }
  await signIn(lena, "Lena Berg");
  await lena.getByRole("heading", { name: "Become the first administrator" }).waitFor();
  await inspectAdminPage(lena, "setup");
  await submitForm(lena, "Become global administrator");
  await lena.getByText("Everything is running.").waitFor();
  await inspectAdminPage(lena, "overview-empty");
  const again = await lena.request.get(setup.link);
  check(again.status() === 404, `the one-time link works twice: ${again.status()}`);
}

export async function changeSettings(lena) {
  await navigateTo(lena, "Settings");
  await choose(lena, "One-time passcodes", "Yes");
  await fill(lena, "Support contact", "service@meridian.example");
  await fill(lena, "Default time zone", "Middle Earth");
  await submitForm(lena, "Save");
  await lena.getByRole("alert").first().waitFor();
  check((await field(lena, "Support contact").inputValue()) === "service@meridian.example", "what was typed is lost");
  await inspectAdminPage(lena, "settings-fault");
  await fill(lena, "Default time zone", "Europe/Berlin");
  await submitForm(lena, "Save");
  await lena.getByText("Settings saved.").waitFor();
  await inspectAdminPage(lena, "settings");
}

// connectOrganization adds the partner by its domain.
export async function connectOrganization(lena) {
  await navigateTo(lena, "Connected organizations");
  await inspectAdminPage(lena, "organizations-empty");
  await followLink(lena, "New connected organization");
  await fill(lena, "Name", "Harbor Studio");
  await fill(lena, "Description", "Design agency");
  await inspectAdminPage(lena, "organization-new-1");
  await submitForm(lena, "Next: Directory + domain");
  await fill(lena, "Domain", "harbor.example");
  await submitForm(lena, "Look up");
  await lena.getByRole("heading", { name: "harbor.example belongs to Harbor Studio" }).waitFor();
  await inspectAdminPage(lena, "organization-new-2");
  await submitForm(lena, "Add Harbor Studio");
  await submitForm(lena, "Next: Sponsors");
  await pick(lena, "Internal sponsors", "lena", "Lena Berg");
  await inspectAdminPage(lena, "organization-new-3");
  await submitForm(lena, "Next: Review + create");
  await inspectAdminPage(lena, "organization-new-4");
  await submitForm(lena, "Create");
  await lena.getByText("Connected organization created.").waitFor();
  await inspectAdminPage(lena, "organization");
}

// createResources creates three entries of the built-in directory and a catalog
// with them.
export async function createResources(lena) {
  await navigateTo(lena, "Targets and resources");
  await inspectAdminPage(lena, "directory-empty");
  for (const [kind, name, link] of [["Site", "Tidal site", "https://sites.meridian.example/tidal"], ["Team", "Tidal team", "https://teams.meridian.example/tidal"], ["Group", "Reviewers", ""]]) {
    await navigateTo(lena, "Targets and resources");
    await followLink(lena, "New");
    await fill(lena, "Name", name);
    await select(lena, "Resource type", kind);
    await fill(lena, "Link", link);
    if (kind === "Group") await inspectAdminPage(lena, "directory-new");
    await submitForm(lena, "Create");
    await lena.getByText("Resource created.").waitFor();
  }
  await navigateTo(lena, "Catalogs");
  await inspectAdminPage(lena, "catalogs-empty");
  await followLink(lena, "New catalog");
  await fill(lena, "Name", "Partner projects");
  await fill(lena, "Description", "What partners work on with us");
  await choose(lena, "Enabled", "Yes");
  await choose(lena, "Enabled for external users", "Yes");
  await inspectAdminPage(lena, "catalog-new");
  await submitForm(lena, "Create");
  await followLink(lena, "Resources");
  await followLink(lena, "Add resources");
  for (const name of ["Tidal site", "Tidal team", "Reviewers"]) await lena.getByRole("checkbox", { name: `Select ${name}` }).check();
  await inspectAdminPage(lena, "catalog-add");
  await submitForm(lena, "Add");
  await lena.getByText("Resources added to the catalog.").waitFor();
  await inspectAdminPage(lena, "catalog-resources");
}

// expectStepsReload goes back in the browser from the review to the first step, loads each
// page again, and returns to the review.
async function expectStepsReload(lena) {
  const step = () => lena.locator('[aria-current="step"]').innerText();
  for (let n = 0; (await step()) !== "Basics"; n++) {
    check(n < 20, "the first step is not reached by going back");
    await lena.goBack();
    await lena.reload();
  }
  check((await field(lena, "Name").inputValue()) === "Tidal project", "going back has lost the name");
  const next = ["Resource roles", "Requests", "Requestor information", "Lifecycle", "Review and create"];
  for (const name of next) {
    await submitForm(lena, `Next: ${name}`);
    await lena.reload();
    check((await step()) === name, `${await step()} is shown instead of ${name}`);
  }
}

// createPackage creates the access package with the wizard and returns its
// link.
export async function createPackage(lena) {
  await navigateTo(lena, "Access packages");
  await inspectAdminPage(lena, "packages-empty");
  await followLink(lena, "New access package");
  await fill(lena, "Name", "Tidal project");
  await fill(lena, "Description", "Team and documents");
  await pick(lena, "Catalog", "partner", "Partner projects");
  await inspectAdminPage(lena, "package-new-1");
  await submitForm(lena, "Next: Resource roles");
  await lena.getByLabel("Tidal team: Member").check();
  await lena.getByLabel("Tidal site: Member").check();
  await inspectAdminPage(lena, "package-new-2");
  await submitForm(lena, "Next: Requests");
  await choose(lena, "Users who can request access", "For users not in your directory: specific connected organizations");
  await pick(lena, "Connected organizations whose users can request", "harbor", "Harbor Studio");
  await choose(lena, "Require requestor justification", "No");
  await inspectAdminPage(lena, "package-new-3");
  await submitForm(lena, "Next: Requestor information");
  await submitForm(lena, "Add question");
  await fill(lena, "Text of question 1", "Which part?");
  await choose(lena, "Require an answer to question 1", "Yes");
  await inspectAdminPage(lena, "package-new-4");
  await submitForm(lena, "Next: Lifecycle");
  await choose(lena, "Access package assignments expire", "After a number of days");
  await fill(lena, "Number of days", "99999");
  await inspectAdminPage(lena, "package-new-5");
  await submitForm(lena, "Next: Review and create");
  await lena.getByRole("alert").first().waitFor();
  const focused = await lena.getByRole("alert").first().evaluate((e) => e === document.activeElement);
  check(focused || !setup.scripts, "the faults have no focus");
  await inspectAdminPage(lena, "package-new-fault");
  await fill(lena, "Number of days", "30");
  await submitForm(lena, "Next: Review and create");
  await expectStepsReload(lena);
  check((await text(lena)).includes("Which part?"), "the review does not show the question");
  await inspectAdminPage(lena, "package-new-6");
  await submitForm(lena, "Create");
  await lena.getByText("Access package created.").waitFor();
  await inspectAdminPage(lena, "package");
  const link = await field(lena, "Link").inputValue();
  check(link.startsWith(`${home}/access-packages/`), `the My Access portal link is ${link}`);
  return link;
}
