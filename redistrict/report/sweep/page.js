/* The reader's choice of one language. */
"use strict";

const root = document.documentElement;

function choose(language) {
  root.dataset.language = root.lang = language;
}

for (const button of document.querySelectorAll("button[data-language]")) {
  button.addEventListener("click", () => choose(button.dataset.language));
}
if (document.querySelector("button[data-language]")) choose("zh");
