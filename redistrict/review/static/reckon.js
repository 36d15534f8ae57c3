/* What the browser reckons by itself while someone paints: sums, pieces and patches of the touched communities. */
"use strict";

/* Blocks next to each block, with the edge between: [other, edge]. */
function listNeighbours(n, { a, b }) {
  const lists = Array.from({ length: n }, () => []);
  a.forEach((i, e) => {
    lists[i].push([b[e], e]);
    lists[b[e]].push([i, e]);
  });
  return lists;
}

/* All blocks that can be reached from one over edges that lead on. */
function spread(neighbours, start, leadsOn) {
  const found = new Set([start]);
  for (const i of found) {
    for (const [j, e] of neighbours[i]) if (!found.has(j) && leadsOn(j, e)) found.add(j);
  }
  return found;
}

function countPieces(neighbours, blocks) {
  const left = new Set(blocks);
  let n = 0;
  for (const i of blocks) {
    if (!left.has(i)) continue;
    n += 1;
    spread(neighbours, i, (j) => left.has(j)).forEach((j) => left.delete(j));
  }
  return n;
}

/* The blocks of a community around one of them, up to the next road on every side: one that has a price, if any has. */
function patchAround({ state, edges, neighbours }, b) {
  const { of_block: ofBlock } = state;
  const isRoad = edges.cost.some((metres) => metres > 0) ? (e) => edges.cost[e] > 0 : (e) => edges.is_crossing[e];
  return [...spread(neighbours, b, (j, e) => ofBlock[j] === ofBlock[b] && !isRoad(e))];
}

/* Whether a point lies inside rings of [latitude, longitude]. */
function isInside([y, x], rings) {
  let inside = false;
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
      const [[y1, x1], [y2, x2]] = [ring[i], ring[j]];
      if (y1 > y !== y2 > y && x < (x2 - x1) * (y - y1) / (y2 - y1) + x1) inside = !inside;
    }
  }
  return inside;
}

/* Blocks whose box comes within so many degrees of a place. */
const blocksNear = (review, { lat, lng }, dy, dx) => review.boxes.flatMap(([south, west, north, east], b) =>
  (south <= lat + dy && north >= lat - dy && west <= lng + dx && east >= lng - dx ? [b] : []));

const blockAt = (review, { lat, lng }) => blocksNear(review, { lat, lng }, 0, 0)
  .find((b) => review.desk.blockShapes[b].some((rings) => isInside([lat, lng], rings))) ?? -1;

/* Blocks that a round brush touches; its radius in degrees of latitude. */
function blocksUnder(review, { lat, lng }, radius) {
  const flat = Math.cos(lat * Math.PI / 180);
  const isNear = ([y, x]) => Math.hypot(y - lat, (x - lng) * flat) <= radius;
  const under = blockAt(review, { lat, lng });
  const found = radius === 0 ? [] : blocksNear(review, { lat, lng }, radius, radius / flat)
    .filter((b) => review.desk.blockShapes[b].some(([ring]) => ring.some(isNear)));
  return under < 0 || found.includes(under) ? found : [under, ...found];
}

const blocksWithin = (review, line) =>
  review.middles.flatMap((middle, b) => (isInside(middle, [line.map(({ lat, lng }) => [lat, lng])]) ? [b] : []));

/* The middle of the corners of a block's first part, or its nearest corner where that lies outside. */
function middleOf(shape) {
  const [ring] = shape[0];
  const sum = ring.reduce(([y, x], point) => [y + point[0], x + point[1]], [0, 0]);
  const middle = sum.map((value) => value / ring.length);
  return isInside(middle, shape[0]) ? middle : ring[0];
}

const sumOf = (values, blocks) => blocks.reduce((sum, b) => sum + (values[b] || 0), 0);
const residentsOf = (review, blocks) => sumOf(review.plan.residents, blocks);

const countsOf = (review, blocks) => ({ blocks: number(blocks.length), residents: number(residentsOf(review, blocks)) });

