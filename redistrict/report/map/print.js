/* Printing: one A3 sheet, landscape, with the map drawn again for the size of the sheet. */
"use strict";

const SHARPNESS = 2; // pixels of a canvas for each of the sheet; Leaflet knows 1 and 2

function preparePrinting(desk) {
  const { map } = desk;
  const { retina } = L.Browser;
  const { zoomSnap } = map.options;
  const sheet = make("canvas", "sheet");
  const holder = map.createPane("sheet");
  holder.style.zIndex = 455;
  let view = null;

  function redraw(bounds, isSharp) {
    L.Browser.retina = isSharp;
    map.options.zoomSnap = isSharp ? 0 : zoomSnap; // fill the sheet
    map.invalidateSize({ animate: false });
    map.fitBounds(bounds, { animate: false });
    desk.restyle();
  }

  window.addEventListener("beforeprint", () => {
    if (view !== null) return;
    view = map.getBounds();
    document.body.classList.add("printing");
    redraw(view, true);
    copyCanvases(desk, sheet);
    L.DomUtil.setPosition(sheet, map.containerPointToLayerPoint([0, 0]));
    holder.append(sheet);
  });
  window.addEventListener("afterprint", () => {
    if (view === null) return;
    sheet.remove();
    document.body.classList.remove("printing");
    redraw(view, retina);
    map.options.zoomSnap = zoomSnap;
    view = null;
  });
}

/* Copy all canvases of the map into one: of several that lie on top of each other, browsers print only one. */
function copyCanvases(desk, sheet) {
  const { map, state } = desk;
  const { x: width, y: height } = map.getSize();
  const frame = map.getContainer().getBoundingClientRect();
  Object.assign(sheet, { width: SHARPNESS * width, height: SHARPNESS * height });
  Object.assign(sheet.style, { width: `${width}px`, height: `${height}px` });
  const context = sheet.getContext("2d");
  context.scale(SHARPNESS, SHARPNESS);
  const layers = Object.entries(map.getPanes()).filter(([, element]) => element.style.display !== "none")
    .sort(([, one], [, other]) => one.style.zIndex - other.style.zIndex)
    .flatMap(([name, element]) => [...element.querySelectorAll(":scope > canvas")].map((canvas) => [name, canvas]));
  for (const [name, canvas] of layers) {
    const box = canvas.getBoundingClientRect();
    const split = state.time === "swipe" ? state.split * width : null;
    context.save();
    context.beginPath();
    if (split !== null && name.startsWith("old-")) context.rect(0, 0, split, height);
    else if (split !== null && name.startsWith("new-")) context.rect(split, 0, width - split, height);
    else context.rect(0, 0, width, height);
    context.clip();
    context.drawImage(canvas, box.left - frame.left, box.top - frame.top, box.width, box.height);
    context.restore();
  }
}
