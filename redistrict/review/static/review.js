/* The review: a finished plan on the desk map, changed by planners. Every state comes from the server; what the page
keeps itself is what is not saved yet: a draft, edits on their way, a preview. */
"use strict";

const PADDING = [40, 40];

async function startReview() {
  const words = JSON.parse(document.getElementById("words").textContent);
  const [plan, base, opinions] = await Promise.all(["plan", "state?event=0", "opinions"].map(load));
  const map = L.map("map", { center: [0, 0], zoom: 1, zoomSnap: 0.25, preferCanvas: true,
    zoomControl: false, attributionControl: false, keyboard: false });
  plan.page.crossings = []; // they are those of the start; what lies inside now is counted by the server
  plan.page.units = null; // their communities too
  const desk = openDesk(map, plan.page);
  const review = makeReview(desk, plan, base, opinions, words);
  setLanguage(localStorage.getItem("redistrict-language") ?? document.documentElement.dataset.language);
  if (desk.blocks === null) {
    document.getElementById("right").append(make("p", "", say(words.too_many)));
    return;
  }
  const known = base.communities.map(({ id, shape }) => [shape, desk.shapes.new[desk.plan.new.id.indexOf(id)]]);
  known.forEach(([key, shape]) => review.shapes.set(key, shape));
  takeState(review, base);
  makeOverlays(review);
  makeBrush(review);
  makeStrokePreview(review);
  makeRefresh(review);
  watchConnection(review);
  makeSender(review);
  makeHealing(review);
  guideTheEye(review);
  listenToKeys(review);
  layOut(review);
  window.addEventListener("beforeunload", (event) => { if (review.draft || review.unsaved.length) event.preventDefault(); });
  desk.showAll();
  await review.refresh();
  followOthers(review);
  chooseTool(review, "pick");
  window.review = review; // for the console of the browser
  document.body.dataset.ready = "yes";
  if (!review.author) askAuthor(review);
}

function makeReview(desk, plan, base, opinions, words) {
  const review = {
    desk, plan, base, opinions, words, edges: plan.edges, state: base,
    shapes: new Map(), position: new Map(), members: [],
    middles: desk.blockShapes.map(middleOf),
    boxes: desk.blockBounds.map((box) => [box.getSouth(), box.getWest(), box.getNorth(), box.getEast()]),
    neighbours: listNeighbours(desk.blockShapes.length, plan.edges),
    blockOf: new Map((desk.blocks?.id || []).map((id, b) => [id, b])),
    exceptions: new Set(plan.page.new.id.filter((_, c) => plan.page.new.exception[c])),
    cards: new Map(plan.page.new.id.map((id, c) => [id, plan.page.new.card[c]])),
    author: localStorage.getItem("redistrict-author") || "",
    tool: "pick", brush: 0, tab: "view", selection: null, cursor: null, pointed: [], opened: new Set(),
    draft: null, preview: null, compared: null, exported: null, unsaved: [], isOnline: true,
    compareOf: { one: "start", other: "now" }, chosenTarget: null,
  };
  review.target = () => review.draft?.target ?? (review.selection?.key === "new" ? review.selection.id : null);
  review.announce = (...texts) => { document.getElementById("said").textContent = texts.join(" · "); };
  return review;
}

/* Choose and go to places. */
function guideTheEye(review) {
  const { desk } = review;
  review.choose = (selection) => {
    desk.deselect();
    review.selection = selection;
    review.chosenTarget = null;
    review.redraw();
  };
  desk.select = ({ key, c, b }) => {
    if (desk.measuring || c < 0) return;
    const selection = { key, c, b, id: desk.plan[key].id[c] };
    if (review.tool !== "comment" || key === "old") review.choose(selection);
    else if (b === undefined) addComment(review, { community: selection.id }, nameOf(desk.plan.new, c));
    else askWhere(review, selection);
  };
  const go = (bounds) => { if (bounds.isValid()) desk.map.fitBounds(bounds, { maxZoom: 16, animate: false, padding: PADDING }); };
  desk.visit = ({ key, c, b, ...place }) => {
    if (c === undefined) { desk.showPlace(place); return; }
    if (desk.state.time !== "swipe") showTime(desk, key);
    go(b === undefined ? L.latLngBounds(desk.shapes[key][c].flat(2)) : desk.blockBounds[b]);
    review.choose({ key, c, b, id: desk.plan[key].id[c] });
    if (document.activeElement.matches(".search")) desk.map.getContainer().focus({ preventScroll: true });
  };
  review.visitCommunity = (id) => {
    const c = review.position.get(id);
    if (c !== undefined) desk.visit({ key: "new", c });
  };
  review.show = (blocks) => go(blocks.reduce((bounds, b) => bounds.extend(desk.blockBounds[b]), L.latLngBounds([])));
  review.visitBlocks = (blocks, communities) => {
    if (blocks.length) review.show(blocks);
    else communities.slice(0, 1).forEach(review.visitCommunity);
    review.pointed = blocks;
    review.drawMarked();
  };
}

