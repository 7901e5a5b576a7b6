// Measures the pages that the portal has answered with, in windows of two widths. Scripts
// are off, since they hide parts of forms. A page is not loaded anew each time: its body
// replaces that of a page with the same stylesheets, which takes a tenth of the time.
import path from "node:path";
import { fail, finish, newWindow, setup } from "./browser.mjs";
import { measure } from "./measure.mjs";

const names = await (await fetch(`${setup.base}/captured/`)).json();
const pages = await Promise.all(names.map(async (name, number) => ({ name, number, html: await (await fetch(`${setup.base}/captured/${number}`)).text() })));
const groups = new Map(); // pages by their stylesheets
for (const page of pages) {
  const sheets = page.html.match(/<link rel="stylesheet"[^>]*>/g).join();
  groups.set(sheets, [...(groups.get(sheets) ?? []), page]);
}

const found = new Map(); // names of pages by fault

async function measureAll(width) {
  const window = await newWindow({ javaScriptEnabled: false, viewport: { width, height: 900 } });
  for (const group of groups.values()) {
    await window.goto(`${setup.base}/captured/${group[0].number}`);
    for (const { name, number, html } of group) {
      for (const fault of await window.evaluate(measure, html)) {
        const key = `at ${width}: ${fault}`;
        found.set(key, [...(found.get(key) ?? []), name]);
      }
      if (setup.screenshots) await window.screenshot({ path: path.join(setup.screenshots, `long-${number}-${width}.png`), fullPage: true });
    }
  }
}

await Promise.all([1280, 390].map(measureAll));
for (const [fault, on] of found) fail(`${fault} (${on.length} pages, such as ${on[0]})`);
console.log(`${pages.length} pages measured`);
await finish();
