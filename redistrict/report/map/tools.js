/* Tools on the map: zoom, whole plan, measuring, and the line between before and after. */
"use strict";

function makeTools(desk) {
  const { map, words } = desk;
  const tool = (key, sign, onClick) => {
    const node = button("tool " + key, sign === null ? say(words[key]) : sign, onClick);
    const name = () => { node.title = shownText(words[key]); };
    name();
    desk.onLanguage.push(name);
    return node;
  };
  const measure = makeMeasure(desk);
  const bar = make("div", "tools",
    tool("zoom_in", "+", () => map.zoomIn(1)),
    tool("zoom_out", "−", () => map.zoomOut(1)),
    tool("whole", null, () => desk.showAll()),
    tool("measure", null, (event) => event.currentTarget.classList.toggle("on", measure.toggle())),
    tool("print", null, () => window.print()),
    sheetChoice(desk));
  L.DomEvent.disableClickPropagation(bar);
  map.getContainer().append(bar, measure.box);
}

/* The size of the sheet that is printed; the style of the page knows what it means. */
function sheetChoice(desk) {
  const input = make("select", "tool sheet-size", ...["A3", "A1"].map((size) => make("option", "", size)));
  const name = () => input.setAttribute("aria-label", shownText(desk.words.sheet_size));
  name();
  desk.onLanguage.push(name);
  input.addEventListener("change", () => { document.body.dataset.sheet = input.value; });
  return input;
}

/* Metres along a line, and square metres inside it if it is closed. */
function lengthOf(map, line) {
  return line.slice(1).reduce((sum, point, i) => sum + map.distance(line[i], point), 0);
}

function surfaceOf(line) {
  const scale = Math.PI / 180 * L.CRS.Earth.R;
  const flat = Math.cos(line[0].lat * Math.PI / 180);
  const twice = line.reduce((sum, { lat, lng }, i) => {
    const next = line[(i + 1) % line.length];
    return sum + (lng - line[0].lng) * (next.lat - line[0].lat) - (next.lng - line[0].lng) * (lat - line[0].lat);
  }, 0);
  return Math.abs(twice) / 2 * flat * scale * scale;
}

function makeMeasure(desk) {
  const { map, words } = desk;
  const box = make("div", "measured");
  const line = L.polyline([], { ...pane(map, "measure", 460, false), color: LOOK.marked, weight: 2.5, dashArray: "6 4" });
  let isOpen = false;

  function report() {
    const spots = line.getLatLngs();
    const metres = lengthOf(map, spots);
    const rows = [[say(words.length), metres < 10000 ? `${metres.toFixed(0)} m` : `${(metres / 1000).toFixed(2)} km`, "length"]];
    if (spots.length > 2) {
      const area = surfaceOf(spots);
      rows.push([say(words.surface), area < 1e5 ? `${area.toFixed(0)} m²` : `${(area / 1e6).toFixed(3)} km²`, "surface"]);
    }
    box.replaceChildren(...(spots.length > 1 ? [table(rows)] : []), make("p", "remark", say(words.measure_hint)));
  }

  map.on("click", ({ latlng }) => {
    if (!desk.measuring) return;
    if (!isOpen) line.setLatLngs([]);
    isOpen = true;
    line.addLatLng(latlng);
    report();
  });
  map.on("dblclick", () => {
    if (!desk.measuring) return;
    const spots = line.getLatLngs(); // both clicks of the double click stand in it
    if (spots.length > 1) line.setLatLngs(spots.slice(0, -1));
    isOpen = false;
    report();
  });

  function toggle() {
    desk.measuring = !desk.measuring;
    isOpen = false;
    map.getContainer().classList.toggle("measuring", desk.measuring);
    map.doubleClickZoom[desk.measuring ? "disable" : "enable"]();
    line.setLatLngs([]);
    desk.measuring ? line.addTo(map) : line.remove();
    box.replaceChildren();
    if (desk.measuring) report();
    return desk.measuring;
  }
  return { box, toggle };
}

const SWIPE_STEPS = 1000; // from the left edge to the right

/* The line between before (left) and after (right), moved by hand or by the arrow keys. */
function makeSwipe(desk) {
  const { map, words, state } = desk;
  const input = make("input", "swipe-range");
  Object.assign(input, { type: "range", min: 0, max: SWIPE_STEPS, value: state.swipe });
  const name = () => input.setAttribute("aria-label", shownText(words.swipe));
  name();
  desk.onLanguage.push(name);
  const divider = make("div", "divider",
    make("span", "before", say(words.old)), make("span", "after", say(words.new)));
  const frame = make("div", "swipe", divider, input);
  L.DomEvent.disableClickPropagation(frame);
  map.getContainer().append(frame);

  function follow() {
    const thumb = 44;
    const width = map.getSize().x;
    state.split = (thumb / 2 + (width - thumb) * state.swipe / SWIPE_STEPS) / width;
    divider.style.left = `${state.split * 100}%`;
    showScenes(desk);
  }
  input.addEventListener("input", () => {
    state.swipe = input.value;
    follow();
    desk.placeLabels();
    desk.onChange.forEach((heed) => heed());
  });
  map.on("resize", follow);
  return (shown) => {
    frame.style.display = shown ? "" : "none";
    input.value = state.swipe;
    follow();
  };
}
