// Measures the pages that the portal has answered with, in windows of several widths. Scripts
// are off, since they hide parts of forms. A page is not loaded anew each time: its body
// replaces that of a page with the same stylesheets, which is several times faster.
import fs from "node:fs";
import path from "node:path";
import { fail, finish, newWindow, setup } from "./browser.mjs";
import { measure } from "./measure.mjs";

// {Language, Widths, Pages, BothDirections}: pages, and the widths to measure them at.
const sets = JSON.parse(fs.readFileSync(setup.pages, "utf8"));
const found = new Map(); // names of pages by fault

// byStylesheets returns the pages in groups of those with the same stylesheets.
function byStylesheets(pages) {
  const groups = new Map();
  for (const page of pages) {
    const sheets = page.HTML.match(/<link rel="stylesheet"[^>]*>/g).join();
    groups.set(sheets, [...(groups.get(sheets) ?? []), page]);
  }
  return groups.values();
}

async function measureAll(set, width) {
  const window = await newWindow({ javaScriptEnabled: false, viewport: { width, height: 900 } });
  for (const group of byStylesheets(set.Pages)) {
    await window.route("**/kept", (route) => route.fulfill({ contentType: "text/html", body: group[0].HTML }), { times: 1 });
    await window.goto(`${setup.base}/kept`);
    for (const page of group) {
      for (const fault of await window.evaluate(measure, { ...page, BothDirections: set.BothDirections })) {
        const key = `${set.Language} at ${width}: ${fault}`;
        found.set(key, [...(found.get(key) ?? []), page.Name]);
      }
      if (setup.screenshots) await window.screenshot({ path: path.join(setup.screenshots, `${set.Language}-${set.Pages.indexOf(page)}-${width}.png`), fullPage: true });
    }
  }
  await window.close();
}

// Two windows at a time: more are not faster.
const tasks = sets.flatMap((set) => set.Widths.map((width) => [set, width]));
const work = async () => {
  for (let task = tasks.shift(); task; task = tasks.shift()) await measureAll(...task);
};
await Promise.all([work(), work()]);
for (const [fault, on] of found) fail(`${fault} (${on.length} pages, such as ${on[0]})`);
for (const set of sets) console.log(`${set.Language}: ${set.Pages.length} pages measured at ${set.Widths.join(", ")}`);
await finish();
