/* The address says what the page shows, so that a place can be sent by message. What an address leaves out, or says
wrongly, is shown as the page opens. */
"use strict";

const ADDRESS_PAUSE_MS = 400; // browsers allow no more than some hundred changes of the address in half a minute

/* Keep the address up to date, and follow it where it was changed by hand. */
function followAddress(desk) {
  const opening = describeView(desk);
  let kept = "";
  let pause = null;

  function keep() {
    const hash = writeAddress(describeView(desk), opening);
    if (hash !== kept) history.replaceState(null, "", location.href.split("#")[0] + (hash && `#${hash}`));
    kept = hash;
  }
  function follow() {
    showView(desk, opening, readAddress(desk, location.hash.slice(1)));
    kept = writeAddress(describeView(desk), opening);
  }
  const keepSoon = () => {
    clearTimeout(pause);
    pause = setTimeout(keep, ADDRESS_PAUSE_MS);
  };
  desk.onChange.push(keepSoon);
  desk.onLanguage.push(keepSoon);
  desk.map.on("moveend", keepSoon);
  window.addEventListener("hashchange", follow);
  if (location.hash) follow();
  desk.addressHere = () => { keep(); return location.href; };
}

/* All that an address may say, as texts; what is chosen as [time, kind, key]. */
function describeView({ map, state, plan, blocks, selection }) {
  const { lat, lng } = map.getCenter();
  const { key, c, b } = selection ?? {};
  const chosen = b === undefined ? ["community", plan[key]?.id[c]] : ["block", blocks.id[b]];
  return {
    view: state.view,
    time: state.time,
    swipe: state.swipe,
    show: Object.keys(state.shown).filter((layer) => state.shown[layer]).join(),
    lang: document.documentElement.dataset.language,
    chosen: selection ? [key, ...chosen].join() : "",
    at: [lat.toFixed(5), lng.toFixed(5), map.getZoom().toFixed(2)].join(),
  };
}

/* What differs from the page as it opens, and where the map is then. */
function writeAddress(view, opening) {
  const told = Object.entries(view).filter(([part, text]) => text !== opening[part]);
  if (!told.length) return "";
  const parts = new Map(told).set("at", view.at);
  return new URLSearchParams([...parts]).toString().replaceAll("%2C", ",");
}

/* The parts of an address that this page can show. */
function readAddress(desk, hash) {
  const offered = (name) => [...document.querySelectorAll(`#panel input[name=${name}]`)].map(({ value }) => value);
  const isRight = {
    view: (text) => offered("view").includes(text),
    time: (text) => offered("time").includes(text),
    swipe: (text) => /^\d{1,4}$/.test(text) && Number(text) <= SWIPE_STEPS,
    show: (text) => text === "" || text.split(",").some((layer) => Object.hasOwn(desk.state.shown, layer)),
    lang: (text) => desk.plan.language === "both" && ["zh", "en"].includes(text),
    chosen: (text) => findChosen(desk, text) !== null,
    at: (text) => findPlace(desk, text) !== null,
  };
  return Object.fromEntries([...new URLSearchParams(hash)].filter(([part, text]) => Object.hasOwn(isRight, part) && isRight[part](text)));
}

function findChosen({ plan, blocks }, text) {
  const [, key, kind, id] = /^(new|old),(community|block),(.+)$/s.exec(text) ?? [];
  if (!plan[key]) return null;
  const n = (kind === "block" ? blocks?.id ?? [] : plan[key].id).indexOf(id);
  if (n < 0) return null;
  return kind === "block" ? { key, c: blocks[key][n], b: n } : { key, c: n };
}

/* Middle and zoom of the map, not too far from the plan. */
function findPlace(desk, text) {
  const [lat, lng, zoom, ...more] = text.split(",").map(Number);
  if (more.length || ![lat, lng, zoom].every(Number.isFinite) || zoom < 1 || zoom > 22) return null;
  return L.latLngBounds(desk.shapes.new.flat(3)).pad(2).contains([lat, lng]) ? { middle: [lat, lng], zoom } : null;
}

function showView(desk, opening, told) {
  const { state, map } = desk;
  const { view, time, swipe, show, lang, chosen, at } = { ...opening, ...told };
  Object.assign(state, { view, time, swipe });
  Object.keys(state.shown).forEach((layer) => { state.shown[layer] = show.split(",").includes(layer); });
  document.querySelectorAll("#panel .choices input").forEach((input) => {
    input.checked = input.type === "radio" ? state[input.name] === input.value : state.shown[input.value];
  });
  if (desk.plan.language === "both") desk.speak(lang);
  const selection = findChosen(desk, chosen);
  selection ? desk.select(selection) : desk.deselect();
  const place = findPlace(desk, at);
  if (selection && !told.at) desk.visit(selection);
  else if (place) map.setView(place.middle, place.zoom, { animate: false });
  desk.restyle();
}

/* The button that copies the address; the address bar serves where a browser does not let it. */
function copyButton(desk) {
  const { words } = desk;
  return button("copy", say(words.copy_link), ({ currentTarget }) => {
    currentTarget.replaceChildren(say(copyText(desk.addressHere()) ? words.copied : words.copy_failed));
  });
}

/* Works on pages opened as a file and on servers without encryption too, where there is no navigator.clipboard. */
function copyText(text) {
  const give = (event) => {
    event.clipboardData.setData("text/plain", text);
    event.preventDefault();
  };
  document.addEventListener("copy", give, { once: true });
  const isDone = document.execCommand("copy");
  document.removeEventListener("copy", give);
  return isDone;
}
