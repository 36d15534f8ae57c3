/* A sheet of names: what room is left on the map, and how names are written on it. */
"use strict";

const FONT = 'system-ui, "Microsoft YaHei", "PingFang SC", "Noto Sans CJK SC", "WenQuanYi Micro Hei", sans-serif';
const WEIGHTS = { "community-name": "700", "ground-name district": "600", "ground-name water": "italic 400" };
const LINE = 1.2; // height of a line, in sizes of type
const LONGEST = 260; // pixels; what is longer ends in an ellipsis
const isHan = (text) => /[\u3400-\u9fff]/.test(text);
const isPrinting = () => document.body.classList.contains("printing");

/* Widths of texts, measured once. */
function makeRuler() {
  const context = document.createElement("canvas").getContext("2d");
  const widths = new Map();
  return (text, className, size) => {
    const name = `${className} ${size} ${text}`;
    if (!widths.has(name)) {
      context.font = `${WEIGHTS[className] || "400"} ${size}px ${FONT}`;
      widths.set(name, Math.min(LONGEST, context.measureText(text).width) + 2);
    }
    return widths.get(name);
  };
}

/* Indexes of borders, made once for each set of shapes. */
function makeBorders(desk) {
  const indexes = new WeakMap();
  return (key) => {
    const shapes = desk.shapes[key];
    if (!indexes.has(shapes)) indexes.set(shapes, indexBorders(desk.map, shapes));
    return indexes.get(shapes);
  };
}

/* A new sheet for what is in view. `key` is the time, new or old, that a name belongs to; none for those of both. */
function openSheet({ map, state }, widthOf, bordersOf) {
  const { x: width, y: height } = map.getSize();
  const origin = map.getPixelOrigin().subtract(map.layerPointToContainerPoint([0, 0]));
  const frame = { scale: 2 ** map.getZoom(), left: origin.x, top: origin.y };
  const shown = state.time === "swipe" ? ["new", "old"] : [state.time];
  const split = state.time === "swipe" ? state.split * width : null;
  const taken = [];
  let kept = [];
  const nodes = [];

  const isSeenIn = (box, key) => {
    const left = split !== null && key === "new" ? split : 0;
    const right = split !== null && key === "old" ? split : width;
    return box.x - box.right >= left && box.x + box.right <= right && box.y - box.down >= 0 && box.y + box.down <= height;
  };
  const isSeen = (box, key) => (key ? [key] : shown).some((one) => isSeenIn(box, one));
  const isClear = (box) => ![taken, kept].some((others) => others.some((other) => overlap(box, other)));
  const isOffBorders = (box, key) => !(key ? [key] : shown).some((one) => bordersOf(one).isMet(box, frame));
  const isOutside = (point, key) => !(key ? [key] : shown).some((one) => bordersOf(one).isInside(point, frame));

  return {
    widthOf, nodes, isSeen, isClear, isOffBorders, isOutside,
    isFree: (box, key) => isSeen(box, key) && isClear(box) && isOffBorders(box, key),
    at: ([lat, lon]) => map.project([lat, lon]).subtract(origin),
    /* Keep all that is written off boxes, until others are given. */
    keep: (boxes) => { kept = boxes; },
    /* Put a node whose parts stand at pixels of the map, and keep others off its boxes. */
    write: (boxes, parts, data) => {
      taken.push(...boxes);
      const node = make("div", "label leaflet-zoom-hide", ...parts);
      Object.assign(node.dataset, data);
      L.DomUtil.setPosition(node, map.containerPointToLayerPoint([0, 0]));
      nodes.push(node);
    },
  };
}

/* Text around a point. */
function lettering(className, { x, y }, size, angle, ...content) {
  const span = make("span", className, ...content);
  span.style.fontSize = `${size}px`;
  span.style.transform = `translate(${x}px, ${y}px) translate(-50%, -50%) rotate(${-angle}deg)`;
  return span;
}

/* A name in one line, if there is room for it. Names of roads stand on the borders that run along them. */
function placeName(sheet, { text, spot, angle = 0, className, size, isOnBorder = false }) {
  const at = sheet.at(spot);
  const box = boxAt(at, sheet.widthOf(text, className, size), LINE * size, angle);
  if (!sheet.isSeen(box) || !sheet.isClear(box) || !(isOnBorder || sheet.isOffBorders(box))) return;
  sheet.write([box], [lettering(className, at, size, angle, text)]);
}
