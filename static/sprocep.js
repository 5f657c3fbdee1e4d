// Everything here is comfort: each page works without it. Nothing is kept in the browser.
"use strict";

const typing = (element) => element.matches("input, textarea, select, [contenteditable]");

document.addEventListener("DOMContentLoaded", () => {
  document.querySelector(".error-summary")?.focus();
  document.querySelector("[data-selected]")?.select();

  // Letters typed before the scripts were there are searched too.
  const search = document.querySelector("[data-search][hx-get]");
  if (search && search.value !== search.defaultValue) search.dispatchEvent(new Event("input"));

  for (const button of document.querySelectorAll("[data-tick-all]")) button.hidden = false;

  const toggle = document.querySelector(".menu-toggle");
  toggle?.addEventListener("click", () => {
    const open = document.getElementById("menu").classList.toggle("menu--open");
    toggle.setAttribute("aria-expanded", String(open));
  });
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    // From anywhere on the page: where nothing has the focus, its main form is meant.
    const form = event.target.closest("form") ?? document.querySelector("form [data-main]")?.form;
    if (form) {
      event.preventDefault();
      const main = form.querySelector("[data-main]");
      form.requestSubmit(main ?? form.querySelector("button:not([type=button])"));
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape" && event.target.matches("[data-search]")) event.target.blur();
  if (typing(event.target)) return;
  if (event.key === "/") {
    const field = document.querySelector("[data-search]");
    if (field) {
      event.preventDefault();
      field.focus();
      field.select();
    }
    return;
  }
  // A closed list: no letter pressed by chance acts anywhere else.
  if (event.key === "n" || event.key === "a") {
    document.querySelector(`a[data-shortcut="${event.key}"]`)?.click();
  }
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
  const form = event.target.closest("[data-tick-all]")?.form;
  for (const field of form?.elements ?? []) if (field.type === "checkbox") field.checked = true;
});

// A form that writes is sent once. htmx forms are not concerned: htmx has prevented their sending;
// nor those that bring a file back (data-file): the page stays.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || "file" in form.dataset) return;
  if ("sent" in form.dataset) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "";
  // After this turn, so that the name and value of the pressed button leave with the form.
  setTimeout(() => {
    for (const button of form.querySelectorAll("button:not([type=button])")) button.disabled = true;
  });
});

// Coming back by the browser's « précédent » gives the forms back.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("button[disabled]")) button.disabled = false;
  }
});

// A partial that does not come says so; the page stays as it was.
for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, () => {
    document.querySelector(".notify").textContent =
      "Cette partie de la page n’a pas pu être mise à jour. Rechargez la page.";
  });
}
document.addEventListener("htmx:afterOnLoad", (event) => {
  if (event.detail.successful) document.querySelector(".notify").textContent = "";
});
