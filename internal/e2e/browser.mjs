// What every scenario needs of a browser: people with their own windows,
// screenshots at two widths in light and dark, and axe on each page.
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { chromium } from "playwright-core";

const axe = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
export const setup = JSON.parse(process.env.E2E_SETUP);

const browser = await chromium.launch({
  executablePath: setup.chromium,
  args: process.getuid() === 0 ? ["--no-sandbox"] : [],
});
export const close = () => browser.close();

// person opens a window of its own. Scripts can be turned off.
export async function person(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, bypassCSP: true, locale: "en-GB", ...options });
  context.setDefaultTimeout(15000);
  const page = await context.newPage();
  page.on("pageerror", (error) => fail(`script error at ${page.url()}: ${error}`));
  page.on("console", (m) => {
    if (m.type() === "error" && !/status of (4\d\d|503)/.test(m.text())) fail(`console at ${page.url()}: ${m.text()}`);
  });
  return page;
}

const faults = [];
export function fail(text) {
  faults.push(text);
  console.error("FAULT", text);
}
export function check(truth, text) {
  if (!truth) fail(text);
}
export async function finish() {
  await close();
  process.exit(faults.length ? 1 : 0);
}

// look keeps what the page looks like and lets axe look at it.
export async function look(page, name) {
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 900 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    check(wide <= width, `${name} is ${wide} pixels wide at ${width}`);
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: path.join(setup.artifacts, `${name}-${width}-${colorScheme}.png`), fullPage: true });
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => globalThis.axe.run());
      for (const v of violations) fail(`axe at ${name}, ${width}, ${colorScheme}: ${v.id} ${v.nodes[0].html} ${v.nodes[0].failureSummary}`);
    }
  }
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.emulateMedia({ colorScheme: "light" });
}

// signIn chooses the account at the provider's page.
export async function signIn(page, name) {
  await page.getByRole("button", { name, exact: true }).click();
  await page.waitForURL((url) => url.origin === new URL(setup.base).origin);
}

// mail waits for a message to the address whose subject begins so, and returns
// it.
export async function mail(to, subject) {
  for (let i = 0; i < 150; i++) {
    const all = await (await fetch(`${setup.mail}?to=${encodeURIComponent(to)}`)).json();
    const found = all.find((m) => m.Subject.startsWith(subject));
    if (found) return found;
    await new Promise((done) => setTimeout(done, 200));
  }
  fail(`no message “${subject}” to ${to}`);
  return { Subject: "", Text: "" };
}

// link is the address of the portal in a message.
export const link = (message) => /http\S+\/@\S+/.exec(message.Text)?.[0];

// until reloads the page until it holds the text.
export async function until(page, text) {
  for (let i = 0; i < 100; i++) {
    if ((await page.textContent("main")).includes(text)) return;
    await page.waitForTimeout(200);
    await page.reload();
  }
  fail(`“${text}” does not appear at ${page.url()}`);
}
