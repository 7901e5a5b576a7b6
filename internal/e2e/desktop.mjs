// Checks on a desktop with scripts: every page, concurrent edits, the keyboard.
import { check, home, newTab, text } from "./browser.mjs";
import { field, fill, waitForLoad, submitForm, navigateTo, followLink } from "./forms.mjs";
import { inspectAdminPage } from "./configure.mjs";

export async function inspectLists(lena) {
  await lena.goto(`${home}/admin/`);
  await inspectAdminPage(lena, "overview");
  for (const name of ["Access packages", "Catalogs", "Connected organizations", "People", "Targets and resources"]) {
    await navigateTo(lena, name);
    await inspectAdminPage(lena, `list-${name.toLowerCase().replaceAll(" ", "-")}`);
  }
  await followLink(lena, "Tidal team");
  await inspectAdminPage(lena, "entry");
  await followLink(lena, "Edit");
  await inspectAdminPage(lena, "entry-edit");
  await navigateTo(lena, "People");
  await followLink(lena, "Add person");
  await inspectAdminPage(lena, "person-new");
  await navigateTo(lena, "People");
  await lena.getByRole("searchbox").fill("mara");
  await submitForm(lena, "Apply");
  await followLink(lena, "Mara Lind");
  await inspectAdminPage(lena, "person-guest");
  await followLink(lena, "Edit");
  await inspectAdminPage(lena, "person-edit");
  await navigateTo(lena, "People");
  await lena.getByRole("searchbox").fill("nobody of this name");
  await submitForm(lena, "Apply");
  await inspectAdminPage(lena, "list-nothing");
  await navigateTo(lena, "Catalogs");
  await followLink(lena, "Partner projects");
  await inspectAdminPage(lena, "catalog");
  await followLink(lena, "Roles and administrators");
  await inspectAdminPage(lena, "catalog-roles");
  await navigateTo(lena, "Access packages");
  await followLink(lena, "Tidal project");
  await packagePages(lena);
  await navigateTo(lena, "Connected organizations");
  await followLink(lena, "Harbor Studio");
  await inspectAdminPage(lena, "organization-page");
  await followLink(lena, "Edit");
  await inspectAdminPage(lena, "organization-edit");
}

async function packagePages(lena) {
  const at = lena.url();
  for (const [path, name] of [["roles", "package-roles"], ["roles/change", "package-roles-change"], ["policies", "policies"], ["policies/new", "policy-new"],
    ["edit", "package-edit"], ["who?address=mara@harbor.example", "package-who"]]) {
    await lena.goto(`${at.replace(/\?.*/, "")}/${path}`);
    await inspectAdminPage(lena, name);
  }
  await lena.goto(`${at.replace(/\?.*/, "")}/policies`);
  await followLink(lena, "Initial Policy");
  await inspectAdminPage(lena, "policy");
  await followLink(lena, "Edit");
  await inspectAdminPage(lena, "policy-edit");
}

// concurrentEdit changes a catalog in two windows: the second one is shown the
// change of the first, and neither is lost.
export async function concurrentEdit(lena) {
  await navigateTo(lena, "Catalogs");
  await followLink(lena, "Partner projects");
  await followLink(lena, "Edit");
  const other = await newTab(lena.context());
  await other.goto(lena.url());
  await fill(lena, "Name", "Projects with partners");
  await submitForm(lena, "Save");
  await lena.getByText("Catalog saved.").waitFor();
  await fill(other, "Description", "Where partners help us");
  await submitForm(other, "Save");
  await other.getByText("Someone else saved changes while you were editing").waitFor();
  check((await text(other)).includes("Projects with partners"), "the second window does not show what the first one changed");
  check((await field(other, "Description").inputValue()) === "Where partners help us", "what the second window typed is lost");
  await inspectAdminPage(other, "conflict");
  await fill(other, "Name", "Projects with partners");
  await submitForm(other, "Save");
  await other.getByText("Catalog saved.").waitFor();
  check((await text(other)).includes("Where partners help us"), "what the second window saved is not there");
}

// keyboardWizard creates an access package with the keyboard only; each control
// must be reachable with Tab and show its focus.
export async function keyboardWizard(lena) {
  await lena.goto(`${home}/admin/access-packages/new`);
  await tabTo(lena, field(lena, "Name"));
  await lena.keyboard.type("Tidal board");
  await tabTo(lena, field(lena, "Description"));
  await lena.keyboard.type("Made by keyboard");
  await tabTo(lena, lena.getByRole("searchbox", { name: /^Catalog/ }));
  const answer = lena.waitForResponse((response) => response.url().endsWith("&q=projects"));
  await lena.keyboard.type("projects");
  await answer; // until then other catalogs are listed
  const found = lena.getByLabel(/^\s*Projects with partners/).first();
  await found.waitFor();
  // The catalogs are one group of radio buttons. Tab reaches the chosen one, which is
  // before the search; the arrow keys reach those that were found.
  await lena.keyboard.press("Shift+Tab");
  await lena.keyboard.press("ArrowDown");
  check(await found.isChecked(), "the catalog is not chosen by keyboard");
  await pressByKeyboard(lena, "Next: Resource roles");
  await tabTo(lena, lena.getByLabel("Tidal site: Member"));
  await lena.keyboard.press("Space");
  await pressByKeyboard(lena, "Next: Requests");
  const scopes = lena.getByRole("group", { name: "Users who can request access" }).getByRole("radio");
  await tabTo(lena, scopes.first());
  await lena.keyboard.press("ArrowDown"); // from specific users to all members
  await pressByKeyboard(lena, "Next: Requestor information");
  await pressByKeyboard(lena, "Next: Lifecycle");
  await pressByKeyboard(lena, "Next: Review and create");
  await pressByKeyboard(lena, "Create");
  await lena.getByText("Access package created.").waitFor();
  check((await text(lena)).includes("Tidal board"), "the wizard is not finished by keyboard");
}

// tabTo presses Tab until the element has the focus, which must be visible.
async function tabTo(page, wanted) {
  for (let presses = 0; presses < 150; presses++) {
    if (await wanted.evaluate((element) => element === document.activeElement)) {
      const seen = await wanted.evaluate((element) => {
        const style = getComputedStyle(element);
        return element.matches(":focus-visible") && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
      });
      check(seen, `the focus does not show on ${wanted}`);
      return;
    }
    await page.keyboard.press("Tab");
  }
  throw new Error(`not reachable with Tab: ${wanted}`);
}

// pressByKeyboard presses a button by keyboard.
async function pressByKeyboard(page, name) {
  await tabTo(page, page.getByRole("button", { name, exact: true }));
  await waitForLoad(page, () => page.keyboard.press("Enter"));
}
