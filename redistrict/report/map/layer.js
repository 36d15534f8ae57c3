/* The planner's desk: puts the plan on a Leaflet map, and its controls beside it. */
"use strict";

const SITE_FILLS = { used: "#0b7a53", idle: "#c9c3b8" };
const isBarrier = (road) => road.class === "barrier" || road.class === "hill";

function drawPlan(map, plan) {
  const desk = openDesk(map, plan);
  document.getElementById("panel").append(...panelParts(desk));
  document.querySelector("meta[name=viewport]").content = "width=device-width, initial-scale=1"; // folium forbids to enlarge
  map.getContainer().setAttribute("role", "main");
  preparePrinting(desk);
  desk.restyle();
  followAddress(desk);
}

/* The map with its tools; what stands beside it is for the page to say. */
function openDesk(map, plan) {
  setLanguage(plan.language === "en" ? "en" : "zh");
  const desk = makeDesk(map, plan);
  desk.showAll(); // before there are shapes: each is laid out for the screen once
  desk.scenes.new = makeScene(desk, "new");
  desk.ground = drawRoads(desk);
  desk.placeLabels = makeLabels(desk);
  makeTools(desk);
  makeDetail(desk);
  desk.swipe = makeSwipe(desk);
  desk.legend = make("ul", "legend");
  L.control.scale({ imperial: false, maxWidth: 160 }).addTo(map);
  map.on("zoomend", () => drawAll(desk)); // moveend, which always follows, places the names
  map.on("moveend resize", () => { showScenes(desk); desk.placeLabels(); });
  map.on("move", () => showScenes(desk));
  return desk;
}

/* What all parts of the page share. */
function makeDesk(map, plan) {
  const blocks = plan.blocks;
  const blockShapes = blocks === null ? [] : blocks.shape.map(polygons);
  const desk = {
    map, plan, blocks, words: plan.words, blockShapes, scenes: {}, onLanguage: [], onChange: [], measuring: false,
    quantities: ["households", "people", ...plan.others].filter((quantity) => quantity in plan.new),
    shapes: { new: plan.new.shape.map(polygons), old: plan.old ? plan.old.shape.map(polygons) : [] },
    blockBounds: blockShapes.map((shape) => L.latLngBounds(shape.flatMap((rings) => rings[0]))),
    roads: plan.roads.filter((road) => !isBarrier(road)),
    barriers: plan.roads.filter(isBarrier),
    movesOf: new Map(),
    shortNames: new Map(Object.entries(plan.short)),
    state: {
      time: "new", view: "communities", split: 0.5, swipe: "500",
      shown: { roads: true, outlines: true, barrier: true, labels: true, crossings: false,
        local_crossings: false, sites: false, other_borders: false, grids: false, tiles: Boolean(plan.tiles) },
    },
  };
  (plan.moves?.block || []).forEach((b, m) => desk.movesOf.set(b, [...(desk.movesOf.get(b) || []), m]));
  desk.shownEras = () => (desk.state.time === "swipe" ? [plan.new, plan.old] : [plan[desk.state.time]]);
  desk.pixelsPerDegree = () => 256 * 2 ** map.getZoom() / 360;
  desk.showAll = () => {
    map.invalidateSize();
    map.fitBounds(L.latLngBounds(desk.shapes.new.flat(3)), { padding: [24, 24], animate: false });
  };
  desk.restyle = () => { drawAll(desk); desk.placeLabels(); };
  desk.speak = (language) => {
    setLanguage(language);
    desk.onLanguage.forEach((follow) => follow());
  };
  return desk;
}

/* Everything but the names. */
function drawAll(desk) {
  const { map, state } = desk;
  document.body.dataset.time = state.time;
  if (state.time !== "new") desk.scenes.old ??= makeScene(desk, "old");
  Object.values(desk.scenes).forEach((scene) => styleScene(desk, scene));
  desk.ground(state.shown);
  showScenes(desk);
  desk.swipe(state.time === "swipe");
  desk.legend.replaceChildren(...legendRows(desk));
  desk.onChange.forEach((follow) => follow());
}

