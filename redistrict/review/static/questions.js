/* Right: what is being done now, and three questions that are always answered: what is broken, what changed, who
gains or loses how many. */
"use strict";

const MOST_FLOWS = 8;

function drawNow(review) {
  const parts = [...review.unsaved.map((edit) => drawUnsaved(review, edit)),
    review.draft ? drawDraft(review) : null,
    review.preview ? drawPreview(review) : null,
    review.compared ? drawCompared(review) : null,
    review.exported ? drawExported(review) : null];
  return parts.filter((part) => part !== null);
}

/* An edit that is not on the server's disk: on its way, or refused with what has changed. */
function drawUnsaved(review, edit) {
  const { words } = review;
  const isOpen = edit.status !== "sending";
  const node = make("section", `now unsaved ${edit.status}`,
    make("h2", "", say(words["edit_" + edit.status])),
    make("p", "", say(edit.text)),
    edit.message ? make("p", "why", say(edit.message)) : null,
    edit.since.length ? make("ul", "since", ...edit.since.map((event) =>
      make("li", "", make("b", "", event.author), " ", say(event.text || [event.kind])))) : null,
    isOpen ? make("div", "buttons",
      keyed(review, "again" + edit.id, words.apply_again, () => review.applyAgain(edit), { className: "main" }),
      keyed(review, "forget" + edit.id, words.forget, () => review.forget(edit))) : null);
  node.setAttribute("role", "status");
  return node;
}

function drawDraft(review) {
  const { words, draft, state } = review;
  const blocks = movedBlocks(review);
  const choice = make("select", "");
  choice.dataset.focus = "draft-target";
  const targets = targetsFor(review, blocks).filter(([id]) => id !== draft.target);
  const target = state.communities[review.position.get(draft.target)];
  choice.append(target ? choiceOption(target.id, communityName(target), true) : choiceOption("", shownText(words.choose), true),
    ...targets.map(([id, name]) => choiceOption(id, name, false)));
  choice.addEventListener("change", () => { draft.target = choice.value || null; draft.why = null; review.redraw(); });
  const reason = make("input", "");
  Object.assign(reason, { value: draft.reason, maxLength: 200, placeholder: shownText(words.reason_hint) });
  reason.dataset.focus = "draft-reason";
  reason.addEventListener("input", () => { draft.reason = reason.value; });
  reason.addEventListener("keydown", (event) => { if (event.key === "Enter") saveDraft(review); });
  const isOff = !target || !blocks.length;
  return make("section", "now draft",
    make("h2", "", say(fill(words.draft, countsOf(review, blocks)))),
    make("label", "", say(words.into), choice),
    drawChanges(review, reckonDraft(review)),
    make("label", "", say(words.reason), reason),
    draft.why ? drawWhy(review, draft.why) : null,
    make("div", "buttons",
      keyed(review, "save", words.save, () => saveDraft(review), { className: "main", shortcut: "Enter", isOff }),
      keyed(review, "why", words.why_not, () => askWhy(review), { isOff }),
      keyed(review, "discard", words.discard, () => discardDraft(review), { shortcut: "Esc" })));
}

/* An answer to what was changed while it was on its way is not shown. */
async function askWhy(review) {
  const { draft, desk } = review;
  const blocks = movedBlocks(review).map((b) => desk.blocks.id[b]);
  const asked = { after: review.state.event, blocks, community: draft.target };
  try {
    const { status, data } = await ask("POST", "why", asked);
    const isStill = draft.target === asked.community && review.state.event === asked.after
      && String(movedBlocks(review, draft).map((b) => desk.blocks.id[b])) === String(blocks);
    if (isStill) draft.why = status === 200 ? data : { text: [data.message || fill(review.words.refused, { status })] };
  } catch {
    review.setOnline(false);
  }
  review.redraw();
}

function drawWhy(review, { cost_m: costM, text }) {
  const { words } = review;
  const cost = !costM ? null
    : fill(words[costM > 0 ? "dearer" : "cheaper"], { cost: number(Math.abs(Math.round(costM))) });
  return make("div", "answer", cost ? make("p", "", say(cost)) : null,
    make("ul", "", ...text.map((one) => make("li", "", say(one)))));
}

