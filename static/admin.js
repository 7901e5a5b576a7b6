// Scripts of administrators' pages: search while typing, copy by button.
"use strict";

// A picker shows results while typing. Ticked results move to the selection.
for (const field of document.querySelectorAll("[data-pick]")) {
  const found = field.closest("fieldset").querySelector(".found");
  const chosen = field.closest("fieldset").querySelector(".chosen");
  let waiting, asked = 0;
  const look = async () => {
    const mine = ++asked;
    const answer = await fetch(field.dataset.pick + "&q=" + encodeURIComponent(field.value), { credentials: "same-origin" });
    if (!answer.ok || mine !== asked) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").body;
    for (const box of chosen.querySelectorAll("input")) {
      fresh.querySelector("input[value=" + JSON.stringify(box.value) + "]")?.closest(".option").remove();
    }
    found.replaceChildren(...fresh.childNodes);
  };
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => look().catch(() => {}), 200);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault(); // Enter searches; it does not send the form
    look().catch(() => {});
  });
  found.addEventListener("change", (event) => {
    if (!event.target.checked) return;
    const one = event.target.type === "radio";
    if (one) chosen.replaceChildren();
    const option = event.target.closest(".option");
    chosen.append(option);
    event.target.checked = true;
    // Two options must not share an id.
    const id = event.target.id + "-" + chosen.childElementCount;
    option.querySelector("label").htmlFor = id;
    event.target.id = id;
    event.target.focus();
  });
}

// An area that can scroll sideways is a stop of the Tab key only while it scrolls.
for (const area of document.querySelectorAll(".scroll")) {
  new ResizeObserver(() => {
    if (area.scrollWidth > area.clientWidth) area.tabIndex = 0;
    else area.removeAttribute("tabindex");
  }).observe(area);
}

// Hides parts that the value of another field makes irrelevant, unless they
// have a fault.
const judged = [...document.querySelectorAll("[data-when]")];
const judge = () => {
  for (const part of judged) {
    const fields = [...document.getElementsByName(part.dataset.when)];
    const value = (fields.length === 1 ? fields[0] : fields.find((field) => field.checked))?.value;
    part.hidden = !part.dataset.is.split(" ").includes(value) && !part.querySelector(".fault");
  }
};
if (judged.length) {
  judge();
  document.addEventListener("change", judge);
}

// Copies a text.
for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copy);
    field.select();
    await navigator.clipboard.writeText(field.value).catch(() => document.execCommand("copy"));
    button.textContent = button.dataset.done;
  });
}
