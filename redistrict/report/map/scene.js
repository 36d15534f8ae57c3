/* Scenes: the plan before or after, each on panes of its own, so that one can be wiped off the other. */
"use strict";

/* Geometry comes as steps in microdegrees, longitude first. */
function points(steps) {
  const line = [];
  let x = 0;
  let y = 0;
  for (let i = 0; i < steps.length; i += 2) {
    x += steps[i];
    y += steps[i + 1];
    line.push([y / 1e6, x / 1e6]);
  }
  return line;
}

const polygons = (shape) => shape.map((rings) => rings.map(points));

/* A finger has no place where it only points: a tap chooses, and the card says it all. */
const canPoint = matchMedia("(hover: hover)").matches;
const withTip = (layer, tip) => (canPoint ? layer.bindTooltip(tip, { sticky: true, opacity: 1 }) : layer);

/* A pane with a canvas of its own. */
function pane(map, name, zIndex, interactive) {
  const element = map.createPane(name);
  element.style.zIndex = zIndex;
  if (!interactive) element.style.pointerEvents = "none";
  return { pane: name, renderer: L.canvas({ pane: name, padding: 0.5 }), interactive };
}

const LOOK = { new: "#2f2a3d", old: "#1b5e7d", exception: "#a3172d", marked: "#0066ff",
  grid: "#7b2d8e", district: "#8e6bb8", water: "#a9cbe0", hill: "#c3d3ac", rail: "#66717d" };

function makeScene(desk, key) {
  const { map, plan, blocks } = desk;
  const era = plan[key];
  const other = key === "new" ? "old" : "new";
  const ground = pane(map, key + "-ground", 410, true);
  const lines = pane(map, key + "-lines", 440, false);
  const scene = { key, era, panes: [ground, lines].map(({ pane: name }) => map.getPane(name)) };

  const highlight = (layer, community) => {
    layer.on("mouseover", () => scene.outlines[community()]?.setStyle({ weight: 1.7 * borderWidth(map) }));
    layer.on("mouseout", () => scene.outlines[community()]?.setStyle({ weight: borderWidth(map) }));
  };
  scene.makeArea = (shape, c) => {
    const area = withTip(L.polygon(shape, { ...ground, stroke: false }).addTo(map)
      .on("click", ({ target }) => { target.closeTooltip(); desk.select({ key, c }); }), () => tooltipCard(desk, key, c));
    highlight(area, () => c);
    return area;
  };
  scene.makeOutline = (shape, c) =>
    outline(shape, { color: era.exception[c] ? LOOK.exception : LOOK[key] }).addTo(map);

  scene.areas = desk.shapes[key].map(scene.makeArea);
  const isDrawn = (b) => blocks[key][b] >= 0;
  scene.plots = blocks === null ? [] : desk.blockShapes.map((shape, b) => {
    const plot = L.polygon(shape, { ...ground, weight: 0.6, color: "#6d6875", opacity: 0.7 }).addTo(map)
      .on("click", ({ target }) => { target.closeTooltip(); desk.select({ key, c: blocks[key][b], b }); });
    return isDrawn(b) ? withTip(plot, () => tooltipCard(desk, key, blocks[key][b])) : plot;
  });
  const outline = (shape, style) => L.polygon(shape, { ...lines, fill: false, ...style });
  scene.crossings = crossingGroups(desk, key, lines);
  scene.outlines = desk.shapes[key].map(scene.makeOutline);
  scene.outlines.filter((_, c) => era.exception[c]).forEach((line) => line.bringToFront());
  scene.others = L.layerGroup([]);
  scene.drawOthers = () => {
    scene.others.clearLayers();
    desk.shapes[other].forEach((shape) => scene.others.addLayer(outline(shape, { color: LOOK[other], dashArray: "5 4" })));
  };
  scene.drawOthers();

  scene.plots.forEach((plot, b) => isDrawn(b) && highlight(plot, () => blocks[key][b]));
  return scene;
}

