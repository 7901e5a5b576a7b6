// What scripts save: a reload, and a second press. Every page works without.
"use strict";

// Links in the older shape /@{domain}#/access-packages/{id} go to the page.
const older = /^#\/(access-packages|requests|approvals)(\/[0-9a-f-]{36})?$/.exec(location.hash);
if (older && /^\/@[^/]+\/?$/.test(location.pathname)) {
  location.replace(location.pathname.replace(/\/$/, "") + "/" + older[1] + (older[2] || "") + location.search);
}

// A form that has been sent is not sent again by a second press.
for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    for (const button of form.querySelectorAll("button")) button.setAttribute("aria-disabled", "true");
  });
}
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-once]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll("button[aria-disabled]")) button.removeAttribute("aria-disabled");
});

// A page about something that is under way shows how it stands by itself.
const moving = document.querySelector("[data-refresh]");
if (moving) {
  setInterval(async () => {
    if (document.hidden) return;
    const answer = await fetch(location.href, { credentials: "same-origin" });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
    const main = document.querySelector("main");
    if (fresh && fresh.textContent !== main.textContent) main.replaceChildren(...fresh.childNodes);
  }, Number(moving.dataset.refresh) * 1000);
}
