/* From a state to the map: the desk's plan after is the state, and overlays tell what is moved, drafted or proposed. */
"use strict";

const DEVIATION_STEPS = [0.05, 0.1];

function signedPercent(share) {
  const text = (Math.abs(share) * 100).toFixed(1) + "%";
  return (text === "0.0%" || share > 0 ? "+" : "−") + text;
}
const signed = (value) => (value < 0 ? "−" : "+") + number(Math.abs(value));

/* Put a state as the desk's plan after. */
function takeState(review, state) {
  const { desk } = review;
  const era = desk.plan.new;
  const { communities } = state;
  review.state = state;
  review.position = new Map(communities.map(({ id }, c) => [id, c]));
  review.members = communities.map(() => []);
  state.of_block.forEach((c, b) => review.members[c].push(b));
  desk.blocks.new = state.of_block;
  era.id = communities.map(({ id }) => id);
  era.name = communities.map(({ name }) => name);
  era.exception = era.id.map((id) => review.exceptions.has(id));
  era.card = communities.map((one) => (one.is_touched ? [] : review.cards.get(one.id) || []));
  era.colour = communities.map(({ colour }) => colour % desk.plan.palette.length);
  era.crossing = communities.map((one) => Math.round(one.road_m));
  era.crossing_class = era.crossing.map((metres) => desk.plan.crossing_scale[0].filter((step) => step < metres).length);
  era.spots = review.members.map((blocks) => spotsOf(review, blocks));
  era.angle = communities.map(() => 0);
  for (const quantity of desk.quantities) {
    era[quantity] = communities.map((one) => one[quantity]);
    const deviations = communities.map((one) => one.deviation[quantity] ?? null);
    if (!(quantity + "_deviation" in era)) continue;
    era[quantity + "_deviation"] = deviations.map((share) => (share === null ? "" : signedPercent(share)));
    era[quantity + "_class"] = deviations.map(deviationClass);
  }
  showCommunities(desk, communities.map(({ shape }) => review.shapes.get(shape)));
}

function deviationClass(share) {
  if (share === null) return -1;
  const step = DEVIATION_STEPS.filter((least) => Math.round(Math.abs(share) * 1e9) / 1e9 > least).length;
  return share >= 0 ? 3 + step : 2 - step;
}

/* Places for the name: middles of blocks, the nearest to the middle of all first. */
function spotsOf(review, blocks) {
  const spots = blocks.map((b) => review.middles[b]);
  const [y, x] = [0, 1].map((axis) => spots.reduce((sum, spot) => sum + spot[axis], 0) / spots.length);
  const far = (spot) => Math.hypot(spot[0] - y, spot[1] - x);
  return spots.sort((one, two) => far(one) - far(two));
}

/* Draw the communities whose shapes are others than before. */
function showCommunities(desk, shapes) {
  const scene = desk.scenes.new;
  while (scene.areas.length > shapes.length) [scene.areas, scene.outlines].forEach((layers) => layers.pop().remove());
  shapes.forEach((shape, c) => {
    if (c >= scene.areas.length) {
      scene.areas.push(scene.makeArea(shape, c).bringToBack());
      scene.outlines.push(scene.makeOutline(shape, c));
    } else if (shape !== desk.shapes.new[c]) {
      [scene.areas[c], scene.outlines[c]].forEach((layer) => layer.setLatLngs(shape));
    }
    scene.outlines[c].setStyle({ color: desk.plan.new.exception[c] ? LOOK.exception : LOOK.new });
  });
  desk.shapes.new = shapes;
  desk.scenes.old?.drawOthers();
  desk.restyle();
}

/* A hatching for a canvas: lines of one colour, over a ground of another or none. */
function hatch(line, ground, isRising) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 10;
  const context = tile.getContext("2d");
  if (ground) {
    context.fillStyle = ground;
    context.fillRect(0, 0, 10, 10);
  }
  context.strokeStyle = line;
  context.lineWidth = 2;
  context.beginPath();
  for (const shift of [-10, 0, 10]) {
    context.moveTo(shift - 1, isRising ? 11 : -1);
    context.lineTo(shift + 11, isRising ? -1 : 11);
  }
  context.stroke();
  return context.createPattern(tile, "repeat");
}

