/* Search for communities, streets, roads, estates, blocks and premises by name or key: a combobox with a list below. */
"use strict";

const MOST_FOUND = 12;

function searchEntries(desk) {
  const { plan, blocks, words } = desk;
  const units = plan.units ?? { name: [] };
  const spell = makeSpeller(plan.spelling);
  const communities = ["new", "old"].filter((key) => plan[key]).flatMap((key) => plan[key].id.map((id, c) =>
    ({ name: nameOf(plan[key], c), id, kind: words["community_" + key], target: { key, c } })));
  const estates = new Map(plan.estates.map(([name, b]) => [`${name} ${b}`, { name, b }]));
  const inBlock = (b) => ({ key: "new", c: blocks.new[b], b });
  return [
    ...communities,
    ...units.name.map((name, u) => ({ name, id: units.district[u], kind: units.kind,
      target: { key: "new", areas: units.communities[u].map((c) => desk.shapes.new[c]) } })),
    ...[...estates.values()].map(({ name, b }) => ({ name, id: blocks.id[b], kind: words.estate, target: inBlock(b) })),
    ...roadEntries(plan.roads),
    ...(blocks === null ? [] : blocks.id.map((id, b) =>
      ({ name: blocks.name[b] || id, id, kind: words.block, target: inBlock(b) }))),
    ...plan.sites.name.map((name, s) => ({ name, id: "", kind: words.site, target: { spot: plan.sites.spot[s] } })),
  ].map((entry) => ({ ...entry, spelled: [spell(entry.name), spell(entry.id)] }));
}

/* Every road once, the most important first, with all its stretches. */
function roadEntries(roads) {
  const found = new Map();
  for (const { label, lines, stretches } of [...roads].reverse()) {
    let first = 0;
    for (const [name, n] of stretches) {
      const target = found.get(name)?.target ?? { lines: [] };
      target.lines.push(...lines.slice(first, first + n));
      first += n;
      if (name && !found.has(name)) found.set(name, { name, id: "", kind: label, target });
    }
  }
  return [...found.values()];
}

function makeSearch(desk) {
  const { words } = desk;
  const list = make("ul", "found");
  const input = make("input", "search");
  set(list, { id: "found", role: "listbox" });
  set(input, { type: "search", autocomplete: "off", role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id });
  const label = () => {
    set(input, { placeholder: shownText(words.search_hint), "aria-label": shownText(words.search) });
    set(list, { "aria-label": shownText(words.search) });
  };
  label();
  desk.onLanguage.push(label);
  let entries = null;
  let found = [];
  let active = 0;

  const options = () => [...list.querySelectorAll("[role=option]:not([aria-disabled])")];

  /* One of the list is the chosen one; the keys stay with the input. */
  function activate(n) {
    const all = options();
    active = all.length ? (n + all.length) % all.length : 0;
    all.forEach((option, i) => set(option, { "aria-selected": i === active }));
    set(input, { "aria-activedescendant": all[active]?.id ?? "" });
    all[active]?.scrollIntoView({ block: "nearest" });
  }

  function addOption(className, content, onChoose) {
    const option = make("li", className, content);
    set(option, { id: `found-${list.childElementCount}`, role: "option" });
    if (onChoose) option.addEventListener("click", onChoose);
    else set(option, { "aria-disabled": true });
    list.append(option);
  }

  function fillList(most) {
    const more = found.length - most;
    list.replaceChildren();
    found.slice(0, most).forEach((entry) => addOption("hit",
      make("span", "", make("b", "", entry.name), make("small", "", say(entry.kind), entry.id ? " " + entry.id : "")),
      () => { close(); desk.visit(entry.target); }));
    if (more > 0) {
      addOption("more", say(fill(words.search_more, { n: number(more) })), () => { fillList(4 * most); activate(most); });
    }
    if (!found.length && input.value.trim()) addOption("remark", say(words.search_none));
    open(list.childElementCount > 0);
  }

  function open(isOpen) {
    list.hidden = !isOpen;
    set(input, { "aria-expanded": isOpen });
    activate(0);
  }

  function close() {
    list.replaceChildren();
    open(false);
  }

  function look() {
    entries ??= searchEntries(desk);
    found = findEntries(entries, input.value);
    fillList(MOST_FOUND);
  }

  const keys = {
    ArrowDown: () => activate(active + 1),
    ArrowUp: () => activate(active - 1),
    Home: () => activate(0),
    End: () => activate(-1),
    Enter: () => options()[active]?.click(),
    Escape: close,
  };
  input.addEventListener("focus", () => { entries = null; }); // names may have changed
  input.addEventListener("input", look);
  input.addEventListener("keydown", (event) => {
    const act = list.hidden ? event.key === "ArrowDown" && look : keys[event.key];
    if (!act || event.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  });
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the input keeps the focus
  close();
  return make("div", "searching", input, list);
}
