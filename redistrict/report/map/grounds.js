/* Lettering of districts, streets, waters and hills: spaced letters over the ground they name. */
"use strict";

const GROUND_TYPES = { district: [18, 14], unit: [14], water: [17, 13], hill: [12] };
const PITCHES = [7, 5.4, 4.2, 3.3, 2.6, 2, 1.5]; // from letter to letter, in sizes of type
const FEW = 6; // of narrow ground no more places are known

/* Letters where each has a free place over its ground; borders and other names pass between them. */
function placeGround(sheet, { kind, name, angle, spots }) {
  const className = `ground-name ${kind}`;
  const letters = isHan(name) ? [...name] : [name];
  const turns = angle === 0 || letters.length === 1 ? [0] : [angle, 0];
  const ways = (letters.length === 1 ? [0] : PITCHES).flatMap((pitch) => turns.map((turn) => ({ pitch, turn })));
  const places = spots.map(sheet.at);
  const seen = places.filter((at) => sheet.isSeen(boxAt(at, 1, 1)));
  for (const size of GROUND_TYPES[kind]) {
    const widths = letters.map((text) => sheet.widthOf(text, className, size));
    const isOver = overGround(places, size);
    for (const at of seen) {
      for (const way of ways) {
        const boxes = letterBoxes(widths, size, at, way, (box) => isOver(box) && sheet.isFree(box));
        if (!boxes) continue;
        sheet.write(boxes, boxes.map((box, i) => lettering(className, box, size, 0, letters[i])), { kind });
        return;
      }
    }
  }
}

/* Whether a point lies over the ground: near one of the places of the square grid spread over it. */
function overGround(places, size) {
  const step = Math.min(...places.slice(1).map((at) => places[0].distanceTo(at)));
  const near = places.length > FEW ? 0.7 * step : 2 * size;
  return ({ x, y }) => places.some((at) => (at.x - x) ** 2 + (at.y - y) ** 2 <= near ** 2);
}

/* Letters stand upright, one after the other to the right, or down where the ground is steep; null if one has no place. */
function letterBoxes(widths, size, { x, y }, { pitch, turn }, hasPlace) {
  const angle = (turn > 45 ? turn - 180 : turn) * Math.PI / 180;
  const [u, v] = [Math.cos(angle) * pitch * size, -Math.sin(angle) * pitch * size];
  const boxes = [];
  for (const [i, width] of widths.entries()) {
    const along = i - (widths.length - 1) / 2;
    boxes.push(boxAt({ x: x + along * u, y: y + along * v }, width, LINE * size));
    if (!hasPlace(boxes[i])) return null;
  }
  return boxes;
}
