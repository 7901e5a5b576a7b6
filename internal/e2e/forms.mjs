// Fills in the administrators' forms by their visible labels. Works with
// scripts off too.
import { setup } from "./browser.mjs";

const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const prefixPattern = (text) => new RegExp(`^\\s*${escape(text)}`);
const labelPattern = (text) => new RegExp(`^\\s*${escape(text)}\\s*\\*?\\s*$`);

// field returns the field with the label.
export const field = (page, label) => page.getByLabel(labelPattern(label));
export const fill = (page, label, text) => field(page, label).fill(text);
export const select = (page, label, option) => field(page, label).selectOption({ label: option });

const group = (page, name) => page.getByRole("group", { name, exact: true });

// choose selects an option of a group.
export const choose = (page, name, option) => group(page, name).getByLabel(prefixPattern(option)).check();

// pick searches in a picker and selects the result.
export async function pick(page, name, text, option) {
  const picker = group(page, name);
  await picker.getByRole("searchbox").fill(text);
  if (!setup.scripts) await waitForLoad(page, () => picker.getByRole("button", { name: "Find" }).click());
  await picker.getByLabel(prefixPattern(option)).first().check();
}

// waitForLoad runs an action that loads a page and waits for it.
export async function waitForLoad(page, run) {
  await Promise.all([page.waitForEvent("domcontentloaded"), run()]);
}

// submitForm presses a button that sends the form, and waits for the page.
export const submitForm = (page, name) => waitForLoad(page, () => page.getByRole("button", { name, exact: true }).click());

// followLink follows a link in the main content.
export const followLink = (page, name) => waitForLoad(page, () => page.getByRole("main").getByRole("link", { name, exact: true }).first().click());

// navigateTo opens a page through the administrators' navigation.
export const navigateTo = (page, name) =>
  waitForLoad(page, () => page.getByRole("navigation", { name: "Main" }).getByRole("link", { name, exact: true }).click());
