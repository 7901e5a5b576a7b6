// Steps 4 to 7 of the scenario on a phone, and what administrators see of them.
import { check, home, link as linkOf, inspectPage, waitForMail, newWindow, press, setup, signIn, text, reloadUntil } from "./browser.mjs";
import { choose, fill, submitForm, pick, navigateTo, followLink } from "./forms.mjs";
import { inspectAdminPage } from "./configure.mjs";

export async function partnerRequest(link) {
  const mara = await newWindow({ javaScriptEnabled: Boolean(setup.scripts), viewport: { width: 390, height: 844 } });
  await mara.goto(link);
  await mara.getByLabel("Work email").fill("mara@harbor.example");
  await press(mara, "Continue");
  await signIn(mara, "Mara Lind");
  await mara.getByRole("heading", { name: "Tidal project" }).waitFor();
  await mara.getByLabel("Which part?").fill("The lights");
  await submitForm(mara, "Submit request");
  await reloadUntil(mara, "Everything was delivered");
  const message = await waitForMail("mara@harbor.example", "You now have access to Tidal project");
  await mara.goto(linkOf(message));
  const team = mara.getByRole("link", { name: "Open Tidal team" });
  check((await team.getAttribute("href")) === "https://teams.meridian.example/tidal", "the team cannot be opened");
  await mara.goto(`${home}/access-packages?tab=active`);
  check((await text(mara)).includes("Tidal project"), "what was delivered is not on the Active tab");
  if (setup.scripts) await inspectPage(mara, "partner-active");
}

// administratorFollowUp is the administrator's side: assignments, requests, a
// direct assignment to an unknown person, an import, a role.
export async function administratorFollowUp(lena) {
  await navigateTo(lena, "Assignments");
  await reloadUntil(lena, "Mara Lind");
  await inspectAdminPage(lena, "assignments");
  await followLink(lena, "Tidal project");
  await inspectAdminPage(lena, "assignment");
  await followLink(lena, "View request");
  check((await text(lena)).includes("The lights"), "the request does not show the answer");
  await inspectAdminPage(lena, "request");
  await navigateTo(lena, "Requests");
  await inspectAdminPage(lena, "requests");

  await navigateTo(lena, "Access packages");
  await followLink(lena, "Tidal project");
  await followLink(lena, "Assignments");
  await followLink(lena, "New assignment");
  await fill(lena, "Or the mail address of a new person", "tom@harbor.example");
  await fill(lena, "Name of the new person", "Tom Okafor");
  await inspectAdminPage(lena, "assign");
  await submitForm(lena, "Assign");
  await lena.getByRole("alert").first().waitFor();
  await inspectAdminPage(lena, "assign-fault");
  await fill(lena, "Which part?", "The sails");
  await submitForm(lena, "Assign");
  await lena.getByText("Access assigned.").waitFor();
  await reloadUntil(lena, "Tom Okafor");
  await navigateTo(lena, "Assignments");
  await reloadUntil(lena, "Tom Okafor");
  await lena.getByRole("checkbox", { name: "Select Tidal project of Tom Okafor" }).check();
  await submitForm(lena, "Remove");
  await fill(lena, "Reason", "Works on something else");
  await inspectAdminPage(lena, "assignment-remove");
  await submitForm(lena, "Remove");
  await lena.getByText("Assignment removed.").waitFor();
  await importPeople(lena);
  await assignRole(lena);
}

// importPeople imports a person from a list whose second line is at fault.
async function importPeople(lena) {
  await navigateTo(lena, "People");
  await followLink(lena, "Import");
  await inspectAdminPage(lena, "import");
  await fill(lena, "Or paste the list", "mail,displayName,manager,department,subject\nida@meridian.example,Ida Falk,lena@meridian.example,Design,ida\nomar@nowhere.example,Omar Haddad,,,\n");
  await submitForm(lena, "Continue");
  await inspectAdminPage(lena, "import-columns");
  await submitForm(lena, "Preview");
  await reloadUntil(lena, "1 of 2 lines can be imported.");
  await inspectAdminPage(lena, "import-preview");
  const preview = lena.url();
  await navigateTo(lena, "People");
  check(!(await text(lena)).includes("Ida Falk"), "a preview imports");
  await lena.goto(preview);
  await submitForm(lena, "Import 1, skip 1");
  await reloadUntil(lena, "1 of 2 lines imported.");
  await inspectAdminPage(lena, "import-done");
  await navigateTo(lena, "People");
  await followLink(lena, "Ida Falk");
  await inspectAdminPage(lena, "person-imported");
}

// assignRole assigns a role in the tenant.
async function assignRole(lena) {
  await navigateTo(lena, "Roles");
  await followLink(lena, "Assign role");
  await choose(lena, "Role", "Global administrator");
  await pick(lena, "Person or group", "ida", "Ida Falk");
  await submitForm(lena, "Assign role");
  await lena.getByText("Role assigned.").waitFor();
  await inspectAdminPage(lena, "roles");
  await followLink(lena, "What each role allows");
  await inspectAdminPage(lena, "roles-matrix");
}
