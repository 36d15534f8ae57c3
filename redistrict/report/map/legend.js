/* The legend of what is shown. */
"use strict";

function swatch(kind, colour, width) {
  const sample = make("i", "swatch " + kind);
  sample.style.setProperty("--colour", colour);
  if (width) sample.style.setProperty("--width", `${width}px`);
  return sample;
}

const legendRow = (sample, ...text) => make("li", "", sample, make("span", "", ...text));

function scaleRows(desk) {
  const { plan, state, words } = desk;
  if (state.view === "communities") return [make("li", "remark", say(words.colours))];
  if (state.view === "crossing") {
    const [steps, fills] = plan.crossing_scale;
    return [make("li", "remark", say(words.crossing_unit)), ...fills.map((colour, step) => legendRow(swatch("area", colour),
      step === 0 ? say(words.crossed_none)
        : step === steps.length ? `> ${number(steps[step - 1])}` : `${number(steps[step - 1])} – ${number(steps[step])}`))];
  }
  const unknown = desk.shownEras().some((era) => !era[state.view + "_class"] || era[state.view + "_class"].includes(-1));
  return [
    state.view in plan.targets ? make("li", "remark", say(words.target), ` ${number(plan.targets[state.view])}`) : null,
    ...plan.scale.map(([text, colour]) => legendRow(swatch("area", colour), text)),
    unknown ? legendRow(swatch("area", "#d9d9d9"), say(words.no_data)) : null,
  ];
}

function borderRows(desk) {
  const { plan, state, words } = desk;
  if (!plan.old) return [legendRow(swatch("line", LOOK.new, 3), say(words.boundary))];
  return ["new", "old"].filter((key) => state.time === "swipe" || state.time === key || state.shown.other_borders)
    .map((key) => {
      const own = state.time === "swipe" || state.time === key;
      return legendRow(swatch(own ? "line" : "line dashed", LOOK[key], 3), say(words["boundary_" + key]));
    });
}

/* The metres of a class inside communities at the time shown; of both with an arrow between them. */
function metresInside({ plan, state }, name) {
  const [, , today, planned] = plan.figures.find(([key]) => key === "crossing_" + name) || [];
  if (state.time === "swipe") return `${today ?? "—"} → ${planned ?? "—"}`;
  return (state.time === "old" ? today : planned) ?? "—";
}

/* Roads inside communities by class: look, price and metres of the time shown. */
function crossingRows(desk) {
  const { plan, state, words } = desk;
  const shown = Object.entries(plan.crossing_classes)
    .filter(([, { local }]) => state.shown[local ? "local_crossings" : "crossings"]);
  if (!shown.length) return [];
  return [
    make("li", "remark", say(words.crossing_head)),
    ...shown.map(([name, { label, price, colour, width }]) => legendRow(swatch("line", colour, width),
      say(fill(words.crossing_class, { name: label, price, metres: metresInside(desk, name) })))),
    legendRow(swatch("line barred", shown[0][1].colour, 6), say(fill(words.crossing_served, { share: plan.served_share }))),
  ];
}

/* What keeps communities apart, as far as it is there. */
function barrierRows({ barriers, words }) {
  const isHill = (barrier) => barrier.class === "hill";
  return [
    barriers.some((one) => one.areas.length && !isHill(one)) ? legendRow(swatch("area", LOOK.water), say(words.water)) : null,
    barriers.some((one) => one.areas.length && isHill(one)) ? legendRow(swatch("area", LOOK.hill), say(words.hills)) : null,
    barriers.some((one) => one.lines.length) ? legendRow(swatch("line dashed", LOOK.rail), say(words.line_barrier)) : null,
  ];
}

/* What a short name of the map stands for, by the first of them, and what others may lack. */
function shortRows(desk) {
  const { state, words } = desk;
  if (!state.shown.labels) return [];
  const [[name, short]] = [...desk.shortNames, []];
  const isCut = desk.shownEras().some((era) => era.id.some((_, c) => cutName(nameOf(era, c)) !== nameOf(era, c)));
  return [
    name && state.time !== "old" ? make("li", "remark", say(fill(words.short_names, { short, name }))) : null,
    isCut ? make("li", "remark", say(words.cut_names)) : null,
  ];
}

function legendRows(desk) {
  const { plan, state, words } = desk;
  const shown = state.shown;
  const sites = plan.sites.used;
  return [
    ...scaleRows(desk),
    ...borderRows(desk),
    plan.new.exception.some(Boolean) ? legendRow(swatch("line", LOOK.exception, 3), say(words.exception)) : null,
    plan.districts.length ? legendRow(swatch("line", LOOK.district, 6), say(words.district_border)) : null,
    ...shortRows(desk),
    shown.grids ? legendRow(swatch("line dashed", LOOK.grid, 2), say(words.grids)) : null,
    ...crossingRows(desk),
    ...(shown.roads ? [...desk.roads].reverse()
      .map((road) => legendRow(swatch("line cased", road.colour, road.width), say(road.label))) : []),
    ...(shown.barrier ? barrierRows(desk) : []),
    shown.sites && sites.includes(true) ? legendRow(swatch("dot", SITE_FILLS.used), say(words.site_used)) : null,
    shown.sites && sites.includes(false) ? legendRow(swatch("dot", SITE_FILLS.idle), say(words.site_idle)) : null,
  ].filter((item) => item !== null);
}
