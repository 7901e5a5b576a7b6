// What the scenario needs of a browser: people with their own windows,
// screenshots at two widths in light and dark, and axe on each page.
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { chromium } from "playwright-core";

const axe = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
export const setup = JSON.parse(process.env.E2E_SETUP);
export const home = `${setup.base}/@meridian.example`;

const browser = await chromium.launch({
  executablePath: setup.chromium,
  args: process.getuid() === 0 ? ["--no-sandbox"] : [],
});

let faults = 0;
export function fail(text) {
  faults++;
  console.log("FAULT", text);
}
export function check(truth, text) {
  if (!truth) fail(text);
}
export async function finish() {
  await browser.close();
  process.exit(faults ? 1 : 0);
}

// step runs a part of the scenario. What goes wrong in it does not keep the
// others from being run.
const began = Date.now();
export async function step(name, run) {
  console.log(`${Math.round((Date.now() - began) / 1000)} s: ${name}`);
  try {
    await run();
  } catch (error) {
    fail(`${name}: ${error.stack}`);
  }
}

// person opens a window of its own. Scripts can be turned off.
export async function person(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "en-GB", ...options });
  context.setDefaultTimeout(60000);
  return tab(context);
}

// tab opens another tab of the same window. What the browser itself complains
// about, such as a breach of the content security policy, is a fault.
export async function tab(context) {
  const page = await context.newPage();
  page.on("pageerror", (error) => fail(`script error at ${page.url()}: ${error}`));
  page.on("console", (m) => {
    if (m.type() === "error" && !/status of (4\d\d|503)/.test(m.text())) fail(`console at ${page.url()}: ${m.text()}`);
  });
  return page;
}

// look keeps what the page looks like and lets axe look at it.
export async function look(page, name) {
  const before = page.viewportSize();
  for (const width of [320, 1280, 390]) {
    await page.setViewportSize({ width, height: 900 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    check(wide <= width, `${name} is ${wide} pixels wide at ${width}`);
    if (width === 320) continue;
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: path.join(setup.artifacts, `${name}-${width}-${colorScheme}.png`), fullPage: true });
      await judge(page, `${name}, ${width}, ${colorScheme}`, colorScheme === "dark" ? ["color-contrast"] : undefined);
    }
  }
  await page.setViewportSize(before);
  await page.emulateMedia({ colorScheme: "light" });
}

// reported has the violations that axe has found already; each is reported once.
const reported = new Set();

// judge lets axe look. What only structure decides is the same in the dark.
async function judge(page, name, runOnly) {
  if (!(await page.evaluate(() => Boolean(globalThis.axe)))) await page.evaluate(axe);
  const { violations } = await page.evaluate((only) => globalThis.axe.run(only ? { runOnly: only } : {}), runOnly);
  for (const v of violations) {
    const fault = `${v.id} ${v.nodes[0].html} ${v.nodes[0].failureSummary}`;
    if (!reported.has(fault)) fail(`axe at ${name}: ${fault}`);
    reported.add(fault);
  }
}

// signIn chooses the account at the provider's page.
export async function signIn(page, name) {
  await page.getByRole("button", { name, exact: true }).click();
  await page.waitForURL((url) => url.origin === setup.base);
}

// enter signs a person in for a page of Meridian Works and opens it.
export async function enter(name, path, options) {
  const page = await person(options);
  const domain = ["Lena Berg", "Ida Falk", "Omar Haddad"].includes(name) ? "meridian.example" : "harbor.example";
  await page.goto(`${home}${path}?domain_hint=${domain}`);
  await signIn(page, name);
  return page;
}

// open follows a link, and submit sends a request; both wait for the page that
// comes, since a click itself does not.
export async function open(page, name) {
  const from = page.url();
  await page.getByRole("link", { name, exact: true }).first().click();
  await page.waitForURL((url) => url.href !== from);
}
export async function submit(page) {
  await press(page, "Submit request");
  await page.waitForURL(sent);
}
// sent is where a submitted request leads: its own page, which says so.
export const sent = /\/requests\/[0-9a-f-]{36}\?done=sent$/;
// arrived waits until a request was sent that was perhaps sent twice: one way
// there may be broken off for the other.
export async function arrived(page) {
  await within(60, `${page.url()} leads to the request`, async () => sent.test(page.url()));
  await page.waitForLoadState("networkidle");
}
export const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
export const text = (page) => page.textContent("main");

// within asks again and again until there is an answer, for up to so many
// seconds.
export async function within(seconds, what, ask) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; ) {
    const found = await ask();
    if (found) return found;
    await new Promise((done) => setTimeout(done, 250));
  }
  throw new Error(`not within ${seconds} seconds: ${what}`);
}

// until reloads the page until it holds the text.
export const until = (page, wanted, seconds = 60) =>
  within(seconds, `“${wanted}” at ${page.url()}`, async () => {
    if ((await text(page)).includes(wanted)) return true;
    await page.reload();
    return false;
  });

const facts = async (what) => (await fetch(`${setup.facts}/${what}`)).json();

// mail waits for a message to the address whose subject begins so.
export const mail = (to, subject, seconds = 60) =>
  within(seconds, `a message “${subject}” to ${to}`, async () =>
    ((await facts(`mail?to=${encodeURIComponent(to)}`)) ?? []).find((m) => m.Subject.startsWith(subject)));

// known waits until what is known past the portal of the partner's person with the
// subject is right.
export const known = (subject, what, right) => within(120, `${subject} ${what}`, async () => right(await facts(`person?sub=${subject}`)));

// link is the address of the portal in a message.
export const link = (message) => /http\S+\/@\S+/.exec(message.Text)?.[0];
