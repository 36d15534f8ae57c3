/* Cards: what the page says of a community, of a block, and of why the block lies where it does. */
"use strict";

function nameOf(era, c) {
  return era.name[c] || era.id[c];
}

/* Count with deviation, one line for each quantity. */
function sizeRows(desk, era, c) {
  return desk.quantities.filter((quantity) => quantity in era).map((quantity) => {
    const deviation = era[quantity + "_deviation"]?.[c];
    return [say(desk.words[quantity]), number(era[quantity][c]) + (deviation ? `\u00a0(${deviation})` : ""), quantity];
  });
}

/* The few figures that follow the pointer. */
function tooltipCard(desk, key, c) {
  const era = desk.plan[key];
  return make("div", "tip", make("h3", "", nameOf(era, c)), table(sizeRows(desk, era, c)),
    era.exception[c] ? make("p", "exception", say(desk.words.exception)) : null);
}

function communityCard(desk, key, c) {
  const era = desk.plan[key];
  const words = desk.words;
  const sections = (era.card[c] || []).map(([head, rows]) => [
    head[0] ? make("h4", "", say(head)) : null,
    table(rows.map(([row, label, value]) => [say(label || words[row]), say(value), row])),
  ]);
  return make("div", "card community",
    make("p", "kind", say(words["community_" + key])),
    make("h3", "", nameOf(era, c)), make("p", "code", era.id[c]), ...sections.flat());
}

function blockCard(desk, b) {
  const { blocks, words } = desk;
  const memberships = ["new", "old"].filter((key) => desk.plan[key] && blocks[key][b] >= 0).map((key) => [
    say(words["community_" + key]),
    button("link", nameOf(desk.plan[key], blocks[key][b]), () => desk.visit({ key, c: blocks[key][b] })),
    "community_" + key,
  ]);
  const deliveries = desk.plan.estates.filter(([, block]) => block === b)
    .map(([name, , text]) => [make("span", "", say(words.deliveries), " ", name), say(text)]);
  return make("div", "card block",
    make("p", "kind", say(words.block)),
    make("h3", "", blocks.name[b] || blocks.id[b]), make("p", "code", blocks.id[b]),
    table([
      ...desk.quantities.filter((quantity) => quantity in blocks)
        .map((quantity) => [say(words[quantity]), number(blocks[quantity][b]), quantity]),
      ...memberships, ...deliveries,
    ]),
    make("h4", "", say(words.why)), ...whyHere(desk, b));
}

/* The communities beyond the border: those it might go to first, then the cheapest. */
function whyHere(desk, b) {
  const moves = desk.plan.moves;
  const found = (desk.movesOf.get(b) || []).map((m) => ({
    community: moves.community[m], cost: moves.cost[m], rules: moves.rules[m],
  }));
  const rank = ({ cost }) => (cost === null ? Infinity : cost);
  found.sort((one, two) => Boolean(one.rules.length) - Boolean(two.rules.length) || rank(one) - rank(two));
  if (!found.length) return [make("p", "", say(desk.words.why_inner))];
  return found.map((move, n) => moveCard(desk, b, move, n === 0));
}

function moveCard(desk, b, move, isNext) {
  const { words, plan } = desk;
  const names = { name: nameOf(plan.new, move.community), own: nameOf(plan.new, desk.blocks.new[b]) };
  const cost = move.cost === null ? null
    : move.cost === 0 ? words.why_same
      : fill(words[move.cost > 0 ? "why_dearer" : "why_cheaper"], { cost: number(Math.abs(move.cost)) });
  const rules = move.rules.map(([rule, quantity, found, allowed]) => make("li", "", say(fill(words["rule_" + rule], {
    ...names, quantity: quantity ? plan.moves.quantities[quantity] : "",
    found: found === undefined ? "" : number(found), allowed: allowed === undefined ? "" : number(allowed),
  }))));
  const verdict = rules.length ? make("ul", "forbidden", ...rules) : make("p", "allowed", say(words.why_allowed));
  return make("div", "move", make("b", "", say(fill(words[isNext ? "why_next" : "why_not_next"], names))),
    cost ? make("p", "cost", say(cost)) : null, verdict);
}
