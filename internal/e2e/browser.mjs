// Browser helpers: windows per person, axe on each page at two widths in light
// and dark, and screenshots.
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

// step runs a part of the scenario. A failure in it does not stop the other
// parts.
const began = Date.now();
export async function step(name, run) {
  console.log(`${Math.round((Date.now() - began) / 1000)} s: ${name}`);
  try {
    await run();
  } catch (error) {
    fail(`${name}: ${error.stack}`);
  }
}

// newWindow opens a separate window. Scripts can be turned off.
export async function newWindow(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "en-GB", ...options });
  context.setDefaultTimeout(60000);
  return newTab(context);
}

// newTab opens another tab of the same window. Errors that the browser reports,
// such as a breach of the content security policy, are faults.
export async function newTab(context) {
  const page = await context.newPage();
  page.on("pageerror", (error) => fail(`script error at ${page.url()}: ${error}`));
  page.on("console", (m) => {
    if (m.type() === "error" && !/status of (4\d\d|503)/.test(m.text())) fail(`console at ${page.url()}: ${m.text()}`);
  });
  return page;
}

// inspectPage checks the width of the page and runs axe on it, and takes
// screenshots if they are wanted.
export async function inspectPage(page, name) {
  const before = page.viewportSize();
  for (const width of [320, 1280, 390]) {
    await page.setViewportSize({ width, height: 900 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    check(wide <= width, `${name} is ${wide} pixels wide at ${width}`);
    if (width === 320) continue;
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      if (setup.screenshots) await page.screenshot({ path: path.join(setup.screenshots, `${name}-${width}-${colorScheme}.png`), fullPage: true });
      await runAxe(page, `${name}, ${width}, ${colorScheme}`, colorScheme === "dark" ? ["color-contrast"] : undefined);
    }
  }
  await page.setViewportSize(before);
  await page.emulateMedia({ colorScheme: "light" });
}

// reported has the violations that axe has already found; each is reported
// once.
const reported = new Set();

// runAxe runs axe. In the dark only contrast is checked, since structure is the
// same.
async function runAxe(page, name, runOnly) {
  if (!(await page.evaluate(() => Boolean(globalThis.axe)))) await page.evaluate(axe);
  const options = { resultTypes: ["violations"], ...(runOnly && { runOnly }) }; // others are not worked out, which halves the time
  const { violations } = await page.evaluate((o) => globalThis.axe.run(o), options);
  for (const v of violations) {
    const fault = `${v.id} ${v.nodes[0].html} ${v.nodes[0].failureSummary}`;
    if (!reported.has(fault)) fail(`axe at ${name}: ${fault}`);
    reported.add(fault);
  }
}

// signIn chooses the account on the provider's page.
export async function signIn(page, name) {
  await page.getByRole("button", { name, exact: true }).click();
  await page.waitForURL((url) => url.origin === setup.base);
}

// signInAs opens a page of Meridian Works and signs the person in.
export async function signInAs(name, path, options) {
  const page = await newWindow(options);
  const domain = ["Lena Berg", "Ida Falk", "Omar Haddad"].includes(name) ? "meridian.example" : "harbor.example";
  await page.goto(`${home}${path}?domain_hint=${domain}`);
  await signIn(page, name);
  return page;
}

// openLink follows a link, and submit sends a request. Both wait for the next
// page, since a click does not.
export async function openLink(page, name) {
  const from = page.url();
  await page.getByRole("link", { name, exact: true }).first().click();
  await page.waitForURL((url) => url.href !== from);
}
export async function submit(page) {
  await press(page, "Submit request");
  await page.waitForURL(requestPath);
}
// requestPath matches the address of the page that a submitted request leads
// to.
export const requestPath = /\/requests\/[0-9a-f-]{36}\?done=sent$/;
// waitForRequest waits for the page of a request that may have been sent twice:
// the second submission can abort the navigation of the first.
export async function waitForRequest(page) {
  await poll(60, `${page.url()} leads to the request`, async () => requestPath.test(page.url()));
  await page.waitForLoadState("networkidle");
}
export const press = (page, name) => page.getByRole("button", { name, exact: true }).click();
export const text = (page) => page.textContent("main");

// poll calls ask until it returns a truthy value, for up to the number of
// seconds.
export async function poll(seconds, what, ask) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; ) {
    const found = await ask();
    if (found) return found;
    await new Promise((done) => setTimeout(done, 250));
  }
  throw new Error(`not within ${seconds} seconds: ${what}`);
}

// reloadUntil reloads the page until it holds the text.
export const reloadUntil = (page, wanted, seconds = 60) =>
  poll(seconds, `“${wanted}” at ${page.url()}`, async () => {
    if ((await text(page)).includes(wanted)) return true;
    await page.reload();
    return false;
  });

const facts = async (what) => (await fetch(`${setup.facts}/${what}`)).json();

// waitForMail waits for a message to the address whose subject begins with
// subject.
export const waitForMail = (to, subject, seconds = 60) =>
  poll(seconds, `a message “${subject}” to ${to}`, async () =>
    ((await facts(`mail?to=${encodeURIComponent(to)}`)) ?? []).find((m) => m.Subject.startsWith(subject)));

// waitForRecord waits until right accepts the database record of the partner's
// person with the subject.
export const waitForRecord = (subject, what, right) => poll(120, `${subject} ${what}`, async () => right(await facts(`person?sub=${subject}`)));

// link returns the portal's address in a message.
export const link = (message) => /http\S+\/@\S+/.exec(message.Text)?.[0];
