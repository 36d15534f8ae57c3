/* Boxes of names, level or turned, and what they keep off: each other, and the borders of communities. */
"use strict";

const CELLS = 96; // of an index of borders, along each side
const CLEARANCE = 1.5; // pixels between a name and the middle of a border

/* A box around a middle; its width runs at `angle` degrees, counted against the clock. */
function boxAt({ x, y }, width, height, angle = 0) {
  const [a, b] = [width / 2, height / 2];
  if (angle === 0) return { x, y, a, b, cos: 1, sin: 0, right: a, down: b };
  const cos = Math.cos(angle * Math.PI / 180);
  const sin = -Math.sin(angle * Math.PI / 180);
  return { x, y, a, b, cos, sin,
    right: a * Math.abs(cos) + b * Math.abs(sin), down: a * Math.abs(sin) + b * Math.abs(cos) };
}

/* How far a box reaches from its middle along a direction. */
const reach = ({ a, b, cos, sin }, u, v) => a * Math.abs(u * cos + v * sin) + b * Math.abs(v * cos - u * sin);

function overlap(one, two) {
  const dx = two.x - one.x;
  const dy = two.y - one.y;
  if (Math.abs(dx) >= one.right + two.right || Math.abs(dy) >= one.down + two.down) return false;
  const isApart = (u, v) => Math.abs(dx * u + dy * v) >= reach(one, u, v) + reach(two, u, v);
  return ![one, two].some(({ cos, sin }) => isApart(cos, sin) || isApart(-sin, cos));
}

/* Whether a stretch from one point to another meets a box: no side of the box, nor the stretch, parts them. */
function meets({ x, y, a, b, cos, sin }, x1, y1, x2, y2) {
  const u1 = (x1 - x) * cos + (y1 - y) * sin;
  const u2 = (x2 - x) * cos + (y2 - y) * sin;
  if ((u1 > a && u2 > a) || (u1 < -a && u2 < -a)) return false;
  const v1 = (y1 - y) * cos - (x1 - x) * sin;
  const v2 = (y2 - y) * cos - (x2 - x) * sin;
  if ((v1 > b && v2 > b) || (v1 < -b && v2 < -b)) return false;
  return Math.abs(u1 * v2 - u2 * v1) <= a * Math.abs(v2 - v1) + b * Math.abs(u2 - u1);
}

/* The stretches of all rings, each once, as x, y, x, y in pixels of zoom 0; `outer` holds those of one area alone. */
function listStretches(map, shapes) {
  const found = new Map();
  for (const ring of shapes.flat(2)) {
    const line = ring.map(([lat, lon]) => map.project([lat, lon], 0));
    for (let i = 1; i < line.length; i += 1) {
      const [{ x: x1, y: y1 }, { x: x2, y: y2 }] = x1First(line[i - 1], line[i]);
      const name = `${x1} ${y1} ${x2} ${y2}`;
      found.set(name, { ends: [x1, y1, x2, y2], count: (found.get(name)?.count || 0) + 1 });
    }
  }
  const stretches = [...found.values()];
  return { all: stretches.map(({ ends }) => ends), outer: stretches.filter(({ count }) => count === 1).map(({ ends }) => ends) };
}

const x1First = (one, two) => (one.x < two.x || (one.x === two.x && one.y < two.y) ? [one, two] : [two, one]);

/* An index of the borders of areas: tells whether a box on screen meets one, and whether a point is in any area. */
function indexBorders(map, shapes) {
  const { all, outer } = listStretches(map, shapes);
  const area = L.bounds(all.flatMap(([x1, y1, x2, y2]) => [[x1, y1], [x2, y2]]));
  const cell = Math.max(area.getSize().x, area.getSize().y) / CELLS;
  const cells = Array.from({ length: (CELLS + 1) ** 2 }, () => []);
  const column = (x) => Math.floor((x - area.min.x) / cell);
  const row = (y) => Math.floor((y - area.min.y) / cell);
  const anyCell = (west, north, east, south, test) => {
    const [last, lowest] = [Math.min(CELLS, column(east)), Math.min(CELLS, row(south))];
    for (let i = Math.max(0, column(west)); i <= last; i += 1) {
      for (let j = Math.max(0, row(north)); j <= lowest; j += 1) if (test(cells[i * (CELLS + 1) + j])) return true;
    }
    return false;
  };
  for (const ends of all) {
    const [x1, y1, x2, y2] = ends;
    anyCell(x1, Math.min(y1, y2), x2, Math.max(y1, y2), (own) => { own.push(ends); return false; });
  }

  /* The box in pixels of zoom 0, wider by the clearance. */
  const enlarge = ({ x, y, a, b, cos, sin, right, down }, { scale, left, top }) => ({ cos, sin,
    x: (x + left) / scale, y: (y + top) / scale, a: (a + CLEARANCE) / scale, b: (b + CLEARANCE) / scale,
    right: (right + 2 * CLEARANCE) / scale, down: (down + 2 * CLEARANCE) / scale });

  return {
    isMet: (box, frame) => {
      const large = enlarge(box, frame);
      const { x, y, right, down } = large;
      return anyCell(x - right, y - down, x + right, y + down,
        (own) => own.some(([x1, y1, x2, y2]) => meets(large, x1, y1, x2, y2)));
    },
    isInside: ({ x, y }, { scale, left, top }) => {
      const [u, v] = [(x + left) / scale, (y + top) / scale];
      const isLeft = ([x1, y1, x2, y2]) => (y1 > v) !== (y2 > v) && u < x1 + (v - y1) / (y2 - y1) * (x2 - x1);
      return outer.filter(isLeft).length % 2 === 1;
    },
  };
}
