// What is done at a desk, with scripts: every page looked at, two windows, the
// keyboard.
import { check, home, tab, text } from "./browser.mjs";
import { field, fill, go, next, place, to } from "./hand.mjs";
import { see } from "./found.mjs";

export async function lists(lena) {
  await lena.goto(`${home}/admin/`);
  await see(lena, "overview");
  for (const name of ["Access packages", "Catalogs", "Connected organizations", "People", "Targets and resources"]) {
    await place(lena, name);
    await see(lena, `list-${name.toLowerCase().replaceAll(" ", "-")}`);
  }
  await to(lena, "Tidal team");
  await see(lena, "entry");
  await to(lena, "Edit");
  await see(lena, "entry-edit");
  await place(lena, "People");
  await to(lena, "Add somebody");
  await see(lena, "person-new");
  await place(lena, "People");
  await lena.getByRole("searchbox").fill("mara");
  await next(lena, "Show");
  await to(lena, "Mara Lind");
  await see(lena, "person-guest");
  await to(lena, "Edit");
  await see(lena, "person-edit");
  await place(lena, "People");
  await lena.getByRole("searchbox").fill("nobody of this name");
  await next(lena, "Show");
  await see(lena, "list-nothing");
  await place(lena, "Catalogs");
  await to(lena, "Partner projects");
  await see(lena, "catalog");
  await to(lena, "Roles and administrators");
  await see(lena, "catalog-roles");
  await place(lena, "Access packages");
  await to(lena, "Tidal project");
  await packagePages(lena);
  await place(lena, "Connected organizations");
  await to(lena, "Harbor Studio");
  await see(lena, "organization-page");
  await to(lena, "Edit");
  await see(lena, "organization-edit");
}

async function packagePages(lena) {
  const at = lena.url();
  for (const [path, name] of [["roles", "package-roles"], ["roles/change", "package-roles-change"], ["policies", "policies"], ["policies/new", "policy-new"],
    ["edit", "package-edit"], ["who?address=mara@harbor.example", "package-who"]]) {
    await lena.goto(`${at.replace(/\?.*/, "")}/${path}`);
    await see(lena, name);
  }
  await lena.goto(`${at.replace(/\?.*/, "")}/policies`);
  await to(lena, "Initial Policy");
  await see(lena, "policy");
  await to(lena, "Edit");
  await see(lena, "policy-edit");
}

// twice changes a catalog in two windows: who comes second sees what the first
// has changed, and nothing of either is lost.
export async function twice(lena) {
  await place(lena, "Catalogs");
  await to(lena, "Partner projects");
  await to(lena, "Edit");
  const other = await tab(lena.context());
  await other.goto(lena.url());
  await fill(lena, "Name", "Projects with partners");
  await next(lena, "Save");
  await lena.getByText("Saved.").waitFor();
  await fill(other, "Description", "Where partners help us");
  await next(other, "Save");
  await other.getByText("Somebody else has saved this meanwhile").waitFor();
  check((await text(other)).includes("Projects with partners"), "the second window does not show what the first one changed");
  check((await field(other, "Description").inputValue()) === "Where partners help us", "what the second window typed is lost");
  await see(other, "conflict");
  await fill(other, "Name", "Projects with partners");
  await next(other, "Save");
  await other.getByText("Saved.").waitFor();
  check((await text(other)).includes("Where partners help us"), "what the second window saved is not there");
}

// keyboard makes an access package without touching the mouse: what is wanted is
// reached by the tabulator, and seen to have the focus.
export async function keyboard(lena) {
  await lena.goto(`${home}/admin/access-packages/new`);
  await reach(lena, field(lena, "Name"));
  await lena.keyboard.type("Tidal board");
  await reach(lena, field(lena, "Description"));
  await lena.keyboard.type("Made by keyboard");
  await reach(lena, lena.getByRole("searchbox", { name: /^Catalog/ }));
  await lena.keyboard.type("projects");
  const found = lena.getByLabel(/^\s*Projects with partners/).first();
  await found.waitFor();
  await reach(lena, found);
  await lena.keyboard.press("Space");
  await enterAt(lena, "Next: Resource roles");
  await reach(lena, lena.getByLabel("Tidal site: Member"));
  await lena.keyboard.press("Space");
  await enterAt(lena, "Next: Requests");
  const scopes = lena.getByRole("group", { name: "Users who can request access" }).getByRole("radio");
  await reach(lena, scopes.first());
  await lena.keyboard.press("ArrowDown"); // from specific users to all members
  await enterAt(lena, "Next: Requestor information");
  await enterAt(lena, "Next: Lifecycle");
  await enterAt(lena, "Next: Review and create");
  await enterAt(lena, "Create");
  await lena.getByText("Created.").waitFor();
  check((await text(lena)).includes("Tidal board"), "the wizard is not finished by keyboard");
}

// reach presses the tabulator until the element has the focus, which must show.
async function reach(page, wanted) {
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
  throw new Error(`not reached by the tabulator: ${wanted}`);
}

// enterAt presses a button by keyboard.
async function enterAt(page, name) {
  await reach(page, page.getByRole("button", { name, exact: true }));
  await go(page, () => page.keyboard.press("Enter"));
}
