/* Tools on the map: pick, paint, lasso, push, comment. What they take up is a draft until it is saved. */
"use strict";

const TOOLS = { pick: "V", paint: "B", lasso: "L", push: "G", comment: "C" };
const DRAWING = ["paint", "lasso", "push"];
const BRUSHES = [0, 18, 44]; // radius in pixels; the first takes the block under the pointer
const STEP_PX = 8;

function chooseTool(review, tool) {
  const { map, measuring } = review.desk;
  if (measuring) document.querySelector(".tool.measure").click();
  review.tool = tool;
  const isDrawing = DRAWING.includes(tool);
  if (isDrawing) showTime(review.desk, "new");
  map.dragging[isDrawing ? "disable" : "enable"]();
  map.getContainer().classList.toggle("drawing", isDrawing);
  review.redraw();
}

/* A draft of blocks for a community, kept with the event it was begun on. */
function openDraft(review, target) {
  review.draft ??= { after: review.state.event, target: null, strokes: [], reason: "", why: null };
  review.draft.target ??= target ?? null;
  review.draft.why = null;
  return review.draft;
}

/* A draft has one community; what is meant for another waits until it is saved or discarded. */
function addStroke(review, blocks, target) {
  const other = review.draft?.target ?? target;
  if (other !== target) review.draft.why = { text: [review.words.draft_first] };
  else if (blocks.length) openDraft(review, target).strokes.push(blocks);
  review.redraw();
}

function dropStroke(review) {
  review.draft.strokes.pop();
  review.draft.why = null;
  if (!review.draft.strokes.length) review.draft = null;
  review.redraw();
}

function discardDraft(review) {
  review.draft = null;
  review.redraw();
}

async function saveDraft(review) {
  const { draft, state } = review;
  const blocks = movedBlocks(review);
  const target = state.communities[review.position.get(draft.target)];
  if (!blocks.length || !target) return;
  const reason = draft.reason.trim();
  const text = fill(review.words.edit_paint, { n: number(blocks.length), name: target.name || target.id });
  if (!review.author && !await askAuthor(review)) return;
  review.draft = null;
  review.send("paint", { blocks: blocks.map((b) => review.desk.blocks.id[b]), community: target.id, ...(reason && { reason }) },
    text, draft.after, blocks);
}

/* Strokes of pen, finger or mouse. A second finger ends them: two fingers move the map. */
function makeBrush(review) {
  const { map } = review.desk;
  const box = map.getContainer();
  const front = pane(map, "brush", 461, false);
  const line = L.polyline([], { ...front, color: LOOK.marked, weight: 2.5, dashArray: "6 4" }).addTo(map);
  const circle = L.circleMarker([0, 0], { ...front, color: "#000", weight: 1.5, fill: false });
  let stroke = null;

  const isOnMap = ({ target }) => target === box || Boolean(target.closest?.(".leaflet-map-pane"));
  const radius = () => BRUSHES[review.brush] / review.desk.pixelsPerDegree() * Math.cos(map.getCenter().lat * Math.PI / 180);
  const communityAt = (b) => review.state.communities[review.state.of_block[b]].id;

  const steps = {
    paint(at) {
      const from = stroke.at || at;
      const [p, q] = [map.latLngToContainerPoint(from), map.latLngToContainerPoint(at)];
      const n = Math.max(1, Math.ceil(p.distanceTo(q) / STEP_PX));
      for (let i = 1; i <= n; i += 1) {
        const spot = map.containerPointToLatLng(p.add(q.subtract(p).multiplyBy(i / n)));
        blocksUnder(review, spot, radius()).forEach((b) => stroke.blocks.add(b));
      }
      stroke.at = at;
    },
    lasso(at) {
      line.addLatLng(at);
    },
    push(at) {
      const b = blockAt(review, at);
      const isOther = b >= 0 && communityAt(b) !== stroke.target;
      stroke.blocks = new Set(isOther ? patchAround(review, b) : []);
    },
  };

  function begin(event) {
    if (!event.isPrimary) { cancel(); return; }
    if (event.button !== 0 || !DRAWING.includes(review.tool) || !isOnMap(event) || review.desk.measuring) return;
    const at = map.mouseEventToLatLng(event);
    const b = blockAt(review, at);
    const own = b < 0 ? null : communityAt(b);
    const isFromHere = review.tool === "push" || (review.tool === "paint" && !review.target());
    stroke = { tool: review.tool, blocks: new Set(), target: isFromHere ? own : review.target(), at: null };
    if (stroke.tool === "push" && own === null) { stroke = null; return; }
    box.setPointerCapture(event.pointerId);
    extend(event);
  }

  function extend(event) {
    const at = map.mouseEventToLatLng(event);
    if (stroke === null) { follow(event, at); return; }
    steps[stroke.tool](at);
    follow(event, at);
    if (stroke.tool !== "lasso") review.showStroke({ blocks: [...stroke.blocks], target: stroke.target });
  }

  function follow(event, at) {
    const shown = review.tool === "paint" && BRUSHES[review.brush] > 0 && isOnMap(event);
    if (shown) circle.setRadius(BRUSHES[review.brush]).setLatLng(at).addTo(map);
    else circle.remove();
  }

  function finish() {
    if (stroke === null) return;
    const { tool, target } = stroke;
    const blocks = tool === "lasso" ? blocksWithin(review, line.getLatLngs()) : [...stroke.blocks];
    cancel();
    addStroke(review, blocks, target);
  }

  function cancel() {
    stroke = null;
    line.setLatLngs([]);
    review.showStroke(null);
  }

  box.addEventListener("pointerdown", begin);
  box.addEventListener("pointermove", extend);
  box.addEventListener("pointerup", finish);
  box.addEventListener("pointercancel", cancel);
  box.addEventListener("pointerleave", () => circle.remove());
  // what was drawn is no click on a block
  box.addEventListener("click", (event) => {
    if (DRAWING.includes(review.tool) && !review.desk.measuring && isOnMap(event)) event.stopPropagation();
  }, true);
}

/* The draft with the stroke that is being drawn, at most once a frame. */
function makeStrokePreview(review) {
  let kept = null;
  let isDue = false;
  const show = () => {
    isDue = false;
    const { draft } = review;
    if (kept !== null) {
      review.draft = { after: review.state.event, reason: "", why: null, ...draft, target: draft?.target ?? kept.target,
        strokes: [...(draft?.strokes || []), kept.blocks] };
    }
    review.drawAsked();
    review.drawNow();
    review.draft = draft;
  };
  review.showStroke = (stroke) => {
    kept = stroke;
    if (!isDue) requestAnimationFrame(show);
    isDue = true;
  };
}
