/* The keyboard: shortcuts everywhere, and a cursor that goes from block to block while the map has the focus. */
"use strict";

const ARROWS = { ArrowUp: [1, 0], ArrowDown: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] };

function listenToKeys(review) {
  const { map } = review.desk;
  const box = map.getContainer();
  box.tabIndex = 0;
  const name = () => box.setAttribute("aria-label", shownText(review.words.map_label));
  name();
  review.desk.onLanguage.push(name);

  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]")) return;
    const isTyping = event.target.matches("input:not([type=radio], [type=checkbox], [type=range]), textarea, select");
    const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
    const kind = key === "Z" && !event.shiftKey ? "undo" : "redo";
    if (event.ctrlKey || event.metaKey) {
      if (isTyping || (key !== "Z" && key !== "Y")) return;
      event.preventDefault();
      if (kind === "undo" && review.draft) dropStroke(review);
      else if (review.state["can_" + kind]) review.send(kind, {}, review.words[kind]);
      return;
    }
    if (event.altKey) return;
    if (key === "Escape") isTyping ? box.focus() : review.leave();
    if (isTyping) return;
    const act = shortcutOf(review, key, event.target === box || event.target === document.body);
    if (!act) return;
    event.preventDefault();
    act();
  });

  box.addEventListener("keydown", (event) => {
    if (event.target !== box) return;
    const act = event.key in ARROWS ? () => moveCursor(review, ARROWS[event.key])
      : event.key === " " ? () => takeCursor(review)
        : event.key === "+" || event.key === "-" ? () => map.setZoom(map.getZoom() + (event.key === "+" ? 1 : -1)) : null;
    if (!act) return;
    event.preventDefault();
    act();
  });
}

function shortcutOf(review, key, isFree) {
  const tool = Object.keys(TOOLS).find((one) => TOOLS[one] === key);
  if (tool) return () => chooseTool(review, tool);
  if (key === "H") return () => review.startHeal();
  if (key === "M") return () => review.toggleMeeting();
  if (key === "[" || key === "]") {
    return () => {
      review.brush = Math.min(BRUSHES.length - 1, Math.max(0, review.brush + (key === "]" ? 1 : -1)));
      review.redraw();
    };
  }
  if (key === "Enter" && isFree) return () => review.confirm();
  return null;
}

/* To the nearest block that lies in a direction. */
function moveCursor(review, [dy, dx]) {
  const { map } = review.desk;
  const { lat, lng } = map.getCenter();
  const flat = Math.cos(lat * Math.PI / 180);
  const way = (from, to) => [to[0] - from[0], (to[1] - from[1]) * flat];
  const nearest = (from, isIn) => review.middles.reduce((best, middle, b) => {
    const [y, x] = way(from, middle);
    const far = Math.hypot(y, x);
    return far < best.far && isIn(y, x, far) ? { b, far } : best;
  }, { b: null, far: Infinity }).b;
  review.cursor = review.cursor === null ? review.selection?.b ?? nearest([lat, lng], () => true)
    : nearest(review.middles[review.cursor], (y, x, far) => y * dy + x * dx > 0.7 * far) ?? review.cursor;
  map.panInside(review.middles[review.cursor], { padding: [60, 60], animate: false });
  review.drawMarked();
  review.announce(blockName(review, review.cursor), communityName(review.state.communities[review.state.of_block[review.cursor]]));
}

/* Take the block under the cursor into the draft, or out of it. */
function takeCursor(review) {
  if (review.cursor === null) return;
  const taken = review.draft?.strokes.flat().includes(review.cursor);
  if (!taken) { addStroke(review, [review.cursor], review.target()); return; }
  review.draft.strokes = review.draft.strokes.map((blocks) => blocks.filter((b) => b !== review.cursor))
    .filter((blocks) => blocks.length);
  if (!review.draft.strokes.length) review.draft = null;
  review.redraw();
}