/* Stretches of road inside communities, main and local ones apart; served ones are crossed by white bars. */
function crossingGroups({ plan }, key, lines) {
  const groups = { crossings: L.layerGroup([]), local_crossings: L.layerGroup([]) };
  const names = Object.keys(plan.crossing_classes).reverse(); // the more important is drawn on top
  for (const crossing of names.flatMap((name) => plan.crossings.filter((one) => one[2] === name))) {
    const [planned, today, name, served, parts] = crossing;
    if ((key === "new" ? planned : today) < 0) continue;
    const { local, colour, width } = plan.crossing_classes[name];
    const group = groups[local ? "local_crossings" : "crossings"];
    const draw = (style) => group.addLayer(L.polyline(parts.map(points), { ...lines, lineCap: "butt", ...style }));
    draw({ color: colour, thick: width });
    if (served) draw({ color: "#fff", thick: 0.5 * width, dashArray: "4 3" });
  }
  return groups;
}

const thickness = (map) => Math.min(2, 2 ** ((map.getZoom() - 14.5) / 1.5));
const borderWidth = (map) => 2.6 * Math.min(1.5, Math.max(0.75, thickness(map)));

function colourOf(desk, era, c) {
  const { plan, state } = desk;
  if (c < 0) return "#ffffff";
  if (state.view === "communities") return plan.palette[era.colour[c]];
  if (state.view === "crossing") return plan.crossing_scale[1][era.crossing_class[c]];
  const step = era[state.view + "_class"]?.[c] ?? -1;
  return step < 0 ? "#d9d9d9" : plan.scale[step][1];
}

/* Colour a scene for the view, and draw its lines for the zoom. */
function styleScene(desk, scene) {
  const { map, blocks, state } = desk;
  const over = state.shown.tiles ? 0.55 : 1;
  const near = map.getZoom() > 13.5;
  scene.areas.forEach((area, c) =>
    area.setStyle({ fillColor: colourOf(desk, scene.era, c), fillOpacity: over * (blocks === null ? 0.9 : 0.5) }));
  scene.plots.forEach((plot, b) => plot.setStyle({
    fillColor: colourOf(desk, scene.era, blocks[scene.key][b]), fillOpacity: over * 0.95,
    stroke: state.shown.outlines, opacity: near ? 0.7 : 0.25,
  }));
  scene.outlines.forEach((line) => line.setStyle({ weight: borderWidth(map) }));
  scene.others.eachLayer((line) => line.setStyle({ weight: 0.8 * borderWidth(map) }));
  for (const [key, group] of Object.entries({ ...scene.crossings, other_borders: scene.others })) {
    const shown = state.shown[key];
    if (key in scene.crossings) group.eachLayer((line) => line.setStyle({ weight: line.options.thick * (0.4 + 0.5 * thickness(map)) }));
    if (shown !== map.hasLayer(group)) shown ? group.addTo(map) : group.remove();
  }
  if (state.shown.other_borders) scene.others.eachLayer((line) => line.bringToBack());
}

/* Show one scene, or both with a line between them. */
function showScenes(desk) {
  const { map, state } = desk;
  const { x: width, y: height } = map.getSize();
  const [x0, y0] = [map.containerPointToLayerPoint([0, 0]).x, map.containerPointToLayerPoint([0, 0]).y];
  const split = Math.round(state.split * width);
  for (const scene of Object.values(desk.scenes)) {
    const shown = state.time === "swipe" || state.time === scene.key;
    const [left, right] = scene.key === "old" ? [-width, split] : [split, 2 * width];
    const clip = `polygon(${[[left, -height], [right, -height], [right, 2 * height], [left, 2 * height]]
      .map(([x, y]) => `${x0 + x}px ${y0 + y}px`).join(", ")})`;
    scene.panes.forEach((element) => {
      element.style.display = shown ? "" : "none";
      element.style.clipPath = state.time === "swipe" ? clip : "";
    });
  }
}
