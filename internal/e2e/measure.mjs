// measure runs in a window. It shows the page, which has the stylesheets of the one that is
// shown, and returns the faults of its layout: it is wider than the window, in both
// directions if that is wanted, a text is cut or leaves its box, a date or a mail address is on
// two lines, an element leaves its container, texts and controls overlap, or, in a window below
// 640 pixels, something is too small to be touched. Closed popovers are opened and measured too. Only `.scroll` may scroll
// sideways; text for screen readers (`clip-path: inset(50%)`) is skipped.
//
// It is sent to the browser as source text, so it must not use anything of this module.
export function measure({ HTML: html, BothDirections: bothDirections }) {
  const root = document.documentElement;
  const page = new DOMParser().parseFromString(html, "text/html");
  root.lang = page.documentElement.lang;
  root.dir = page.documentElement.dir;
  document.body.replaceWith(page.body);
  // What sticks to the window's edge lies over the page; it is measured in its own place.
  for (const e of document.querySelectorAll(".bar")) e.style.position = "static";

  const faults = [];
  let texts = []; // {node, element, rect}: the lines of all texts
  let controls = []; // {element, rect}
  // Dates such as 12 March 2026 and 12 Mar 2026, 14:05, and mail addresses.
  const whole = /\d{1,2}\s\p{Lu}\p{L}+\s\d{4}(,\s\d{1,2}:\d{2})?|[\w.+-]+@[\w-]+(\.[\w-]+)+/gu;
  const describe = (e) =>
    `<${e.tagName.toLowerCase()}${[...e.classList].map((c) => `.${c}`).join("")}> “${(e.innerText || e.value || e.name || "").trim().replace(/\s+/g, " ").slice(0, 60)}”`;
  const add = (e, what) => faults.push(`${describe(e)} ${what}`);
  const hides = (overflow) => overflow === "hidden" || overflow === "clip";
  const scrolls = (overflow) => overflow === "auto" || overflow === "scroll";
  const isControl = (e) => e.matches("button, .button, select, textarea, input:not([type=hidden])");

  // The part of a rectangle that clip, or a scroll container, does not hide.
  const visiblePart = (r, clip) => ({ left: Math.max(r.left, clip.left), right: Math.min(r.right, clip.right), top: Math.max(r.top, clip.top), bottom: Math.min(r.bottom, clip.bottom) });

  // The width of a text in the font of an element.
  const canvas = document.createElement("canvas").getContext("2d");
  const textWidth = (text, style) => {
    canvas.font = style.font;
    return canvas.measureText(text).width;
  };

  // inspect measures an element and what is in it. box is the padding box of the nearest
  // ancestor that is a box.
  function inspect(e, box, clip) {
    const style = getComputedStyle(e);
    if (style.display === "none" || style.clipPath === "inset(50%)") return;
    if (style.display !== "inline" && style.display !== "contents") {
      const r = e.getBoundingClientRect();
      const outOfFlow = style.position === "absolute" || style.position === "fixed";
      if (box && !outOfFlow && r.width > 0 && !box.scrollsX && (r.left < box.left - 1 || r.right > box.right + 1)) {
        add(e, `leaves ${describe(box.element)} by ${Math.round(Math.max(box.left - r.left, r.right - box.right))} pixels`);
      }
      box = { element: e, left: r.left + parseFloat(style.borderLeftWidth), right: r.right - parseFloat(style.borderRightWidth), top: r.top, bottom: r.bottom, scrollsX: scrolls(style.overflowX), scrollsY: scrolls(style.overflowY) };
      if (!e.matches("select, textarea, input")) inspectOverflow(e, style);
      if (box.scrollsX || box.scrollsY) clip = visiblePart(r, clip);
      if (isControl(e)) controls.push({ element: e, rect: visiblePart(r, clip) });
    }
    inspectTarget(e, style);
    if (e.matches("select, textarea, input, svg, img")) return inspectField(e, style);
    for (const child of e.childNodes) {
      if (child.nodeType === Node.ELEMENT_NODE) inspect(child, box, clip);
      if (child.nodeType === Node.TEXT_NODE && child.data.trim()) inspectText(child, e, box, clip);
    }
  }

  function inspectOverflow(e, style) {
    const wide = e.scrollWidth > e.clientWidth + 1, high = e.scrollHeight > e.clientHeight + 1;
    if (scrolls(style.overflowX) && wide && !e.matches(".scroll")) add(e, "scrolls sideways");
    if ((hides(style.overflowX) && wide) || (hides(style.overflowY) && high)) add(e, "is cut");
  }

  // On a telephone, what is touched is 44 pixels high and wide, or 24 if it is a link in a
  // line of its own. A link within a sentence is as high as its text.
  function inspectTarget(e, style) {
    if (innerWidth >= 640 || !e.matches("a[href], button, .button, select, textarea, summary, input:not([type=hidden])")) return;
    let r = e.getBoundingClientRect();
    if (e.matches("[type=checkbox], [type=radio]")) {
      for (const t of [...e.labels, e.closest("td.tick")].filter(Boolean).map((l) => l.getBoundingClientRect())) {
        r = { left: Math.min(r.left, t.left), right: Math.max(r.right, t.right), top: Math.min(r.top, t.top), bottom: Math.max(r.bottom, t.bottom) };
      }
    }
    const inSentence = style.display === "inline" && [...e.parentNode.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim());
    if (inSentence) return;
    const inLine = e.matches("a:not(.button)") && !e.closest("nav:not(.crumbs), .tabs, .side, .top, .areas");
    const least = inLine ? 24 : 44;
    const w = r.right - r.left, h = r.bottom - r.top;
    if (h < least - 0.5 || (w < least - 0.5 && !inLine)) add(e, `is ${Math.round(w)} × ${Math.round(h)} to touch, not ${least}`);
  }

  // A field shows no more of its value than fits. That is a fault of a choice and of a hint,
  // not of what was typed.
  function inspectField(e, style) {
    const room = e.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    const arrow = 16;
    const cut = [...(e.options ?? [])].find((o) => textWidth(o.text, style) > room - arrow);
    if (cut) add(e, `cuts its choice “${cut.text}”`);
    if (e.placeholder && textWidth(e.placeholder, getComputedStyle(e, "::placeholder")) > room) add(e, `cuts its hint “${e.placeholder}”`);
  }

  // A line of text is inside of its box. Lines are higher than the line height if that is
  // small, so that some pixels of height do not count.
  function inspectText(node, element, box, clip) {
    const range = document.createRange();
    for (const m of node.data.matchAll(whole)) {
      range.setStart(node, m.index);
      range.setEnd(node, m.index + m[0].length);
      const lines = [...range.getClientRects()].filter((r) => r.width > 1);
      if (lines.some((r) => r.top >= lines[0].bottom - 1)) add(element, `breaks “${m[0]}”`);
    }
    range.selectNodeContents(node);
    for (const r of range.getClientRects()) {
      if (r.width < 1) continue;
      const outX = !box.scrollsX && (r.left < box.left - 1 || r.right > box.right + 1);
      const outY = !box.scrollsY && (r.top < box.top - 5 || r.bottom > box.bottom + 5);
      if (outX || outY) add(element, `has text outside of ${describe(box.element)}`);
      const quarter = (r.bottom - r.top) / 4; // the height of small letters remains
      const seen = visiblePart({ left: r.left, right: r.right, top: r.top + quarter, bottom: r.bottom - quarter }, clip);
      if (seen.right > seen.left && seen.bottom > seen.top) texts.push({ node, element, rect: seen });
    }
  }

  const overlap = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
  function inspectOverlaps() {
    texts.sort((a, b) => a.rect.top - b.rect.top);
    for (const [i, a] of texts.entries()) {
      for (let j = i + 1; j < texts.length && texts[j].rect.top < a.rect.bottom; j++) {
        if (texts[j].node !== a.node && overlap(a.rect, texts[j].rect)) add(a.element, `overlaps ${describe(texts[j].element)}`);
      }
      for (const c of controls) {
        if (!c.element.contains(a.node) && overlap(a.rect, c.rect)) add(a.element, `overlaps ${describe(c.element)}`);
      }
    }
    texts = [];
    controls = [];
  }

  const anywhere = { left: -Infinity, right: Infinity, top: -Infinity, bottom: Infinity };
  const inspectWidth = () => {
    if (root.scrollWidth > innerWidth) faults.push(`the page is ${root.scrollWidth} pixels wide, ${root.dir}`);
  };
  inspectWidth();
  inspect(document.body, null, anywhere);
  inspectOverlaps();
  for (const e of document.querySelectorAll("[popover]")) {
    if (e.checkVisibility()) continue; // shown without being opened
    e.showPopover();
    const r = e.getBoundingClientRect();
    if (r.left < 0 || r.right > innerWidth) add(e, "is not wholly in the window");
    inspect(e, null, anywhere);
    inspectOverlaps();
    e.hidePopover();
  }
  if (!bothDirections) return faults;
  root.dir = page.documentElement.dir === "ltr" ? "rtl" : "ltr";
  inspectWidth();
  root.dir = page.documentElement.dir;
  return faults;
}
