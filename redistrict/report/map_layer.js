/* Draws the plan on a Leaflet map and fills the panel beside it.
   Text from the data enters the page only as text nodes (`make`), never as markup. */
"use strict";

function drawPlan(map, plan) {
  const words = plan.words;
  const communities = plan.communities;
  const blocks = plan.blocks;
  const quantities = ["households", "people"].filter((quantity) => quantity in communities);
  const state = { view: "communities", labels: true };
  document.documentElement.lang = plan.language === "en" ? "en" : "zh-CN";

  // ---- text ----------------------------------------------------------------------------------------
  function make(tag, className, ...children) {
    const node = document.createElement(tag);
    node.className = className;
    node.append(...children.filter((child) => child !== null));
    return node;
  }

  function say(texts) {
    const [first, second] = texts;
    return make("span", "", first, second === undefined ? null : make("span", "second", " ", second));
  }

  const number = (value) => (value === null ? "–" : value.toLocaleString("en-US"));
  const nameOf = (c) => communities.name[c] || communities.id[c];

  function table(rows) {
    const body = make("table", "rows");
    for (const [head, text] of rows) {
      if (text !== "") body.append(make("tr", "", make("th", "", head), make("td", "", text)));
    }
    return body;
  }

  function communityCard(c) {
    const sizes = quantities.map((quantity) => {
      const deviation = communities[quantity + "_deviation"][c];
      return [say(words[quantity]), number(communities[quantity][c]) + (deviation && `\u00a0(${deviation})`)];
    });
    const exception = communities.exception[c];
    return make(
      "div", "card", make("h3", "", nameOf(c)),
      table([
        [say(words.district), communities.district[c]],
        ...sizes,
        [say(words.workers), number(communities.workers[c])],
        [say(words.n_blocks), number(communities.n_blocks[c])],
        [say(words.crossing), communities.crossing[c]],
      ]),
      exception ? make("p", "exception", say(words.exception), ": ", exception) : null,
    );
  }

  function blockCard(b) {
    const sizes = quantities.filter((quantity) => quantity in blocks);
    return make(
      "div", "card", make("h3", "", blocks.name[b] || blocks.id[b]),
      table([
        [say(words.block), blocks.id[b]],
        ...sizes.map((quantity) => [say(words[quantity]), number(blocks[quantity][b])]),
        [say(words.community), nameOf(blocks.community[b])],
      ]),
    );
  }

  // ---- geometry: steps in microdegrees, longitude first ----------------------------------------------
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

  // ---- layers, one canvas for each pane, from the ground up --------------------------------------------
  function pane(name, zIndex, interactive) {
    const element = map.createPane(name);
    element.style.zIndex = zIndex;
    if (!interactive) element.style.pointerEvents = "none";
    return { pane: name, renderer: L.canvas({ pane: name, padding: 0.5 }), interactive };
  }

  const ground = pane("ground", 410, true);
  const water = pane("water", 420, false);
  const streets = pane("streets", 430, false);
  const borders = pane("borders", 440, false);
  map.createPane("names").style.zIndex = 640;

  const areas = communities.shape.map((shape, c) =>
    L.polygon(polygons(shape), { ...ground, stroke: false })
      .bindTooltip(() => communityCard(c), { sticky: true, opacity: 1 })
      .addTo(map));
  const outlines = communities.shape.map((shape, c) =>
    L.polygon(polygons(shape), { ...borders, fill: false, color: communities.exception[c] ? "#a3172d" : "#2f2a3d" })
      .addTo(map));
  const plots = blocks === null ? [] : blocks.shape.map((shape, b) =>
    L.polygon(polygons(shape), { ...ground, weight: 0.6, color: "#6d6875", opacity: 0.7 })
      .bindTooltip(() => communityCard(blocks.community[b]), { sticky: true, opacity: 1 })
      .bindPopup(() => blockCard(b), { maxWidth: 340 })
      .addTo(map));

  outlines.filter((_, c) => communities.exception[c]).forEach((outline) => outline.bringToFront());
  plots.forEach((plot, b) => highlight(plot, blocks.community[b]));
  areas.forEach(highlight);

  function highlight(layer, c) {
    layer.on("mouseover", () => outlines[c].setStyle({ weight: 1.7 * borderWidth() }));
    layer.on("mouseout", () => outlines[c].setStyle({ weight: borderWidth() }));
    layer.on("click", () => layer.closeTooltip());
  }

  const isBarrier = (road) => road.class === "barrier" || road.class === "hill";
  const roads = plan.roads.filter((road) => !isBarrier(road));
  const barriers = plan.roads.filter(isBarrier);
  const casings = roads.map((road) => L.polyline(road.lines.map(points), { ...streets, color: "#77706a" }));
  const lines = roads.map((road) => L.polyline(road.lines.map(points), { ...streets, color: road.colour }));
  const roadLayer = L.layerGroup([...casings, ...lines]).addTo(map);
  const barrierLayer = L.layerGroup(barriers.flatMap((barrier) => [
    L.polygon(barrier.areas.flatMap(polygons), { ...water, stroke: false, fillColor: barrier.class === "hill" ? "#c3d3ac" : "#a9cbe0", fillOpacity: 0.9 }),
    L.polyline(barrier.lines.map(points), { ...water, color: "#66717d", weight: 2.2, dashArray: "7 4" }),
  ])).addTo(map);

  // ---- names: drawn where they fit, communities first, then the more important roads -----------------------
  function label(spot, text, className, angle) {
    const inner = make("span", className, text);
    if (angle) inner.style.transform = `translate(-50%, -50%) rotate(${-angle}deg)`;
    const icon = L.divIcon({ html: inner, className: "label", iconSize: null });
    L.marker(spot, { icon, pane: "names", interactive: false, keyboard: false }).addTo(map);
    return inner;
  }

  const communityLabels = communities.spot.map((spot, c) => label(spot, nameOf(c), "community-name", 0));
  const deviationLabels = communityLabels.map((inner) => inner.appendChild(make("small", "")));
  const roadLabels = [...plan.roads].reverse().flatMap((road) =>
    road.names.map(([text, lat, lon, angle]) => ({
      inner: label([lat, lon], text, isBarrier(road) ? "barrier-name" : "road-name", angle),
      shown: () => map.hasLayer(isBarrier(road) ? barrierLayer : roadLayer) && map.getZoom() >= 14.5,
    })));

  function placeLabels() {
    const taken = [];
    const frame = map.getContainer().getBoundingClientRect();
    const fits = (box) =>
      box.right > frame.left && box.left < frame.right && box.bottom > frame.top && box.top < frame.bottom &&
      !taken.some((other) =>
        box.left < other.right && box.right > other.left && box.top < other.bottom && box.bottom > other.top);
    const all = [
      ...communityLabels.map((inner, c) => ({ inner, shown: () => state.labels && isRoomy(c, inner) })),
      ...roadLabels.map(({ inner, shown }) => ({ inner, shown: () => state.labels && shown() })),
    ];
    for (const { inner, shown } of all) {
      const box = inner.getBoundingClientRect();
      const visible = shown() && fits(box);
      if (visible) taken.push(box);
      inner.style.visibility = visible ? "visible" : "hidden";
    }
  }

  function isRoomy(c, inner) {
    const bounds = areas[c].getBounds();
    const west = map.latLngToContainerPoint(bounds.getNorthWest());
    const east = map.latLngToContainerPoint(bounds.getSouthEast());
    return east.x - west.x > 0.7 * inner.offsetWidth;
  }

  // ---- views ------------------------------------------------------------------------------------------------
  const scaleColour = (step) => (step < 0 ? "#d9d9d9" : plan.scale[step][1]);

  function colourOf(c) {
    if (state.view === "communities") return plan.palette[communities.colour[c]];
    return scaleColour(communities[state.view + "_class"][c]);
  }

  function showView(view) {
    state.view = view;
    areas.forEach((area, c) => area.setStyle({ fillColor: colourOf(c), fillOpacity: blocks === null ? 0.9 : 0.5 }));
    plots.forEach((plot, b) => plot.setStyle({ fillColor: colourOf(blocks.community[b]), fillOpacity: 0.95 }));
    deviationLabels.forEach((inner, c) => {
      inner.textContent = view === "communities" ? "" : communities[view + "_deviation"][c];
    });
    legend.replaceChildren(...legendRows());
    placeLabels();
  }

  const thickness = () => Math.min(2, 2 ** ((map.getZoom() - 14.5) / 1.5));
  const borderWidth = () => 2.6 * Math.min(1.5, Math.max(0.75, thickness()));

  function resize() {
    const near = map.getZoom() > 13.5;
    roads.forEach((road, i) => {
      const weight = road.width * thickness();
      lines[i].setStyle({ weight, stroke: near || weight > 1.2 });
      casings[i].setStyle({ weight: weight + 1.4, stroke: near });
    });
    plots.forEach((plot) => plot.setStyle({ opacity: near ? 0.7 : 0.25 }));
    outlines.forEach((outline) => outline.setStyle({ weight: borderWidth() }));
  }

  // ---- panel ------------------------------------------------------------------------------------------------
  function swatch(kind, colour, width) {
    const sample = make("i", "swatch " + kind);
    sample.style.setProperty("--colour", colour);
    if (width) sample.style.setProperty("--width", `${width}px`);
    return sample;
  }

  const row = (sample, ...text) => make("li", "", sample, make("span", "", ...text));

  function legendRows() {
    const key = state.view === "communities"
      ? [make("li", "remark", say(words.colours))]
      : [
        state.view in plan.targets
          ? make("li", "remark", say(words.target), ` ${number(plan.targets[state.view])}`) : null,
        ...plan.scale.map(([text, colour]) => row(swatch("area", colour), text)),
        communities[state.view + "_class"].includes(-1) ? row(swatch("area", "#d9d9d9"), say(words.no_data)) : null,
      ];
    return [
      ...key,
      row(swatch("line", "#2f2a3d", 3), say(words.boundary)),
      communities.exception.some(Boolean) ? row(swatch("line", "#a3172d", 3), say(words.exception)) : null,
      ...[...roads].reverse().map((road) => row(swatch("line cased", road.colour, road.width), say(road.label))),
      barriers.length ? row(swatch("area", "#a9cbe0"), say(words.barrier)) : null,
    ].filter((item) => item !== null);
  }

  function choice(type, key, checked, onChange) {
    const input = make("input", "");
    Object.assign(input, { type, name: type === "radio" ? "view" : key, value: key, checked });
    input.addEventListener("change", () => onChange(input.checked));
    return make("label", "", input, say(words[type === "radio" && key !== "communities" ? key + "_deviation" : key]));
  }

  function toggle(layer) {
    return (shown) => {
      if (shown) layer.addTo(map);
      else layer.remove();
      placeLabels();
    };
  }

  const outlineBlocks = (shown) => plots.forEach((plot) => plot.setStyle({ stroke: shown }));
  const bullets = (texts) => make("ul", "notes", ...texts.map((text) => make("li", "", say(text))));
  const section = (head, ...children) => make("section", "", make("h2", "", say(head)), ...children);

  function switches() {
    return [
      roads.length ? choice("checkbox", "roads", true, toggle(roadLayer)) : null,
      plots.length ? choice("checkbox", "outlines", true, outlineBlocks) : null,
      barriers.length ? choice("checkbox", "barrier", true, toggle(barrierLayer)) : null,
      choice("checkbox", "labels", true, (on) => { state.labels = on; placeLabels(); }),
    ];
  }

  function exceptions() {
    const listed = communities.exception.map((text, c) => ({ text, c })).filter(({ text }) => text);
    return listed.map(({ text, c }) => {
      const button = make("button", "", make("b", "", nameOf(c)), " ", text);
      button.addEventListener("click", () => map.fitBounds(areas[c].getBounds(), { maxZoom: 16 }));
      return make("li", "", button);
    });
  }

  const legend = make("ul", "legend");
  const listed = exceptions();
  const whole = make("button", "whole", say(words.whole));
  whole.addEventListener("click", showAll);
  document.getElementById("panel").append(
    make("header", "", make("h1", "", say(plan.title)), plan.label ? make("p", "warning", say(plan.label)) : ""),
    section(words.view, make("div", "choices", ...["communities", ...quantities].map((view) =>
      choice("radio", view, view === "communities", () => showView(view))))),
    section(words.layers, make("div", "choices pairs", ...switches())),
    section(words.legend, legend),
    plan.facts.length ? section(words.facts, table(plan.facts.map(([name, value]) => [say(name), value]))) : "",
    listed.length ? section(words.exceptions, make("ul", "exceptions", ...listed)) : "",
    plan.notes.length ? section(words.notes, bullets(plan.notes)) : "",
    make("footer", "", whole, make("p", "remark", say(words.hint))),
  );

  // ---- start ------------------------------------------------------------------------------------------------
  function showAll() {
    map.invalidateSize();
    map.fitBounds(L.featureGroup(areas).getBounds(), { padding: [24, 24], animate: false });
  }

  L.control.scale({ imperial: false, maxWidth: 160 }).addTo(map);
  showAll();
  resize();
  showView("communities");
  map.on("zoomend", resize);
  map.on("zoomend moveend resize", placeLabels);
}