/* Everything that lies over the plan. */
function makeOverlays(review) {
  const { map, blockShapes, shapes } = review.desk;
  const front = pane(map, "review", 443, false);
  const layer = () => L.layerGroup([]).addTo(map);
  const groups = { moved: layer(), asked: layer(), marked: layer(), pins: layer(), comments: layer() };
  const put = (group, list, style) => list.forEach((b) => L.polygon(blockShapes[b], { ...front, ...style }).addTo(group));
  const moved = hatch("#2f2a3d70", "", true);
  const different = hatch("#8a1c7c", "", false);
  const colourOf = (c) => review.desk.plan.palette[c] || "#ffffff";

  function drawAsked() {
    const { draft, preview, compared } = review;
    groups.asked.clearLayers();
    put(groups.asked, compared?.blocks ?? [], { fillColor: different, fillOpacity: 1, color: "#8a1c7c", weight: 2 });
    if (preview?.moves) {
      for (const flow of preview.flows) {
        const fillColor = hatch("#0b7a53", colourOf(flow.to.colour % review.desk.plan.palette.length), false);
        put(groups.asked, flow.blocks, { fillColor, fillOpacity: 0.9, color: "#0b7a53", weight: 2.5 });
      }
    }
    const unsaved = review.unsaved.flatMap(({ blocks }) => blocks);
    put(groups.asked, unsaved, { fill: false, color: "#c2410c", weight: 2.5, dashArray: "4 4" });
    const target = draft && review.position.get(draft.target);
    const fillColor = target === undefined || target === null ? "#ffffff" : colourOf(review.desk.plan.new.colour[target]);
    put(groups.asked, draft === null ? [] : movedBlocks(review), { fillColor, fillOpacity: 0.85, color: LOOK.marked, weight: 2.2 });
  }

  function drawMarked() {
    const { selection, cursor, pointed } = review;
    groups.marked.clearLayers();
    const c = selection?.key === "old" ? selection.c : review.position.get(selection?.id);
    const shape = selection && c !== undefined ? shapes[selection.key][c] : null;
    if (shape) L.polygon(shape, { ...front, fill: false, color: LOOK.marked, weight: 4 }).addTo(groups.marked);
    if (selection?.b !== undefined) put(groups.marked, [selection.b], { fill: false, color: LOOK.marked, weight: 3 });
    put(groups.marked, pointed, { fill: false, color: "#c2410c", weight: 3 });
    if (cursor !== null) put(groups.marked, [cursor], { fill: false, color: "#000000", weight: 3, dashArray: "2 5" });
  }

  function drawMoved() {
    groups.moved.clearLayers();
    const { base, state } = review;
    const isMoved = (c, b) => base.communities[base.of_block[b]].id !== state.communities[c].id;
    put(groups.moved, state.of_block.flatMap((c, b) => (isMoved(c, b) ? [b] : [])),
      { fillColor: moved, fillOpacity: 1, color: "#2f2a3d", weight: 1.2 });
  }

  function drawComments() {
    groups.comments.clearLayers();
    for (const comment of review.state.comments.filter(({ is_open: isOpen }) => isOpen)) {
      const spot = spotOfComment(review, comment.on);
      if (!spot) continue;
      const icon = L.divIcon({ className: "comment-spot", html: make("span", "", "✎"), iconSize: [26, 26] });
      L.marker(spot, { icon, keyboard: false, title: `${comment.author}: ${comment.text}` }).addTo(groups.comments)
        .on("click", () => review.openTab("comments"));
    }
  }

  let drawn = null;
  review.drawOverlays = () => {
    if (drawn !== review.state) {
      drawMoved();
      drawComments();
      drawn = review.state;
    }
    drawAsked();
    drawMarked();
  };
  review.drawMarked = drawMarked;
  review.drawAsked = drawAsked;
}

function spotOfComment(review, on) {
  if ("block" in on) return review.middles[review.blockOf.get(on.block)];
  const c = review.position.get(on.community);
  return c === undefined ? null : review.desk.plan.new.spots[c][0];
}