/* Roads, water, premises, grids and tiles; gives the function that shows or hides them. */
function drawRoads(desk) {
  const { map, plan, roads, barriers } = desk;
  const water = pane(map, "water", 420, false);
  const streets = pane(map, "streets", 430, false);
  const fine = pane(map, "grids", 438, false);
  const spots = pane(map, "sites", 450, true);
  map.getPane("sites").style.pointerEvents = "none";
  const districts = L.polygon(plan.districts.map(polygons),
    { ...pane(map, "districts", 436, false), fill: false, color: LOOK.district, opacity: 0.6 }).addTo(map);
  const casings = roads.map((road) => L.polyline(road.lines.map(points), { ...streets, color: "#77706a" }));
  const lines = roads.map((road) => L.polyline(road.lines.map(points), { ...streets, color: road.colour }));
  const groups = {
    roads: L.layerGroup([...casings, ...lines]),
    barrier: L.layerGroup(barriers.flatMap((barrier) => [
      L.polygon(barrier.areas.flatMap(polygons), { ...water, stroke: false,
        fillColor: barrier.class === "hill" ? LOOK.hill : LOOK.water, fillOpacity: 0.9 }),
      L.polyline(barrier.lines.map(points), { ...water, color: LOOK.rail, weight: 2.2, dashArray: "7 4" }),
    ])),
    sites: L.layerGroup(plan.sites.spot.map((spot, s) => L.circleMarker(spot, { ...spots, radius: 5.5, weight: 1.5,
      color: "#fff", fillColor: plan.sites.used[s] ? SITE_FILLS.used : SITE_FILLS.idle, fillOpacity: 1 }))),
    grids: L.layerGroup((plan.grids?.shape || []).map((shape) => L.polygon(polygons(shape),
      { ...fine, fill: false, color: LOOK.grid, weight: 1.6, dashArray: "4 3" }))),
    tiles: plan.tiles ? L.tileLayer(plan.tiles, { maxZoom: 20 }) : L.layerGroup(),
  };
  return (shown) => {
    const near = map.getZoom() > 13.5;
    roads.forEach((road, i) => {
      const weight = road.width * thickness(map);
      lines[i].setStyle({ weight, stroke: near || weight > 1.2 });
      casings[i].setStyle({ weight: weight + 1.4, stroke: near });
    });
    districts.setStyle({ weight: 3.2 * borderWidth(map) });
    for (const [key, group] of Object.entries(groups)) {
      if (shown[key] !== map.hasLayer(group)) shown[key] ? group.addTo(map) : group.remove();
    }
  };
}

/* The panel on the right: what was clicked or found. */
function makeDetail(desk) {
  const { map, words } = desk;
  const detail = make("aside", "");
  detail.id = "detail";
  detail.hidden = true;
  const label = () => detail.setAttribute("aria-label", shownText(words.chosen));
  label();
  desk.onLanguage.push(label);
  document.body.append(detail);
  const marked = L.layerGroup([]).addTo(map);
  const front = pane(map, "marked", 445, false);

  desk.selection = null;
  desk.deselect = () => {
    desk.selection = null;
    marked.clearLayers();
    detail.hidden = true;
    desk.onChange.forEach((follow) => follow());
  };

  desk.select = ({ key, c, b }) => {
    if (desk.measuring) return;
    desk.selection = { key, c, b };
    const shapes = [c >= 0 ? desk.shapes[key][c] : null, b === undefined ? null : desk.blockShapes[b]].filter(Boolean);
    marked.clearLayers();
    shapes.forEach((shape, n) => L.polygon(shape, { ...front, fill: false, color: LOOK.marked, weight: n ? 3 : 4.5 }).addTo(marked));
    detail.replaceChildren(
      button("close", "×", () => desk.deselect()),
      copyButton(desk),
      ...(b === undefined ? [] : [blockCard(desk, b)]),
      ...(c >= 0 ? [communityCard(desk, key, c)] : []));
    detail.firstChild.title = shownText(words.close);
    detail.scrollTop = 0;
    detail.hidden = false;
    if (b !== undefined) uncover(desk, desk.blockBounds[b]);
    desk.onChange.forEach((follow) => follow());
  };

  /* Go to what has no card: premises, all of a street, a road; areas and lines are marked. */
  desk.showPlace = ({ spot, areas = [], lines = [] }) => {
    desk.deselect();
    if (spot && !desk.state.shown.sites) document.querySelector("input[value=sites]").click();
    const mark = { ...front, color: LOOK.marked, weight: 4.5 };
    const marks = [...areas.map((shape) => L.polygon(shape, { ...mark, fill: false })),
      ...lines.map((steps) => L.polyline(points(steps), mark))];
    marks.forEach((mark) => marked.addLayer(mark));
    const bounds = marks.reduce((box, mark) => box.extend(mark.getBounds()), L.latLngBounds(spot ? [spot] : []));
    map.fitBounds(bounds, { maxZoom: 16.5, animate: false, padding: [40, 40] });
  };

  /* Select and go there. */
  desk.visit = ({ key, c, b, ...place }) => {
    if (key && desk.state.time !== "swipe" && desk.state.time !== key) document.querySelector(`input[value=${key}]`).click();
    if (c === undefined) { desk.showPlace(place); return; }
    const bounds = b === undefined ? L.latLngBounds(desk.shapes[key][c].flat(2)) : desk.blockBounds[b];
    desk.select({ key, c, b });
    const { x, y } = covered(map);
    map.fitBounds(bounds, { maxZoom: 16.5, animate: false, paddingTopLeft: [40, 40], paddingBottomRight: [40 + x, 40 + y] });
  };
}

