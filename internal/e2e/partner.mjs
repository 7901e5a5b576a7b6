// Steps 4 to 7 of the scenario on a telephone, and what administrators see of
// them.
import { check, home, link as linkOf, look, mail, person, press, setup, signIn, text, until } from "./browser.mjs";
import { fill, next, pick, place, to } from "./hand.mjs";
import { see } from "./found.mjs";

export async function partner(link) {
  const mara = await person({ javaScriptEnabled: Boolean(setup.scripts), viewport: { width: 390, height: 844 } });
  await mara.goto(link);
  await mara.getByLabel("Work address").fill("mara@harbor.example");
  await press(mara, "Continue");
  await signIn(mara, "Mara Lind");
  await mara.getByRole("heading", { name: "Tidal project" }).waitFor();
  await mara.getByLabel("Which part?").fill("The lights");
  await next(mara, "Submit request");
  await until(mara, "Everything was delivered");
  const told = await mail("mara@harbor.example", "You now have access to Tidal project");
  await mara.goto(linkOf(told));
  const team = mara.getByRole("link", { name: "Open Tidal team" });
  check((await team.getAttribute("href")) === "https://teams.meridian.example/tidal", "the team cannot be opened");
  await mara.goto(`${home}/access-packages?tab=active`);
  check((await text(mara)).includes("Tidal project"), "what was delivered is not on the Active tab");
  if (setup.scripts) await look(mara, "partner-active");
}

// after is the administrator's side of it, and an assignment to somebody whom
// nobody knows yet.
export async function after(lena) {
  await place(lena, "Assignments");
  await until(lena, "Mara Lind");
  await see(lena, "assignments");
  await to(lena, "Mara Lind");
  await see(lena, "assignment");
  await to(lena, "The request that brought it about");
  check((await text(lena)).includes("The lights"), "the request does not show the answer");
  await see(lena, "request");
  await place(lena, "Requests");
  await see(lena, "requests");

  await place(lena, "Access packages");
  await to(lena, "Tidal project");
  await to(lena, "Assignments");
  await to(lena, "New assignment");
  await fill(lena, "Or a mail address of somebody who is not known yet", "tom@harbor.example");
  await fill(lena, "Name of that person", "Tom Okafor");
  await see(lena, "assign");
  await next(lena, "Assign");
  await lena.getByRole("alert").first().waitFor();
  await see(lena, "assign-fault");
  await fill(lena, "Which part?", "The sails");
  await next(lena, "Assign");
  await lena.getByText("Assigned.").waitFor();
  await until(lena, "Tom Okafor");
  await place(lena, "Assignments");
  await until(lena, "Tom Okafor");
  await lena.getByRole("checkbox", { name: "Choose Tidal project of Tom Okafor" }).check();
  await next(lena, "Remove");
  await fill(lena, "Reason", "Works on something else");
  await see(lena, "assignment-remove");
  await next(lena, "Remove");
  await lena.getByText("Removed.").waitFor();
  await imported(lena);
  await given(lena);
}

async function imported(lena) {
  await place(lena, "People");
  await to(lena, "Import");
  await fill(lena, "The file's text", "mail,displayName,manager,department\nida@meridian.example,Ida Falk,lena@meridian.example,Design\nomar@nowhere.example,Omar Haddad,,\n");
  await next(lena, "Try it, without changing anything");
  await lena.getByText("1 lines are at fault").waitFor();
  await see(lena, "import-fault");
  await fill(lena, "The file's text", "mail,displayName,manager,department\nida@meridian.example,Ida Falk,lena@meridian.example,Design\n");
  await next(lena, "Try it, without changing anything");
  await see(lena, "import");
  await place(lena, "People");
  check(!(await text(lena)).includes("Ida Falk"), "a dry run imports");
  await to(lena, "Import");
  await fill(lena, "The file's text", "mail,displayName,manager,department\nida@meridian.example,Ida Falk,lena@meridian.example,Design\n");
  await next(lena, "Try it, without changing anything");
  await next(lena, "Import them now");
  await lena.getByText("The people were imported.").waitFor();
  await to(lena, "Ida Falk");
  await see(lena, "person-imported");
}

// given gives a role in the catalog, and takes it away.
async function given(lena) {
  await place(lena, "Roles");
  await pick(lena, "To whom", "ida", "Ida Falk");
  await next(lena, "Give the role");
  await lena.getByText("The role was given.").waitFor();
  await see(lena, "roles");
}
