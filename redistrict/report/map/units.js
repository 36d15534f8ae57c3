/* The list of communities by unit (by street), with what each unit holds. */
"use strict";

/* One unit: its name and sums, and its communities when it is opened. */
function unitList(desk, u) {
  const { district, name, sums, communities } = desk.plan.units;
  const era = desk.plan.new;
  const sizes = (c) => Object.fromEntries(desk.quantities.map((quantity) => [quantity, era[quantity][c]]));
  const list = make("details", "",
    make("summary", "",
      make("span", "", make("b", "", name[u]), " ", district[u], make("br", ""), sumsLine(desk, sums[u])),
      make("span", "count", number(communities[u].length))),
    make("ul", "faults", ...communities[u].map((c) => make("li", "", button("fault",
      make("span", "", make("b", "", nameOf(era, c)), make("br", ""), sumsLine(desk, sizes(c))),
      () => desk.visit({ key: "new", c }))))));
  list.style.borderLeftColor = LOOK.new;
  return list;
}

function sumsLine(desk, sums) {
  const parts = Object.entries(sums).map(([key, n]) => make("span", "", say(desk.words[key]), " ", number(n)));
  return make("span", "remark", ...parts.flatMap((part, i) => (i ? [" · ", part] : [part])));
}