function showTime(desk, time) {
  if (desk.state.time !== time) document.querySelector(`input[value=${time}]`).click();
}

async function askWhere(review, { id, b, c }) {
  const { words, desk } = review;
  const answer = await askFor(review, words.comment, [
    { key: "on", label: words.comment_on, kind: "choice", value: "block", options: [
      ["block", `${shownText(desk.words.block)} ${blockName(review, b)}`], ["community", nameOf(desk.plan.new, c)]] },
    { key: "text", label: words.comment, kind: "area", most: 500 }]);
  if (answer === null || !answer.text) return;
  const on = answer.on === "block" ? { block: desk.blocks.id[b] } : { community: id };
  const name = answer.on === "block" ? blockName(review, b) : nameOf(desk.plan.new, c);
  review.send("comment", { on, text: answer.text }, fill(words.edit_comment, { name }));
}

/* Heal: ask for a repair, follow it, look at it, take it or leave it. */
function makeHealing(review) {
  const heard = new Map();

  review.canHeal = () => review.draft === null && review.state.pins.length > 0 && !review.state.is_healed;
  review.startHeal = async () => {
    if (!review.canHeal()) return;
    const after = review.state.event;
    try {
      const { status, data } = await ask("POST", "heal", { after });
      review.preview = status === 202 ? { id: data.preview, after, status: "running", text: null }
        : { id: null, after, status: "failed", text: data.message || fill(review.words.refused, { status }) };
      if (status === 202 && heard.has(data.preview)) review.hearHeal(heard.get(data.preview));
    } catch {
      review.setOnline(false);
    }
    review.redraw();
  };
  review.hearHeal = (said) => {
    heard.set(said.preview, said);
    if (review.preview?.id !== said.preview) return;
    review.preview.text = said.text;
    if (said.status !== "running") review.askPreview();
    review.redraw();
  };
  /* What is told while an answer is on its way is asked for once more. */
  review.askPreview = async () => {
    const { preview } = review;
    if (!preview?.id || (preview.data && preview.status !== "found")) return;
    preview.isBehind = true;
    if (preview.isAsking) return;
    preview.isAsking = true;
    try {
      while (preview.isBehind && review.preview === preview) {
        preview.isBehind = false;
        takePreview(review, preview, await ask("GET", `previews/${preview.id}`));
      }
    } catch {
      review.setOnline(false);
    }
    preview.isAsking = false;
  };
  review.acceptPreview = () => {
    const { id, after, data: { found } } = review.preview;
    review.preview = null;
    review.pointed = [];
    return review.send("accept", { preview: id, found }, review.words.edit_accept, after);
  };
  review.dropPreview = () => {
    const { id } = review.preview;
    review.preview = null;
    review.pointed = [];
    if (id) ask("DELETE", `previews/${id}`).catch(() => review.setOnline(false));
    review.redraw();
  };
}

/* The newest repair of a preview takes the place of the one before; the map goes to the first. */
function takePreview(review, preview, { status, data }) {
  if (review.preview !== preview || data.status === "running") return;
  const isFirst = !preview.moves?.length;
  if (status !== 200) Object.assign(preview, { status: "failed", text: data.message || review.words.heal_stopped, data: null });
  else {
    const flows = data.of_block ? listFlows(review, review.state, data) : [];
    Object.assign(preview, { status: data.status, text: data.text, data, flows, moves: flows.flatMap(({ blocks }) => blocks) });
  }
  review.redraw();
  if (isFirst && preview.moves?.length) review.show(preview.moves);
}

