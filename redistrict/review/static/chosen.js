/* Left: the tools, and what is chosen on the map with what can be asked of it. */
"use strict";

const communityName = ({ id, name }) => name || id;
const blockName = (review, b) => review.desk.blocks.name[b] || review.desk.blocks.id[b];

function makeToolBar(review) {
  const bar = make("div", "tool-bar");
  bar.setAttribute("role", "toolbar");
  // one stop of the tab key; arrows go from tool to tool
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const buttons = [...bar.children];
    buttons[(buttons.indexOf(event.target) + step + buttons.length) % buttons.length].focus();
  });
  return () => {
    bar.setAttribute("aria-label", shownText(review.words.tools));
    put(bar, ...Object.entries(TOOLS).map(([tool, shortcut]) => {
      const node = keyed(review, `${tool}-tool`, review.words["tool_" + tool], () => chooseTool(review, tool),
        { shortcut, className: `${tool}-tool`, title: review.words["hint_" + tool] });
      node.setAttribute("aria-pressed", review.tool === tool);
      node.tabIndex = review.tool === tool ? 0 : -1;
      return node;
    }));
    return bar;
  };
}

function drawToolHint(review) {
  const { words } = review;
  const target = review.state.communities[review.position.get(review.target())];
  const sizes = review.tool !== "paint" ? null : make("span", "brushes", ...BRUSHES.map((_, n) => {
    const node = keyed(review, `brush${n}`, words[`brush${n}`], () => { review.brush = n; review.redraw(); }, { shortcut: "[ ]" });
    node.setAttribute("aria-pressed", review.brush === n);
    return node;
  }));
  return make("div", "tool-hint", make("p", "remark", say(words["hint_" + review.tool])), sizes,
    DRAWING.includes(review.tool) && target ? make("p", "", say(words.into), " ", make("b", "", communityName(target))) : null);
}

/* Communities that lie next to blocks, the others after them: [id, name]. */
function targetsFor(review, blocks) {
  const { state, neighbours } = review;
  const own = new Set(blocks.map((b) => state.of_block[b]));
  const near = new Set(blocks.flatMap((b) => neighbours[b].map(([j]) => state.of_block[j])));
  const all = state.communities.map((_, c) => c).filter((c) => own.size !== 1 || !own.has(c));
  return [...all.filter((c) => near.has(c)), ...all.filter((c) => !near.has(c))]
    .map((c) => [state.communities[c].id, communityName(state.communities[c])]);
}

function drawChosen(review) {
  const { selection, words, desk } = review;
  if (selection === null) return [make("p", "remark", say(words.nothing_chosen))];
  const close = keyed(review, "close", ["×"], () => review.choose(null),
    { className: "close", title: desk.words.close });
  if (selection.key === "old") return [close, communityCard(desk, "old", selection.c)];
  const c = review.position.get(selection.id);
  if (c === undefined) return [close, make("p", "remark", say(words.gone))];
  const community = review.state.communities[c];
  return [close, ...(selection.b === undefined ? [] : [drawBlock(review, selection.b)]), ...drawCommunity(review, community, c)];
}

function drawBlock(review, b) {
  const { words, desk } = review;
  const targets = targetsFor(review, [b]);
  const choice = make("select", "");
  choice.dataset.focus = "into";
  choice.setAttribute("aria-label", shownText(words.put_into));
  choice.append(...targets.map(([id, name]) => choiceOption(id, name, id === review.chosenTarget)));
  choice.addEventListener("change", () => { review.chosenTarget = choice.value; });
  return make("div", "card block",
    make("p", "kind", say(desk.words.block)),
    make("h3", "", blockName(review, b)), make("p", "code", desk.blocks.id[b]),
    table(desk.quantities.filter((quantity) => quantity in desk.blocks)
      .map((quantity) => [say(desk.words[quantity]), number(desk.blocks[quantity][b]), quantity])),
    make("label", "put-into", say(words.put_into), choice),
    make("div", "buttons",
      keyed(review, "put", words.put_there, () => addStroke(review, [b], choice.value), { className: "main" }),
      keyed(review, "comment-block", words.comment, () => addComment(review, { block: desk.blocks.id[b] }, blockName(review, b)))));
}