/* What the card hides of the map, in pixels: at the right, or at the bottom where it is a sheet. */
function covered(map) {
  const frame = map.getContainer().getBoundingClientRect();
  const card = document.getElementById("detail").getBoundingClientRect();
  return card.width > frame.width / 2 ? L.point(0, Math.max(0, frame.bottom - card.top)) : L.point(Math.max(0, frame.right - card.left), 0);
}

/* Move the map no more than it takes to have a place beside the card. */
function uncover({ map }, bounds) {
  map.panInside(bounds.getCenter(), { animate: false, padding: [30, 30], paddingBottomRight: covered(map).add([30, 30]) });
}

function panelParts(desk) {
  const { plan, words } = desk;
  return [
    make("header", "", languageSwitch(desk), make("h1", "", say(plan.title)),
      plan.label ? make("p", "warning", say(plan.label)) : null),
    ...viewParts(desk, section(words.figures, figureTable(desk))),
    section(words.facts, table(plan.facts.map(([name, value]) => [say(name), value]))),
    ...(plan.units ? [section(plan.units.title, ...plan.units.name.map((_, u) => unitList(desk, u)))] : []),
    section(words.faults, ...(plan.faults.length ? plan.faults.map((group) => faultList(desk, group)) : [say(words.no_faults)])),
    ...(plan.notes.length ? [section(words.notes, make("ul", "notes", ...plan.notes.map((text) => make("li", "", say(text)))))] : []),
    make("footer", "", make("p", "remark", say(words.hint))),
  ];
}

/* Search, and what is shown how; `figures` stand below the time that they are of. */
function viewParts(desk, ...figures) {
  const { plan, words } = desk;
  const viewWords = { communities: words.communities, crossing: words.crossing_view };
  const views = ["communities", ...desk.quantities, ...(plan.crossing_scale[0].length ? ["crossing"] : [])];
  return [
    makeSearch(desk),
    ...(plan.old ? [section(words.time, make("div", "choices three", ...["new", "old", "swipe"].map((time) =>
      choice(desk, "time", time, words[time]))))] : []),
    ...figures,
    section(words.view, make("div", "choices pairs", ...views.map((view) =>
      choice(desk, "view", view, viewWords[view] || words[view + "_deviation"])))),
    section(words.layers, make("div", "choices pairs", ...switches(desk))),
    section(words.legend, desk.legend),
  ];
}

function languageSwitch(desk) {
  if (desk.plan.language !== "both") return null;
  return make("div", "languages",
    button("zh-choice", "中文", () => desk.speak("zh")), button("en-choice", "English", () => desk.speak("en")));
}

/* A radio button of the state `name`. */
function choice(desk, name, value, label) {
  const input = make("input", "");
  Object.assign(input, { type: "radio", name, value, checked: desk.state[name] === value });
  input.addEventListener("change", () => {
    desk.state[name] = value;
    const crossings = document.querySelector("input[value=crossings]");
    if (value === "crossing" && crossings && !crossings.checked) crossings.click();
    desk.restyle();
  });
  return make("label", "", input, say(label));
}

const hasCrossings = ({ crossings, crossing_classes: classes }, local) =>
  crossings.some(([, , name]) => classes[name].local === local);

function switches(desk) {
  const { plan } = desk;
  const present = {
    roads: desk.roads.length, outlines: desk.blocks !== null, barrier: desk.barriers.length, labels: true,
    crossings: hasCrossings(plan, false), local_crossings: hasCrossings(plan, true), sites: plan.sites.spot.length,
    other_borders: plan.old, grids: plan.grids, tiles: plan.tiles,
  };
  return Object.keys(present).filter((key) => present[key]).map((key) => {
    const input = make("input", "");
    Object.assign(input, { type: "checkbox", value: key, checked: desk.state.shown[key] });
    input.addEventListener("change", () => { desk.state.shown[key] = input.checked; desk.restyle(); });
    return make("label", "", input, say(desk.words[key]));
  });
}

/* One kind of fault; its communities are listed when it is opened. */
function faultList(desk, { title, grave, faults }) {
  const list = make("ul", "faults");
  const details = make("details", grave ? "grave" : "",
    make("summary", "", say(title), make("span", "count", number(faults.length))), list);
  details.addEventListener("toggle", () => {
    if (list.childElementCount) return;
    list.append(...faults.map(([c, text]) => make("li", "", button("fault",
      make("span", "", make("b", "", nameOf(desk.plan.new, c)), " ", say(text)), () => desk.visit({ key: "new", c })))));
  });
  return details;
}