async function startExport(review) {
  const { words, plan } = review;
  const field = { key: "name", label: words.export_name, value: `${plan.result}-reviewed`, most: 80 };
  const answer = await askFor(review, words.export, [field]);
  if (answer === null || !answer.name) return;
  review.exported = null;
  try {
    const { status, data } = await ask("POST", "export", { name: answer.name });
    if (status !== 202) review.exported = { status: "failed", text: data.message || fill(words.refused, { status }) };
    else review.exported ??= { status: "running", text: words.exporting };
  } catch {
    review.setOnline(false);
  }
  review.redraw();
}

/* Put the parts on the page, and draw them again whenever something has changed. */
function layOut(review) {
  const box = (id) => document.getElementById(id);
  const tools = makeToolBar(review);
  const tabs = makeTabs(review);
  const hint = make("div", "");
  const chosen = make("section", "chosen");
  const now = make("div", "nows");
  const questions = make("div", "questions");
  box("left").append(tools(), hint, chosen, tabs());
  box("right").append(now, questions);

  review.drawNow = () => put(now, ...drawNow(review));
  review.redraw = () => {
    put(box("top"), ...drawTop(review));
    tools();
    put(hint, drawToolHint(review));
    put(chosen, ...drawChosen(review));
    tabs();
    review.drawNow();
    put(questions, ...drawQuestions(review));
    review.drawOverlays();
  };
  review.toggleMeeting = () => {
    document.body.classList.toggle("meeting");
    review.desk.map.invalidateSize();
    review.redraw();
  };
  review.confirm = () => {
    if (review.draft) saveDraft(review);
    else if (review.preview?.data?.of_block) review.acceptPreview();
    else if (review.cursor !== null) {
      const c = review.state.of_block[review.cursor];
      review.choose({ key: "new", c, b: review.cursor, id: review.state.communities[c].id });
    }
  };
  review.leave = () => {
    review.pointed = [];
    if (review.draft) { discardDraft(review); return; }
    if (review.preview) { review.dropPreview(); return; }
    if (review.compared) review.compared = null;
    else if (review.selection) review.selection = null;
    else review.cursor = null;
    review.redraw();
  };
}

function drawTop(review) {
  const { words, state, desk, plan } = review;
  const { residents } = state.moved;
  const isLost = !review.isOnline;
  const unsaved = review.unsaved.length;
  const saved = make("span", `saved ${isLost ? "lost" : unsaved ? "waiting" : "ok"}`,
    say(isLost ? words.lost : unsaved ? fill(words.n_unsaved, { n: unsaved }) : words.all_saved));
  saved.setAttribute("role", "status");
  const language = document.documentElement.dataset.language === "en" ? "zh" : "en";
  const fold = (side, sign) => keyed(review, "fold-" + side, [sign], () => {
    document.body.classList.toggle("no-" + side);
    desk.map.invalidateSize();
  }, { className: "fold", title: words["fold_" + side] });
  return [
    fold("left", "◧"),
    make("h1", "", say(desk.plan.title), make("small", "", " ", plan.result)),
    keyed(review, "undo", words.undo, () => review.send("undo", {}, words.undo), { shortcut: "Ctrl+Z", isOff: !state.can_undo }),
    keyed(review, "redo", words.redo, () => review.send("redo", {}, words.redo), { shortcut: "Ctrl+Y", isOff: !state.can_redo }),
    keyed(review, "heal", words.heal, () => review.startHeal(), { className: "main", shortcut: "H",
      title: words.heal_hint, isOff: !review.canHeal() || ["running", "found"].includes(review.preview?.status) }),
    keyed(review, "export", words.export, () => startExport(review), { title: words.export_hint }),
    make("p", "large", make("b", "", number(residents)), make("small", "", say(words.residents_moved))),
    saved,
    keyed(review, "author", review.author ? [review.author] : words.author_label, () => askAuthor(review),
      { title: words.author_title }),
    Object.assign(keyed(review, "meeting", words.meeting, () => review.toggleMeeting(), { shortcut: "M" }),
      { ariaPressed: document.body.classList.contains("meeting") }),
    keyed(review, "language", [language === "zh" ? "中文" : "English"], () => {
      setLanguage(language);
      localStorage.setItem("redistrict-language", language);
      desk.onLanguage.forEach((follow) => follow());
      desk.restyle();
      review.redraw();
    }),
    fold("right", "◨"),
  ];
}

startReview().catch((error) => {
  document.getElementById("right").append(error.message);
  throw error;
});
