/* A plan that is pointed at is shown in every picture and in the table. */
"use strict";

function show(plan) {
  for (const one of document.querySelectorAll("[data-plan]")) {
    one.classList.toggle("chosen", one.dataset.plan === plan);
  }
}

for (const one of document.querySelectorAll("[data-plan]")) {
  for (const event of ["mouseenter", "focusin"]) one.addEventListener(event, () => show(one.dataset.plan));
}

const root = document.documentElement;

function choose(language) {
  root.dataset.language = root.lang = language;
}

for (const button of document.querySelectorAll("button[data-language]")) {
  button.addEventListener("click", () => choose(button.dataset.language));
}
if (document.querySelector("button[data-language]")) choose("zh");
