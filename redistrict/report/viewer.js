/* The map of a page, its only svg element, can be moved with the pointer and zoomed with the wheel or by buttons. */
"use strict";

const map = document.querySelector("svg");
const whole = map.getAttribute("viewBox").split(" ").map(Number);
let view = whole;

function show(next) {
  view = next;
  map.setAttribute("viewBox", view.join(" "));
  map.dispatchEvent(new Event("moved"));
}

function zoom(factor, [x, y] = [view[0] + view[2] / 2, view[1] + view[3] / 2]) {
  show(factor ? [x + (view[0] - x) * factor, y + (view[1] - y) * factor, view[2] * factor, view[3] * factor] : whole);
}

for (const button of document.querySelectorAll("[data-zoom]")) {
  button.addEventListener("click", () => zoom(Number(button.dataset.zoom)));
}
map.addEventListener("wheel", (event) => {
  event.preventDefault();
  const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(map.getScreenCTM().inverse());
  zoom(event.deltaY > 0 ? 1.25 : 0.8, [at.x, at.y]);
}, { passive: false });
map.addEventListener("pointerdown", (event) => map.setPointerCapture(event.pointerId));
map.addEventListener("pointermove", (event) => {
  if (!map.hasPointerCapture(event.pointerId)) return;
  const metres = 1 / map.getScreenCTM().a;
  show([view[0] - event.movementX * metres, view[1] - event.movementY * metres, view[2], view[3]]);
});
