// Scripts of all pages. Every page works without them.
"use strict";

// Redirects links of the older form /@{domain}#/access-packages/{id}, also if
// signing in comes first.
const older = /^#\/(access-packages|requests|approvals)(\/[0-9a-f-]{36})?$/.exec(location.hash);
const host = /^((?:\/[^@/][^/]*)*\/@[^/]+)(?:\/|\/sign-in)?$/.exec(location.pathname);
if (older && host) {
  const hint = new URLSearchParams(location.search).get("domain_hint");
  location.replace(host[1] + "/" + older[1] + (older[2] || "") + (hint ? "?domain_hint=" + encodeURIComponent(hint) : ""));
}

// Prevents a second submission of a form.
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

// Focuses the list of what has to be corrected.
document.querySelector("[data-focus]")?.focus();

// Gives the page that answers a form the address by which it can be loaded again, so that
// going back to it does not ask to send the form again.
const addressed = document.querySelector("form[data-address]");
if (addressed && addressed.dataset.address) history.replaceState(history.state, "", addressed.dataset.address);

// Updates the character count of a text area.
for (const limit of document.querySelectorAll("[data-limit-of]")) {
  const area = document.getElementById(limit.dataset.limitOf);
  const show = () => { limit.textContent = area.value.length + " / " + area.maxLength; };
  area.addEventListener("input", show);
  show();
}

// Reloads a page whose state is about to change.
const moving = document.querySelector("[data-refresh]");
if (moving) {
  const look = async () => {
    if (document.hidden) return;
    const answer = await fetch(location.href, { credentials: "same-origin", redirect: "manual" });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
    const main = document.querySelector("main");
    if (!fresh || fresh.textContent === main.textContent) return;
    main.replaceChildren(...fresh.childNodes);
    if (!main.querySelector("[data-refresh]")) clearInterval(timer);
  };
  // A failed request, such as during a network outage, is repaired by the next one.
  const timer = setInterval(() => look().catch(() => {}), Number(moving.dataset.refresh) * 1000);
}