function drawCommunity(review, community, c) {
  const { words, desk, opinions } = review;
  const { bounds } = review.plan.areas[review.plan.area_of[review.members[c][0]]];
  const sizes = desk.quantities.map((quantity) => {
    const share = community.deviation[quantity] ?? null;
    const span = bounds[quantity] ? make("small", "", ` ${number(bounds[quantity][0])} – ${number(bounds[quantity][1])}`) : null;
    const size = number(community[quantity]) + (share === null ? "" : ` (${signedPercent(share)})`);
    return [say(desk.words[quantity]), make("span", "", size, span), quantity];
  });
  const told = opinions[community.id] || [];
  return [make("div", "card community",
    make("p", "kind", say(desk.words.community_new), community.is_locked ? make("span", "lock", say(words.locked)) : null),
    make("h3", "", communityName(community)), make("p", "code", community.id),
    table([...sizes,
      [say(words.workers), number(community.workers), "workers"],
      [say(words.road_m), number(Math.round(community.road_m)), "road_m"]]),
    faultsOf(community.faults),
    drawActions(review, community),
    told.length ? make("h4", "", say(words.opinions), ` ${told.length}`) : null,
    told.length ? make("ul", "opinions", ...told.map(drawOpinion)) : null),
  desk.plan.new.card[c].length ? details(review, "more", words.more, communityCard(desk, "new", c)) : null];
}

function drawOpinion({ date, place, opinion, text, answer, state }) {
  const line = (...parts) => make("small", "line", parts.filter(Boolean).join(" · "));
  return make("li", "", line(date, place, opinion), make("p", "", text), line(answer, state));
}

const faultsOf = (faults) => (faults.length ? make("ul", "faults-now", ...faults.map((text) => make("li", "", say(text)))) : null);

/* A part that opens and closes, and stays so when it is drawn again. */
function details(review, key, head, ...children) {
  const summary = make("summary", "", say(head));
  summary.dataset.focus = key;
  const node = make("details", "plain", summary, ...children);
  node.open = review.opened.has(key);
  node.addEventListener("toggle", () => review.opened[node.open ? "add" : "delete"](key));
  return node;
}

function drawActions(review, community) {
  const { words, state } = review;
  const name = communityName(community);
  const lock = state.pins.find(({ form, communities }) => form === "keep" && communities.includes(community.id));
  const act = (key, onClick) => keyed(review, key, words[key], onClick);
  return make("div", "actions",
    act("merge", () => askMerge(review, community)),
    act("split", () => askSplit(review, community)),
    lock ? act("unlock", () => review.send("drop", { pin: lock.event }, fill(words.edit_unlock, { name })))
      : act("lock", () => askPin(review, { keep: community.id }, fill(words.edit_lock, { name }))),
    act("rename", () => askRename(review, community)),
    act("comment", () => addComment(review, { community: community.id }, name)));
}

const reasonField = (review) => ({ key: "reason", label: review.words.reason, most: 200, isNeeded: false });
const withReason = (pin, { reason }) => ({ pin: { ...pin, ...(reason && { reason }) } });

async function askPin(review, pin, text) {
  const after = review.state.event;
  const answer = await askFor(review, text, [reasonField(review)]);
  if (answer !== null) review.send("pin", withReason(pin, answer), text, after);
}

async function askMerge(review, community) {
  const after = review.state.event;
  const { words, state } = review;
  const options = targetsFor(review, review.members[review.position.get(community.id)]);
  const answer = await askFor(review, fill(words.merge_title, { name: communityName(community) }),
    [{ key: "other", label: words.merge_with, kind: "choice", options }, reasonField(review)]);
  if (answer === null) return;
  const other = state.communities.find(({ id }) => id === answer.other);
  review.send("pin", withReason({ merge: [community.id, other.id] }, answer),
    fill(words.edit_merge, { name: communityName(community), other: communityName(other) }), after);
}

async function askSplit(review, community) {
  const after = review.state.event;
  const { words } = review;
  const name = communityName(community);
  const answer = await askFor(review, fill(words.split_title, { name }),
    [{ key: "into", label: words.split_into, kind: "number", value: "2", least: 2, most: 100 }, reasonField(review)]);
  if (answer === null) return;
  review.send("pin", withReason({ split: community.id, into: Number(answer.into) }, answer),
    fill(words.edit_split, { name, n: answer.into }), after);
}

async function askRename(review, community) {
  const after = review.state.event;
  const { words } = review;
  const name = communityName(community);
  const answer = await askFor(review, fill(words.rename_title, { name }),
    [{ key: "to", label: words.rename_to, value: community.name, most: 60 }, reasonField(review)]);
  if (answer === null || !answer.to) return;
  review.send("pin", withReason({ rename: community.id, to: answer.to }, answer),
    fill(words.edit_rename, { name, to: answer.to }), after);
}

async function addComment(review, on, name) {
  const { words } = review;
  const after = review.state.event;
  const answer = await askFor(review, fill(words.comment_title, { name }),
    [{ key: "text", label: words.comment, kind: "area", most: 500 }]);
  if (answer === null || !answer.text) return;
  review.send("comment", { on, text: answer.text }, fill(words.edit_comment, { name }), after);
}