/* Blocks of a draft that it moves, each once. */
function movedBlocks(review, draft = review.draft) {
  if (draft === null) return [];
  const target = review.position.get(draft.target) ?? -1;
  return [...new Set(draft.strokes.flat())].filter((b) => review.state.of_block[b] !== target);
}

/* Communities that a draft touches, as they are saved and as they would be. */
function reckonDraft(review) {
  const target = review.position.get(review.draft.target);
  const moved = new Set(movedBlocks(review));
  if (target === undefined || !moved.size) return [];
  const sources = [...new Set([...moved].map((b) => review.state.of_block[b]))].sort((i, j) => i - j);
  return [target, ...sources].map((c) => {
    const stay = review.members[c].filter((b) => !moved.has(b));
    const before = review.state.communities[c];
    const after = reckon(review, c === target ? [...stay, ...moved] : stay, before);
    return { before, after };
  });
}

function reckon(review, blocks, { id, name }) {
  const { edges, plan, desk } = review;
  const inside = new Set(blocks);
  let roadM = 0;
  for (const i of blocks) {
    for (const [j, e] of review.neighbours[i]) if (j > i && inside.has(j)) roadM += edges.cost[e];
  }
  const sizes = Object.fromEntries(desk.quantities.filter((quantity) => quantity in desk.blocks)
    .map((quantity) => [quantity, sumOf(desk.blocks[quantity], blocks)]));
  const deviation = Object.fromEntries(Object.entries(plan.bases)
    .filter(([quantity, base]) => base && quantity in sizes).map(([quantity, base]) => [quantity, sizes[quantity] / base - 1]));
  return { id, name, ...sizes, deviation, workers: countWorkers(plan.staffing, sizes), road_m: roadM,
    faults: reckonFaults(review, blocks, sizes) };
}

/* Posts of a community, as the scenario counts them. */
function countWorkers(staffing, { households, people }) {
  if (!staffing) return null;
  const needs = [[households, staffing.households_per_worker], [people, staffing.people_per_worker]]
    .filter(([count]) => count !== undefined).map(([count, ratio]) => count / ratio);
  const need = staffing.combine === "mean" ? needs.reduce((sum, one) => sum + one, 0) / needs.length : Math.max(...needs);
  const tidy = Math.round(need * 1e9) / 1e9;
  return Math.max(staffing.rounding === "up" ? Math.ceil(tidy) : Math.floor(tidy + 0.5), staffing.minimum);
}

function reckonFaults(review, blocks, sizes) {
  const { words, plan } = review;
  if (!blocks.length) return [words.live_empty];
  const areas = new Set(blocks.map((b) => plan.area_of[b]));
  const { bounds } = plan.areas[plan.area_of[blocks[0]]];
  const pieces = countPieces(review.neighbours, blocks);
  const outside = Object.entries(sizes).filter(([quantity]) => quantity in bounds).flatMap(([quantity, size]) => {
    const [least, most] = bounds[quantity];
    const word = size < least ? "live_less" : most !== null && size > most ? "live_more" : null;
    const values = { quantity: review.desk.words[quantity], size: number(size), least: number(least), most: number(most) };
    return word ? [fill(words[word], values)] : [];
  });
  return [
    ...(pieces > 1 ? [fill(words.live_pieces, { n: pieces })] : []),
    ...(areas.size > 1 ? [words.live_areas] : []),
    ...outside,
  ];
}

/* Residents who go from one community to another between two states: [from, to, residents, blocks], most first. */
function listFlows(review, from, to) {
  const flows = new Map();
  from.of_block.forEach((c, b) => {
    const [one, other] = [from.communities[c], to.communities[to.of_block[b]]];
    if (one.id === other.id) return;
    const key = JSON.stringify([one.id, other.id]);
    if (!flows.has(key)) flows.set(key, { from: one, to: other, blocks: [] });
    flows.get(key).blocks.push(b);
  });
  return [...flows.values()].map((flow) => ({ ...flow, residents: residentsOf(review, flow.blocks) }))
    .sort((one, other) => other.residents - one.residents);
}
