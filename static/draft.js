// What is typed is kept by the server as one goes; nothing is kept in the browser. Without a network,
// or once logged out, it stays in the page, which says so and goes on as soon as that is over.
"use strict";

(() => {
  const REST = 1500, AGAIN = 4000; // milliseconds after the last letter; before trying again
  const LOST = "Réseau perdu : ce que vous avez tapé reste sur cette page.";
  const EXPIRED = "Votre connexion a expiré : ce que vous avez tapé reste sur cette page.";
  const OTHER = "Une autre personne s’est connectée sur ce poste : ce que vous avez tapé n’est pas gardé sous son nom.";

  const form = document.querySelector("form[data-draft]");
  const said = document.querySelector("[data-draft-said]");
  const login = document.querySelector("[data-draft-login]");
  let typed = 0, kept = 0, timer, sender;

  const written = () => new URLSearchParams(new FormData(form));
  const send = () =>
    fetch(form.dataset.draft, { method: "POST", body: written(), redirect: "manual" });

  // Whoever logs in again has another token, and may be somebody else.
  async function troubleOfToken() {
    const answer = await fetch(form.getAttribute("action"), { redirect: "manual" });
    if (answer.type === "opaqueredirect") return EXPIRED;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const twin = page.querySelector("form[data-draft]");
    if (twin?.dataset.author !== form.dataset.author) return OTHER;
    const { value } = twin.querySelector("[name=csrfmiddlewaretoken]");
    for (const field of document.getElementsByName("csrfmiddlewaretoken")) field.value = value;
    return "";
  }

  async function troubleOfKeeping() {
    try {
      let answer = await send();
      if (answer.status === 403) {
        const trouble = await troubleOfToken();
        if (trouble) return trouble;
        answer = await send();
      }
      if (answer.type === "opaqueredirect") return EXPIRED;
      said.textContent = await answer.text();
      return answer.ok ? "" : said.textContent;
    } catch {
      return LOST;
    }
  }

  async function keep() {
    clearTimeout(timer);
    const upTo = typed;
    const trouble = await troubleOfKeeping();
    said.classList.toggle("draft-said--trouble", trouble !== "");
    login.hidden = trouble !== EXPIRED;
    if (!trouble) {
      kept = Math.max(kept, upTo);
      if (sender) form.requestSubmit(sender);
      return;
    }
    said.textContent = sender ? `${trouble} Ce sera enregistré dès que possible.` : trouble;
    later(AGAIN);
  }

  function later(delay) {
    clearTimeout(timer);
    timer = setTimeout(keep, delay);
  }

  form.addEventListener("input", () => {
    typed += 1;
    later(REST);
  });
  // Sent when the server is known to answer, and once: the first pressing waits for it.
  form.addEventListener("submit", (event) => {
    if (typed === 0 || (sender && kept === typed)) return;
    event.preventDefault();
    const isFirst = !sender;
    sender = event.submitter ?? form.querySelector("[data-main]");
    if (isFirst) keep();
  });
  for (const name of ["online", "focus"]) {
    window.addEventListener(name, () => {
      if (kept < typed || sender) keep();
    });
  }
  window.addEventListener("pagehide", () => {
    clearTimeout(timer);
    if (kept < typed) navigator.sendBeacon(form.dataset.draft, written());
  });
})();
