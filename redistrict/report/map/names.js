/* Names of communities: written into them where there is room, level or along them, or else led to a place beside. */
"use strict";

const LEAST_TYPE = { screen: 10, print: 8 }; // pixels; 8 are 6 points
const TURNED = 2.5; // a turned name is as good as one that is so many pixels smaller
const BARE = 6; // and so is one without its figure
const CUT = 3; // and so is one without the word community
const LED = { // pixels from a community to a name led to it, and from how many of its places one may be led
  screen: { leads: [5, 12, 20, 30, 42, 56, 72], n: 2 },
  print: { leads: [5, 10, 16, 22, 30, 40, 50, 62, 76, 92, 110, 130, 150], n: 6 },
};
const COMPASS = Array.from({ length: 16 }, (_, i) => [Math.cos(i * Math.PI / 8), Math.sin(i * Math.PI / 8)]);
const led = () => LED[isPrinting() ? "print" : "screen"];
const leastType = () => LEAST_TYPE[isPrinting() ? "print" : "screen"];

/* A name without the word community at its end, which is the same for all. */
const cutName = (name) => /^(..+?)(社区| community)$/i.exec(name)?.[1] ?? name;

/* The names of a scene, each with the places in view where it may stand, the best first. */
function namesOf(desk, sheet, { era, key }) {
  const { view } = desk.state;
  const figure = (c) => (view === "crossing" ? number(era.crossing[c]) : era[view + "_deviation"]?.[c] ?? "");
  const name = (c) => desk.shortNames.get(nameOf(era, c)) ?? nameOf(era, c);
  return era.spots.map((spots, c) => ({
    key, c, angle: era.angle[c],
    texts: [...new Set([name(c), cutName(name(c))])],
    second: view === "communities" ? "" : figure(c),
    places: spots.map(sheet.at).filter((at) => sheet.isSeen(boxAt(at, 6, 6), key)),
  }));
}

function extent(sheet, text, size, figure = "", isUpright = false) {
  const widths = [sheet.widthOf(text, "community-name", size), figure ? sheet.widthOf(figure, "community-name", size - 1) : 0];
  const [long, wide] = [Math.max(...widths), LINE * (figure ? 2 * size - 1 : size) + 0.5];
  return isUpright ? { width: wide, height: long } : { width: long, height: wide };
}

/* Every way to write a name into its community: large before small, level before turned, whole and with its figure
   first. Along a steep one Chinese characters stand upon each other. */
function waysInto(sheet, { texts, second, angle }, largest) {
  const steep = /^[\u3400-\u9fff]+$/.test(texts[0]) && Math.abs(angle) > 45;
  const turns = [{ angle: 0, loss: 0 }, { angle: steep ? 0 : angle, isUpright: steep, loss: TURNED }];
  const sizes = Array.from({ length: largest - leastType() + 1 }, (_, i) => largest - i);
  const figures = second ? [second, ""] : [""];
  const ways = texts.flatMap((text, n) => figures.flatMap((figure) => turns.flatMap((turn) => sizes.map((size) => ({
    ...turn, text, size, figure, ...extent(sheet, text, size, figure, turn.isUpright),
    cost: largest - size + turn.loss + (second && !figure ? BARE : 0) + n * CUT,
  })))));
  return ways.filter(({ figure, isUpright }) => !(figure && isUpright)).sort((one, two) => one.cost - two.cost);
}

function writeCommunity(sheet, { key, c }, { text, size, figure, angle, isUpright }, boxes, ...lead) {
  const small = figure ? make("small", "", figure) : null;
  if (small) small.style.fontSize = `${size - 1}px`;
  const className = "community-name" + (isUpright ? " upright" : "") + (lead.length ? " led" : "");
  sheet.write(boxes, [...lead, lettering(className, boxes[0], size, angle, text, small)], { key, c });
}

function placeInto(sheet, label, largest) {
  for (const way of waysInto(sheet, label, largest)) {
    const boxes = label.places.map((at) => boxAt(at, way.width, way.height, way.angle));
    const box = boxes.find((one) => sheet.isFree(one, label.key));
    if (!box) continue;
    writeCommunity(sheet, label, way, [box]);
    return true;
  }
  return false;
}

/* Every place beside `places` to which a name could be led from them: near before far. */
function* placesBeside(places, { width, height }) {
  for (const lead of led().leads) {
    for (const from of places) {
      for (const [u, v] of COMPASS) {
        const at = { x: from.x + (lead + width / 2) * u, y: from.y + (lead + height / 2) * v };
        yield { from, box: boxAt(at, width, height) };
      }
    }
  }
}

/* A name in the nearest free place beside its community, with a line from there. */
function placeBeside(sheet, label, isOutside) {
  const size = leastType();
  const text = label.texts.at(-1);
  const way = { text, size, figure: "", angle: 0, ...extent(sheet, text, size) };
  for (const { from, box } of placesBeside(label.places.slice(0, led().n), way)) {
    if (!sheet.isFree(box, label.key) || (isOutside && !sheet.isOutside(box, label.key))) continue;
    const line = lineBox(from, box);
    if (!sheet.isClear(line)) continue;
    writeCommunity(sheet, label, way, [box, line], leader(from, line));
    return true;
  }
  return false;
}

/* The line from a point to the nearest of a level box. */
function lineBox(from, { x, y, a, b }) {
  const to = { x: x - Math.max(-a, Math.min(a, x - from.x)), y: y - Math.max(-b, Math.min(b, y - from.y)) };
  const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
  return boxAt(middle, Math.hypot(to.x - from.x, to.y - from.y), 2, -Math.atan2(to.y - from.y, to.x - from.x) * 180 / Math.PI);
}

function leader({ x, y }, { a, cos, sin }) {
  const line = make("i", "leader");
  line.style.width = `${2 * a}px`;
  line.style.transform = `translate(${x}px, ${y}px) rotate(${Math.atan2(sin, cos)}rad)`;
  return line;
}

/* The names of all scenes shown. */
function listNames(desk, sheet) {
  const { scenes, state } = desk;
  const shown = Object.values(scenes).filter(({ key }) => state.time === "swipe" || state.time === key);
  return shown.flatMap((scene) => namesOf(desk, sheet, scene));
}

/* The room that each name needs at least, where it would stand best. */
function leastRoom(sheet, labels) {
  return labels.filter(({ places }) => places.length).map(({ texts, places }) => {
    const { width, height } = extent(sheet, texts.at(-1), leastType());
    return boxAt(places[0], width, height);
  });
}

/* All that there is room for; the others go beside, outside all communities if they can. */
function placeCommunities({ map }, sheet, labels) {
  const largest = map.getZoom() < 13.25 ? 12 : 14;
  const left = labels.filter((label) => !placeInto(sheet, label, largest));
  left.filter((label) => !placeBeside(sheet, label, true)).forEach((label) => placeBeside(sheet, label, false));
}
