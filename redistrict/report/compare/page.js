/* The reader's choices: one language, and one view that all maps share. */
"use strict";

const root = document.documentElement;
const maps = [...document.querySelectorAll("svg.map")];
const whole = maps[0].getAttribute("viewBox").split(" ").map(Number);
let view = whole;

function show(next) {
  view = next;
  for (const map of maps) map.setAttribute("viewBox", view.join(" "));
}

function zoom(factor) {
  const [x, y, width, height] = view;
  const room = (1 - factor) / 2;
  show(factor ? [x + width * room, y + height * room, width * factor, height * factor] : whole);
}

function choose(language) {
  root.dataset.language = root.lang = language;
}

for (const button of document.querySelectorAll("[data-zoom]")) {
  button.addEventListener("click", () => zoom(Number(button.dataset.zoom)));
}
for (const button of document.querySelectorAll("button[data-language]")) {
  button.addEventListener("click", () => choose(button.dataset.language));
}
if (document.querySelector("button[data-language]")) choose("zh");

for (const map of maps) {
  map.addEventListener("pointerdown", (event) => map.setPointerCapture(event.pointerId));
  map.addEventListener("pointermove", (event) => {
    if (!map.hasPointerCapture(event.pointerId)) return;
    const metres = 1 / map.getScreenCTM().a;
    show([view[0] - event.movementX * metres, view[1] - event.movementY * metres, view[2], view[3]]);
  });
}
