// Steps 1 to 3 of the scenario, by hand.
import { check, home, look, press, setup, signIn, text } from "./browser.mjs";
import { choose, field, fill, next, pick, place, select, to } from "./hand.mjs";

// see looks at a page, if there are scripts to look with.
export const see = (page, name) => (setup.scripts ? look(page, `admin-${name}`) : undefined);

// become follows the one-time link and takes the role.
export async function become(lena) {
  await lena.goto(setup.link);
  if (!lena.url().includes("/interaction/")) {
    await lena.getByLabel("Work address").fill("lena@meridian.example");
    await press(lena, "Continue");
  }
  await signIn(lena, "Lena Berg");
  await lena.getByRole("heading", { name: "Become the first administrator" }).waitFor();
  await see(lena, "setup");
  await next(lena, "Become global administrator");
  await lena.getByText("Nothing is stuck.").waitFor();
  await see(lena, "overview-empty");
  const again = await lena.request.get(setup.link);
  check(again.status() === 404, `the one-time link works twice: ${again.status()}`);
}

export async function settings(lena) {
  await place(lena, "Settings");
  await choose(lena, "One-time passcodes", "Yes");
  await fill(lena, "Support contact", "service@meridian.example");
  await fill(lena, "Time zone of people who have not chosen one", "Middle Earth");
  await next(lena, "Save");
  await lena.getByRole("alert").first().waitFor();
  check((await field(lena, "Support contact").inputValue()) === "service@meridian.example", "what was typed is lost");
  await see(lena, "settings-fault");
  await fill(lena, "Time zone of people who have not chosen one", "Europe/Berlin");
  await next(lena, "Save");
  await lena.getByText("Saved.").waitFor();
  await see(lena, "settings");
}

// connect adds the partner by its domain.
export async function connect(lena) {
  await place(lena, "Connected organizations");
  await see(lena, "organizations-empty");
  await to(lena, "New connected organization");
  await fill(lena, "Name", "Harbor Studio");
  await fill(lena, "Description", "Design agency");
  await see(lena, "organization-new-1");
  await next(lena, "Next: Directory + domain");
  await fill(lena, "Domain", "harbor.example");
  await next(lena, "Look up");
  await lena.getByRole("heading", { name: "harbor.example belongs to Harbor Studio" }).waitFor();
  await see(lena, "organization-new-2");
  await next(lena, "Add Harbor Studio");
  await next(lena, "Next: Sponsors");
  await pick(lena, "Internal sponsors", "lena", "Lena Berg");
  await see(lena, "organization-new-3");
  await next(lena, "Next: Review + create");
  await see(lena, "organization-new-4");
  await next(lena, "Create");
  await lena.getByText("Created.").waitFor();
  await see(lena, "organization");
}

// resources makes three entries of the built-in directory, and a catalog of
// them.
export async function resources(lena) {
  await place(lena, "Targets and resources");
  await see(lena, "directory-empty");
  for (const [kind, name, link] of [["Site", "Tidal site", "https://sites.meridian.example/tidal"], ["Team", "Tidal team", "https://teams.meridian.example/tidal"], ["Group", "Reviewers", ""]]) {
    await place(lena, "Targets and resources");
    await to(lena, "New");
    await fill(lena, "Name", name);
    await select(lena, "What it is", kind);
    await fill(lena, "Link", link);
    if (kind === "Group") await see(lena, "directory-new");
    await next(lena, "Create");
    await lena.getByText("Created.").waitFor();
  }
  await place(lena, "Catalogs");
  await see(lena, "catalogs-empty");
  await to(lena, "New catalog");
  await fill(lena, "Name", "Partner projects");
  await fill(lena, "Description", "What partners work on with us");
  await choose(lena, "Enabled", "Yes");
  await choose(lena, "Enabled for external users", "Yes");
  await see(lena, "catalog-new");
  await next(lena, "Create");
  await to(lena, "Resources");
  await to(lena, "Add resources");
  for (const name of ["Tidal site", "Tidal team", "Reviewers"]) await lena.getByRole("checkbox", { name: `Choose ${name}` }).check();
  await see(lena, "catalog-add");
  await next(lena, "Add");
  await lena.getByText("Added.").waitFor();
  await see(lena, "catalog-resources");
}

// build makes the access package with the wizard, and returns its link.
export async function build(lena) {
  await place(lena, "Access packages");
  await see(lena, "packages-empty");
  await to(lena, "New access package");
  await fill(lena, "Name", "Tidal project");
  await fill(lena, "Description", "Team and documents");
  await pick(lena, "Catalog", "partner", "Partner projects");
  await see(lena, "package-new-1");
  await next(lena, "Next: Resource roles");
  await lena.getByLabel("Tidal team: Member").check();
  await lena.getByLabel("Tidal site: Member").check();
  await see(lena, "package-new-2");
  await next(lena, "Next: Requests");
  await choose(lena, "Users who can request access", "For users not in your directory: specific connected organizations");
  await pick(lena, "Connected organizations whose users can request", "harbor", "Harbor Studio");
  await choose(lena, "Require requestor justification", "No");
  await see(lena, "package-new-3");
  await next(lena, "Next: Requestor information");
  await next(lena, "Add a question");
  await fill(lena, "Text of question 1", "Which part?");
  await choose(lena, "Question 1 must be answered", "Yes");
  await see(lena, "package-new-4");
  await next(lena, "Next: Lifecycle");
  await choose(lena, "Access package assignments expire", "After a number of days");
  await fill(lena, "Expire after how many days", "99999");
  await see(lena, "package-new-5");
  await next(lena, "Next: Review and create");
  await next(lena, "Create");
  await lena.getByRole("alert").first().waitFor();
  await see(lena, "package-new-fault");
  await next(lena, "Go to Lifecycle");
  await fill(lena, "Expire after how many days", "30");
  await next(lena, "Next: Review and create");
  check((await text(lena)).includes("Which part?"), "the review does not show the question");
  await see(lena, "package-new-6");
  await next(lena, "Create");
  await lena.getByText("Created.").waitFor();
  await see(lena, "package");
  const link = await field(lena, "Link").inputValue();
  check(link.startsWith(`${home}/access-packages/`), `the My Access portal link is ${link}`);
  return link;
}