/* The repair while it is sought, and what the best one so far would change. */
function drawPreview(review) {
  const { words, preview } = review;
  const { status, data } = preview;
  const reject = (label) => keyed(review, "reject", label, () => review.dropPreview(), { shortcut: "Esc" });
  if (status === "running") {
    return make("section", "now preview", make("h2", "", say(words.healing)), make("progress", ""),
      preview.text ? make("p", "", say(preview.text)) : null, make("div", "buttons", reject(words.stop)));
  }
  if (!data?.of_block) {
    return make("section", "now preview failed", make("h2", "", say(words.heal_failed)),
      ...(data?.reasons.length ? data.reasons : [preview.text ?? words.heal_stopped]).map((text) => make("p", "", say(text))),
      make("div", "buttons", reject(words.close)));
  }
  return make("section", "now preview",
    make("h2", "", say(words.heal_done)),
    status === "done" ? null : make("p", "remark", say(status === "found" ? words.heal_goes_on : words.heal_stopped)),
    status === "found" ? make("progress", "") : null,
    make("p", "", say(preview.moves.length ? fill(words.heal_moves, countsOf(review, preview.moves)) : words.heal_moves_none)),
    ...data.proofs.map((text) => make("p", "proof", say(text))),
    make("div", "buttons",
      keyed(review, "accept", words.accept, () => review.acceptPreview(), { className: "main", shortcut: "Enter" }),
      reject(words.reject)),
    drawFlows(review, preview.flows),
    details(review, "moves", words.each_move, make("ul", "", ...drawMoves(review))),
    drawChanges(review, changedBetween(review.state, data)));
}

/* Each block that the repair moves on, and why. */
function drawMoves(review) {
  const { moves, data } = review.preview;
  const why = new Map(data.moves.map(([id], n) => [id, data.why[n]]));
  return moves.map((b) => make("li", "",
    make("b", "", blockName(review, b)), " → ", communityName(data.communities[data.of_block[b]]),
    why.has(review.desk.blocks.id[b]) ? make("span", "", ": ", say(why.get(review.desk.blocks.id[b]))) : null));
}

/* Communities that differ between two states, as {before, after}. */
function changedBetween(from, to) {
  const before = new Map(from.communities.map((one) => [one.id, one]));
  const after = new Map(to.communities.map((one) => [one.id, one]));
  const isSame = (one, other) => one && other && one.shape === other.shape && one.name === other.name;
  return [...new Set([...before.keys(), ...after.keys()])]
    .map((id) => ({ before: before.get(id), after: after.get(id) })).filter((pair) => !isSame(pair.before, pair.after));
}

/* Before and after of communities, line by line. */
function drawChanges(review, pairs) {
  if (!pairs.length) return null;
  const { words, desk } = review;
  const body = make("tbody", "");
  const head = make("thead", "", make("tr", "", ...[words.community, words.before, words.after, words.change]
    .map((text) => make("th", "", say(text)))));
  for (const { before, after } of pairs) {
    const one = after ?? before;
    const link = button("link", communityName(one), () => review.visitCommunity(one.id));
    link.dataset.focus = "row" + one.id;
    const name = make("th", "", link, after ? null : make("span", "gone", " ", say(words.gone)),
      before ? null : make("span", "gone", " ", say(words.is_new)));
    name.colSpan = 4;
    body.append(make("tr", "name", name), ...rowsOf(review, before, after, desk.quantities));
    if (after?.faults.length) {
      const cell = make("td", "", faultsOf(after.faults));
      cell.colSpan = 4;
      body.append(make("tr", "", cell));
    }
  }
  return make("table", "changes", head, body);
}

function rowsOf(review, before, after, quantities) {
  const { words, desk } = review;
  const value = (side, key) => (typeof side?.[key] === "number" ? Math.round(side[key]) : null);
  const row = (key, label) => {
    const [one, other] = [value(before, key), value(after, key)];
    if ((one === null && other === null) || (after && other === null)) return null;
    const change = one === null || other === null ? "" : other === one ? "=" : signed(other - one);
    const share = after?.deviation[key] ?? null;
    const node = make("tr", "", make("th", "", say(label)), make("td", "", number(one)), make("td", "", number(other)),
      make("td", "change", change, share === null ? null : make("small", "", ` ${signedPercent(share)}`)));
    node.dataset.key = key;
    return node;
  };
  return [...quantities.map((quantity) => row(quantity, desk.words[quantity])), row("workers", words.workers),
    row("road_m", words.road_m)].filter((node) => node !== null);
}

function drawFlows(review, flows) {
  if (!flows.length) return null;
  const rest = flows.slice(MOST_FLOWS);
  return make("ul", "flows", ...flows.slice(0, MOST_FLOWS).map(({ from, to, blocks }) => make("li", "", say(fill(review.words.flow,
    { from: communityName(from), to: communityName(to), ...countsOf(review, blocks) })))),
  rest.length ? make("li", "remark", say(fill(review.words.more_flows,
    { n: rest.length, residents: number(rest.reduce((sum, flow) => sum + flow.residents, 0)) }))) : null);
}

