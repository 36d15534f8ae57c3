/* Printing: one landscape sheet, A3 or A1, on which the map is drawn with lines instead of pixels, at a usual scale. */
"use strict";

function preparePrinting(desk) {
  const { map } = desk;
  let undo = null;

  window.addEventListener("beforeprint", () => {
    undo ??= turnToPaper(desk, sheetBounds(desk));
  });
  window.addEventListener("afterprint", () => {
    undo?.();
    undo = null;
  });
}

/* The city fills the sheet where all of it is seen on screen; else what is seen does. */
function sheetBounds({ map, shapes }) {
  const city = L.latLngBounds(shapes.new.flat(3));
  return map.getBounds().contains(city) ? city.pad(0.01) : map.getBounds();
}

/* Put the map on paper; gives the function that puts it on screen again. */
function turnToPaper(desk, bounds) {
  const { map } = desk;
  const [middle, zoom, { zoomSnap }] = [map.getCenter(), map.getZoom(), map.options];
  const canvases = [];
  map.eachLayer((layer) => { if (layer instanceof L.Canvas) canvases.push(layer); });
  const paddings = canvases.map((canvas) => canvas.options.padding);
  const frame = makeFrame(desk);
  document.body.classList.add("printing");
  map.options.zoomSnap = 0; // any scale
  canvases.forEach((canvas) => { canvas.options.padding = 0; }); // they are not seen: as small as can be
  map.invalidateSize({ animate: false, pan: false });
  frame.state(fitToScale(map, bounds));
  const drawings = canvases.map((canvas) => traceCanvas(map, canvas));
  return () => {
    [frame, ...drawings].forEach((part) => part.remove());
    document.body.classList.remove("printing");
    canvases.forEach((canvas, n) => { canvas.options.padding = paddings[n]; });
    map.invalidateSize({ animate: false, pan: false });
    map.setView(middle, zoom, { animate: false });
    map.fire("moveend"); // puts the canvases on whole pixels
    map.options.zoomSnap = zoomSnap;
  };
}

function svgNode(name, attributes) {
  const node = L.SVG.create(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

/* Draw what a canvas shows as SVG above it: sharp on any sheet, and no canvas of many million pixels. */
function traceCanvas(map, canvas) {
  const { x: width, y: height } = map.getSize();
  const svg = svgNode("svg", { class: "sheet", width, height });
  for (let order = canvas._drawFirst; order; order = order.next) {
    const box = order.layer.getBounds?.() ?? L.latLngBounds([order.layer.getLatLng()]);
    if (box.isValid() && map.getBounds().intersects(box)) svg.append(traceLayer(map, order.layer));
  }
  L.DomUtil.setPosition(svg, map.containerPointToLayerPoint([0, 0]));
  map.getPane(canvas.options.pane).append(svg);
  return svg;
}

function traceLayer(map, layer) {
  const { stroke, color, weight, opacity, lineCap, lineJoin, dashArray, fill, fillColor, fillOpacity } = layer.options;
  const corner = map.getPixelBounds().min;
  const place = (spot) => {
    const { x, y } = map.project(spot).subtract(corner);
    return `${x.toFixed(1)} ${y.toFixed(1)}`;
  };
  const [cx, cy] = layer instanceof L.CircleMarker ? place(layer.getLatLng()).split(" ") : [];
  const node = cx ? svgNode("circle", { cx, cy, r: layer.getRadius() }) : svgNode("path", {
    d: linesOf(layer.getLatLngs()).map((line) => `M${line.map(place).join("L")}${fill || layer instanceof L.Polygon ? "Z" : ""}`).join(""),
  });
  const look = { fill: fill ? fillColor || color : "none", "fill-opacity": fillOpacity, "fill-rule": "evenodd",
    stroke: stroke ? color : "none", "stroke-width": weight, "stroke-opacity": opacity, "stroke-linecap": lineCap,
    "stroke-linejoin": lineJoin, "stroke-dasharray": dashArray ?? "none" };
  for (const [key, value] of Object.entries(look)) node.setAttribute(key, value);
  return node;
}

/* The lines of a shape, whatever it is nested in. */
const linesOf = (spots) => (L.LineUtil.isFlat(spots) ? [spots] : spots.flatMap(linesOf));
