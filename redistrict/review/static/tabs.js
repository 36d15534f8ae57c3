/* Left, below: the map's layers, comments, versions, minutes; one is open at a time. */
"use strict";

const TABS = { view: null, comments: drawCommentList, versions: drawVersions, minutes: drawMinutes };

/* The view stays on the page, for it holds the desk's own controls; the others are drawn anew. */
function makeTabs(review) {
  const list = make("div", "tabs");
  list.setAttribute("role", "tablist");
  const view = make("div", "", ...viewParts(review.desk));
  const drawn = make("div", "");
  const body = make("div", "tab-body", view, drawn);
  body.setAttribute("role", "tabpanel");
  list.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const names = Object.keys(TABS);
    review.openTab(names[(names.indexOf(review.tab) + step + names.length) % names.length]);
    list.querySelector("[aria-selected=true]").focus();
  });
  review.openTab = (tab) => { review.tab = tab; review.redraw(); };
  const node = make("div", "tabbed", list, body);
  return () => {
    const open = review.state.comments.filter((comment) => comment.is_open).length;
    put(list, ...Object.keys(TABS).map((tab) => {
      const label = tab === "comments" && open ? fill(review.words.tab_comments_n, { n: open }) : review.words["tab_" + tab];
      const one = keyed(review, "tab-" + tab, label, () => review.openTab(tab));
      one.setAttribute("role", "tab");
      one.setAttribute("aria-selected", review.tab === tab);
      one.tabIndex = review.tab === tab ? 0 : -1;
      return one;
    }));
    view.hidden = review.tab !== "view";
    put(drawn, ...(view.hidden ? TABS[review.tab](review) : []));
    return node;
  };
}

function drawCommentList(review) {
  const { words, state } = review;
  const nameOfPlace = (on) => {
    if ("block" in on) return blockName(review, review.blockOf.get(on.block));
    const c = review.position.get(on.community);
    return c === undefined ? on.community : communityName(state.communities[c]);
  };
  const visit = (on) => ("block" in on ? review.visitBlocks([review.blockOf.get(on.block)], [])
    : review.visitCommunity(on.community));
  const draw = (comment) => make("li", comment.is_open ? "comment open" : "comment",
    keyed(review, "comment" + comment.event, [nameOfPlace(comment.on)], () => visit(comment.on), { className: "link" }),
    make("p", "", comment.text),
    make("small", "", `${comment.author} · ${clock(comment.at)} · `, say(comment.is_open ? words.is_open : words.is_settled)),
    keyed(review, "settle" + comment.event, comment.is_open ? words.settle : words.reopen,
      () => review.send("settle", { comment: comment.event, is_open: !comment.is_open },
        fill(comment.is_open ? words.edit_settle : words.edit_reopen, { text: comment.text })), { className: "small" }));
  const sorted = [...state.comments].sort((one, other) => other.is_open - one.is_open || other.event - one.event);
  return [sorted.length ? make("ul", "comments", ...sorted.map(draw)) : make("p", "remark", say(words.no_comments))];
}

function drawVersions(review) {
  const { words, state } = review;
  const all = [{ key: "start", name: shownText(words.start), event: 0 },
    ...state.versions.map((version) => ({ ...version, key: `at${version.event}` })),
    { key: "now", name: shownText(words.now), event: state.event }];
  const choose = (side, fallback) => {
    const node = make("select", "");
    node.dataset.focus = side;
    node.setAttribute("aria-label", shownText(words.compare));
    const chosen = all.some(({ key }) => key === review.compareOf[side]) ? review.compareOf[side] : fallback;
    review.compareOf[side] = chosen;
    node.append(...all.map(({ key, name }) => choiceOption(key, name, key === chosen)));
    node.addEventListener("change", () => { review.compareOf[side] = node.value; });
    return node;
  };
  return [
    make("div", "buttons", keyed(review, "name-version", words.name_version, () => askVersion(review), { className: "main" })),
    make("ul", "versions", ...[...state.versions].reverse().map((version) => make("li", "",
      make("span", "", make("b", "", version.name), make("small", "", ` ${version.author}`)),
      keyed(review, "restore" + version.event, words.restore, () => review.send("restore", { version: version.name },
        fill(words.edit_restore, { name: version.name })), { className: "small" })))),
    make("h3", "", say(words.compare)),
    make("div", "compare", choose("one", "start"), choose("other", "now"),
      keyed(review, "compare", words.compare_go, () => compareVersions(review, all))),
  ];
}

async function askVersion(review) {
  const after = review.state.event;
  const answer = await askFor(review, review.words.name_version, [{ key: "name", label: review.words.version_name, most: 60 }]);
  if (answer !== null) review.send("version", answer, fill(review.words.edit_version, answer), after);
}

async function compareVersions(review, all) {
  const chosen = ["one", "other"].map((side) => all.find(({ key }) => key === review.compareOf[side]));
  try {
    const [one, other] = await Promise.all(chosen.map(({ event }) => load(`state?event=${event}`)));
    const flows = listFlows(review, one, other);
    review.compared = { names: chosen.map(({ name }) => name), flows, blocks: flows.flatMap(({ blocks }) => blocks) };
  } catch {
    review.setOnline(false);
  }
  review.redraw();
  if (review.compared) review.show(review.compared.blocks);
}

function drawMinutes(review) {
  const { words, state } = review;
  const newest = [...state.log].sort((one, other) => other.event - one.event);
  return [newest.length ? make("ol", "minutes", ...newest.map((event) => make("li", "",
    make("small", "", `${event.event} · ${clock(event.at)} · ${event.author}`), make("span", "line", say(event.text)))))
    : make("p", "remark", say(words.no_minutes))];
}

const clock = (at) => new Date(at).toLocaleString("sv-SE", { dateStyle: "short", timeStyle: "short" });
