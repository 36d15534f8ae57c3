/* The frame of a printed sheet: title above; legend, scale and title block (图签) below; north in a corner of the map. */
"use strict";

const USUAL_SCALES = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];
const PIXEL_M = 0.0254 / 96; // of paper, as style sheets count
const KEY_ZOOM = 12;

/* The first usual scale that is not larger: 23,400 becomes 25,000. */
function usualScale(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return Math.round(power * USUAL_SCALES.find((step) => step * power >= least * (1 - 1e-9)));
}

/* Metres of ground that a pixel of the world at zoom 0 stands for, at a latitude. */
const groundOfPixel = (lat) => 2 * Math.PI * L.Projection.SphericalMercator.R * Math.cos(lat * Math.PI / 180) / 256;

/* Show the bounds, as large as a usual scale allows; gives the scale, which holds in the middle of the sheet. */
function fitToScale(map, bounds) {
  const middle = bounds.getCenter();
  const ground = groundOfPixel(middle.lat);
  const scale = usualScale(ground / 2 ** map.getBoundsZoom(bounds) / PIXEL_M);
  map.setView(middle, Math.log2(ground / (scale * PIXEL_M)), { animate: false });
  return scale;
}

function makeFrame(desk) {
  const { map, plan, words, state } = desk;
  const scale = make("dd", "");
  const bar = make("div", "bar");
  const key = make("div", "");
  const views = { communities: words.communities, crossing: words.crossing_view };
  const shown = [...(plan.old ? [say(words[state.time]), " · "] : []), say(views[state.view] || words[state.view + "_deviation"])];
  const head = make("header", "sheet-head", make("h1", "", say(plan.title)), make("p", "", ...shown),
    plan.label ? make("p", "caution", say(plan.label)) : null);
  const foot = make("footer", "sheet-foot", make("ul", "legend", ...legendRows(desk)),
    make("div", "sheet-scale", bar, make("p", "", say(words.mercator)), key),
    titleBlock(desk, scale));
  const north = make("div", "north", say(words.north_arrow));
  document.body.append(head, foot);
  map.getContainer().append(north);
  return {
    state(number) {
      scale.replaceChildren(`1 : ${number.toLocaleString("en-US")}`);
      bar.replaceChildren(...scaleBar(number));
      key.replaceChildren(...keyMap(desk));
    },
    remove: () => [head, foot, north].forEach((node) => node.remove()),
  };
}

/* What is known, and empty lines for what is written by hand. */
function titleBlock({ plan, words }, scale) {
  const lines = plan.sheet.map(([name, value]) => [say(name), make("dd", "", say(value))]);
  return make("dl", "title-block", ...[...lines.slice(0, 2), [say(words.scale), scale], ...lines.slice(2)]
    .map(([name, value]) => make("div", "", make("dt", "", name), value)));
}

/* Where a sheet lies that does not show the whole city. */
function keyMap({ map, shapes, words }) {
  const city = L.latLngBounds(shapes.new.flat(3));
  if (map.getBounds().contains(city)) return [];
  const frame = (bounds) => {
    const { x, y } = map.project(bounds.getNorthWest(), KEY_ZOOM);
    const end = map.project(bounds.getSouthEast(), KEY_ZOOM);
    return { x, y, width: end.x - x, height: end.y - y };
  };
  const place = (spot) => {
    const { x, y } = map.project(spot, KEY_ZOOM);
    return `${x.toFixed(1)} ${y.toFixed(1)}`;
  };
  const drawing = svgNode("svg", { class: "key-map", preserveAspectRatio: "xMinYMid", viewBox: Object.values(frame(city.pad(0.05))).join(" ") });
  drawing.append(
    svgNode("path", { d: shapes.new.flatMap(linesOf).map((line) => `M${line.map(place).join("L")}Z`).join("") }),
    svgNode("rect", frame(map.getBounds())));
  return [make("p", "", say(words.key_map)), drawing];
}

/* A bar of a usual length, 5 to 10 cm long, in four pieces. */
function scaleBar(scale) {
  const metres = usualScale(0.05 * scale);
  const kilometres = metres >= 1000;
  const label = (share) => `${metres * share / (kilometres ? 1000 : 1)}`;
  const pieces = [0, 1, 2, 3].map(() => make("i", ""));
  pieces.forEach((piece) => { piece.style.width = `${250 * metres / scale}mm`; });
  const figures = make("p", "", label(0), make("span", "", label(0.5)), make("span", "", `${label(1)} ${kilometres ? "km" : "m"}`));
  figures.style.width = `${1000 * metres / scale}mm`;
  return [figures, ...pieces];
}
