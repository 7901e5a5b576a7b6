// Filling in forms of administrators as a person does: by what stands on the
// page. All of it works with scripts off too.
import { setup } from "./browser.mjs";

const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const begins = (text) => new RegExp(`^\\s*${escape(text)}`);
const labelled = (text) => new RegExp(`^\\s*${escape(text)}\\s*\\*?\\s*$`);

// field is the field with the label.
export const field = (page, label) => page.getByLabel(labelled(label));
export const fill = (page, label, text) => field(page, label).fill(text);
export const select = (page, label, option) => field(page, label).selectOption({ label: option });

const group = (page, name) => page.getByRole("group", { name, exact: true });

// choose picks one of the options of a group.
export const choose = (page, name, option) => group(page, name).getByLabel(begins(option)).check();

// pick searches in a picker and ticks what is found.
export async function pick(page, name, text, option) {
  const picker = group(page, name);
  await picker.getByRole("searchbox").fill(text);
  if (!setup.scripts) await go(page, () => picker.getByRole("button", { name: "Find" }).click());
  await picker.getByLabel(begins(option)).first().check();
}

// go does what brings another page, or the same anew, and waits for it.
export async function go(page, run) {
  await Promise.all([page.waitForEvent("domcontentloaded"), run()]);
}

// next presses a button that sends the form.
export const next = (page, name) => go(page, () => page.getByRole("button", { name, exact: true }).click());

// to follows a link.
export const to = (page, name) => go(page, () => page.getByRole("main").getByRole("link", { name, exact: true }).first().click());

// place opens a place of the navigation of administrators.
export const place = (page, name) =>
  go(page, () => page.getByRole("navigation", { name: "Main" }).getByRole("link", { name, exact: true }).click());
