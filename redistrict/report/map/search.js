/* Search for communities, estates, blocks and premises by name or key. */
"use strict";

const MOST_FOUND = 12;

function searchEntries(desk) {
  const { plan, blocks, words } = desk;
  const communities = ["new", "old"].filter((key) => plan[key]).flatMap((key) => plan[key].id.map((id, c) =>
    ({ name: nameOf(plan[key], c), id, kind: words["community_" + key], target: { key, c } })));
  const estates = new Map(plan.estates.map(([name, b]) => [`${name} ${b}`, { name, b }]));
  const inBlock = (b) => ({ key: "new", c: blocks.new[b], b });
  return [
    ...communities,
    ...[...estates.values()].map(({ name, b }) => ({ name, id: blocks.id[b], kind: words.estate, target: inBlock(b) })),
    ...(blocks === null ? [] : blocks.id.map((id, b) =>
      ({ name: blocks.name[b] || id, id, kind: words.block, target: inBlock(b) }))),
    ...plan.sites.name.map((name, s) => ({ name, id: "", kind: words.site, target: { spot: plan.sites.spot[s] } })),
  ].map((entry) => ({ ...entry, key: `${entry.name}\n${entry.id}`.toLowerCase() }));
}

/* Names that begin with the text come first; the order of kinds stays. */
function searchFor(entries, text) {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return [];
  const found = entries.filter(({ key }) => key.includes(wanted));
  const begins = ({ name, id }) => name.toLowerCase().startsWith(wanted) || id.toLowerCase().startsWith(wanted);
  return [...found.filter(begins), ...found.filter((entry) => !begins(entry))];
}

function makeSearch(desk) {
  const { words } = desk;
  const list = make("ul", "found");
  const input = make("input", "search");
  input.type = "search";
  input.autocomplete = "off";
  const label = () => {
    input.placeholder = shownText(words.search_hint);
    input.setAttribute("aria-label", shownText(words.search));
  };
  label();
  desk.onLanguage.push(label);
  let entries = null;

  function choose({ target }) {
    list.replaceChildren();
    desk.visit(target);
  }

  input.addEventListener("focus", () => { entries = null; }); // names may have changed
  input.addEventListener("input", () => {
    entries ??= searchEntries(desk);
    const found = searchFor(entries, input.value);
    const more = found.length - MOST_FOUND;
    list.replaceChildren(
      ...found.slice(0, MOST_FOUND).map((entry) => make("li", "", button("hit",
        make("span", "", make("b", "", entry.name), make("small", "", say(entry.kind), entry.id ? " " + entry.id : "")),
        () => choose(entry)))),
      ...(more > 0 ? [make("li", "remark", say(fill(words.search_more, { n: number(more) })))] : []),
      ...(input.value.trim() && !found.length ? [make("li", "remark", say(words.search_none))] : []),
    );
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") list.querySelector("button")?.click();
    if (event.key === "Escape") list.replaceChildren();
  });
  return make("div", "searching", input, list);
}