function drawCompared(review) {
  const { words, compared } = review;
  return make("section", "now compared",
    make("h2", "", say(fill(words.compared, { one: compared.names[0], other: compared.names[1] }))),
    make("p", "", say(fill(words.differ, countsOf(review, compared.blocks)))),
    drawFlows(review, compared.flows),
    make("div", "buttons", keyed(review, "compared", words.close, () => { review.compared = null; review.redraw(); },
      { shortcut: "Esc" })));
}

function drawExported(review) {
  const { words, exported } = review;
  const node = make("section", `now exported ${exported.status}`, make("h2", "", say(words.export)),
    exported.status === "running" ? make("progress", "") : null,
    ...(exported.text?.length ? [make("p", "", say(exported.text))] : []),
    exported.status === "running" ? null
      : make("div", "buttons", keyed(review, "exported", words.close, () => { review.exported = null; review.redraw(); })));
  node.setAttribute("role", "status");
  return node;
}

/* --- the three questions --- */

function drawQuestions(review) {
  return [drawBroken(review), drawChanged(review), drawGains(review)];
}

function question(words, answer, className, ...children) {
  return make("section", `question ${className}`, make("h2", "", say(words), make("span", "tally", say(answer))), ...children);
}

function drawBroken(review) {
  const { words, state } = review;
  const broken = state.communities.filter(({ faults }) => faults.length);
  const n = state.n_faults;
  const waiting = state.pins.filter((pin) => pin.is_waiting).length;
  return question(words.what_broken, n ? fill(words.n_faults, { n }) : words.nothing_broken, n ? "bad" : "good",
    make("ul", "faults", ...state.faults.map((text) => make("li", "fault", say(text))),
      ...broken.map((one) => make("li", "", faultButton(review, one)))),
    waiting ? make("p", "remark", say(fill(words.waiting, { n: waiting }))) : null,
    state.is_healed || !state.pins.length ? null
      : make("p", "remark", say(n || waiting ? words.heal_to_mend : words.heal_to_settle)));
}

function faultButton(review, one) {
  const lines = one.faults.map((text) => make("span", "line", say(text)));
  const node = button("fault", make("span", "", make("b", "", communityName(one)), ...lines), () => review.visitCommunity(one.id));
  node.dataset.focus = "fault" + one.id;
  return node;
}

function drawChanged(review) {
  const { words, state } = review;
  const { blocks, residents } = state.moved;
  return question(words.what_changed, fill(words.n_moved, { blocks: number(blocks), residents: number(residents) }), "",
    state.pins.length ? make("ol", "pins", ...state.pins.map((pin, n) => drawPin(review, pin, n + 1)).reverse())
      : make("p", "remark", say(words.nothing_changed)));
}

/* A pin in words; of painted blocks their number is enough, the map shows which. */
function sayPin({ words, state, position }, { form, blocks, communities: [id], text }) {
  const name = communityName(state.communities[position.get(id)] ?? { id });
  return form === "in" ? fill(words.edit_paint, { n: number(blocks.length), name }) : text;
}

function drawPin(review, pin, n) {
  const { words } = review;
  const show = () => { review.pointed = pin.blocks; review.drawMarked(); };
  const hide = () => { review.pointed = []; review.drawMarked(); };
  const text = button("pin", make("span", "", make("span", "line", `${n}. `, say(sayPin(review, pin))),
    pin.reason === pin.author ? null : make("span", "line reason", pin.reason),
    make("small", "", pin.author, pin.is_waiting ? make("span", "", " · ", say(words.waits)) : null)),
  () => review.visitBlocks(pin.blocks, pin.communities));
  text.dataset.focus = "pin" + pin.event;
  const item = make("li", "", text, keyed(review, "drop" + pin.event, words.take_back,
    () => review.send("drop", { pin: pin.event }, fill(words.edit_drop, { pin: sayPin(review, pin) })), { className: "small" }));
  item.addEventListener("pointerenter", show);
  item.addEventListener("pointerleave", hide);
  item.addEventListener("focusin", show);
  item.addEventListener("focusout", hide);
  return item;
}

function drawGains(review) {
  const { words, state, base } = review;
  const pairs = changedBetween(base, state);
  const cost = fill(words.cost, { before: number(Math.round(state.cost_before_m)), after: number(Math.round(state.cost_m)) });
  return question(words.who_gains, pairs.length ? fill(words.n_touched, { n: pairs.length }) : words.nobody, "",
    drawFlows(review, listFlows(review, base, state)), drawChanges(review, pairs),
    pairs.length ? make("p", "remark", say(cost)) : null);
}
