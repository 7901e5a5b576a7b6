// Measures the pages that the portal has answered with, in windows of two widths. Scripts
// are off, since they hide parts of forms. A page is not loaded anew each time: its body
// replaces that of a page with the same stylesheets, which is several times faster.
import fs from "node:fs";
import path from "node:path";
import { fail, finish, newWindow, setup } from "./browser.mjs";
import { measure } from "./measure.mjs";

const pages = JSON.parse(fs.readFileSync(setup.pages, "utf8"));
const groups = new Map(); // pages by their stylesheets
for (const page of pages) {
  const sheets = page.HTML.match(/<link rel="stylesheet"[^>]*>/g).join();
  groups.set(sheets, [...(groups.get(sheets) ?? []), page]);
}

const found = new Map(); // names of pages by fault

async function measureAll(width) {
  const window = await newWindow({ javaScriptEnabled: false, viewport: { width, height: 900 } });
  for (const group of groups.values()) {
    await window.route("**/kept", (route) => route.fulfill({ contentType: "text/html", body: group[0].HTML }), { times: 1 });
    await window.goto(`${setup.base}/kept`);
    for (const page of group) {
      for (const fault of await window.evaluate(measure, page.HTML)) {
        const key = `at ${width}: ${fault}`;
        found.set(key, [...(found.get(key) ?? []), page.Name]);
      }
      if (setup.screenshots) await window.screenshot({ path: path.join(setup.screenshots, `long-${pages.indexOf(page)}-${width}.png`), fullPage: true });
    }
  }
}

await Promise.all([1280, 390].map(measureAll));
for (const [fault, on] of found) fail(`${fault} (${on.length} pages, such as ${on[0]})`);
console.log(`${pages.length} pages measured`);
await finish();
