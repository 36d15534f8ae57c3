/* Lettering of districts, streets, waters and hills: spaced letters over the ground they name. */
"use strict";

const GROUND_TYPES = { district: [18, 14], unit: [14], water: [17, 13], hill: [12] };
const PITCHES = [7, 5.4, 4.2, 3.3, 2.6, 2, 1.5]; // from letter to letter, in sizes of type
const BENDS = [0.1, -0.1, 0.2, -0.2]; // of the line of letters of a district, in parts of its length
const WIDE = 2.6; // letters that stand closer are read in a straight line only
const FEW = 6; // of narrow ground no more places are known

/* The ways to space out letters: straight before bent, far apart before close. */
function waysOver(kind, n, angle) {
  if (n === 1) return [{ pitch: 0, turn: 0, bend: 0 }];
  const bends = kind === "district" ? [0, ...BENDS] : [0];
  return bends.flatMap((bend) => PITCHES.filter((pitch) => bend === 0 || pitch >= WIDE)
    .flatMap((pitch) => (angle === 0 ? [0] : [angle, 0]).map((turn) => ({ pitch, turn, bend }))));
}

/* Letters where each has a free place over its ground; borders and other names pass between them. Tells whether there are. */
function placeGround(sheet, { kind, name, angle, spots }) {
  const className = `ground-name ${kind}`;
  const letters = isHan(name) ? [...name] : [name];
  const ways = waysOver(kind, letters.length, angle);
  const places = spots.map(sheet.at);
  const seen = places.filter((at) => sheet.isSeen(boxAt(at, 1, 1)));
  for (const size of GROUND_TYPES[kind]) {
    const widths = letters.map((text) => sheet.widthOf(text, className, size));
    const isOver = overGround(places, size);
    for (const way of ways) {
      for (const at of seen) {
        const boxes = letterBoxes(widths, size, at, way, (box) => isOver(box) && sheet.isFree(box));
        if (!boxes) continue;
        sheet.write(boxes, boxes.map((box, i) => lettering(className, box, size, 0, letters[i])), { kind });
        return true;
      }
    }
  }
  return false;
}

/* A name in the nearest free place outside all communities, away from the middle of the city, where its lakes are, with
   a line from its ground. */
function placeAside(sheet, { kind, name, spots }, middle) {
  const className = `ground-name ${kind}`;
  const size = GROUND_TYPES[kind][1];
  const seen = spots.map(sheet.at).filter((at) => sheet.isSeen(boxAt(at, 1, 1)));
  for (const { from, box } of placesBeside(seen, { width: sheet.widthOf(name, className, size), height: LINE * size })) {
    const isAway = (box.x - from.x) * (from.x - middle.x) + (box.y - from.y) * (from.y - middle.y) > 0;
    if (!isAway || !sheet.isFree(box) || !sheet.isOutside(box)) continue;
    const line = lineBox(from, box);
    if (!sheet.isClear(line)) continue;
    sheet.write([box, line], [leader(from, line), lettering(className, box, size, 0, name)], { kind });
    return;
  }
}

/* Whether a point lies over the ground: near one of the places of the square grid spread over it. */
function overGround(places, size) {
  const step = Math.min(...places.slice(1).map((at) => places[0].distanceTo(at)));
  const near = places.length > FEW ? 0.7 * step : 2 * size;
  return ({ x, y }) => places.some((at) => (at.x - x) ** 2 + (at.y - y) ** 2 <= near ** 2);
}

/* Letters stand upright, one after the other to the right, or down where the ground is steep; null if one has no place. */
function letterBoxes(widths, size, { x, y }, { pitch, turn, bend }, hasPlace) {
  const angle = (turn > 45 ? turn - 180 : turn) * Math.PI / 180;
  const [u, v] = [Math.cos(angle) * pitch * size, -Math.sin(angle) * pitch * size];
  const last = Math.max(1, widths.length - 1);
  const boxes = [];
  for (const [i, width] of widths.entries()) {
    const along = i - last / 2;
    const beside = bend * last * (1 - (2 * along / last) ** 2);
    boxes.push(boxAt({ x: x + along * u - beside * v, y: y + along * v + beside * u }, width, LINE * size));
    if (!hasPlace(boxes[i])) return null;
  }
  return boxes;
}
