/* Before and after in figures: today and the plan side by side, of which the style sets off what is shown. */
"use strict";

function figureTable({ plan, words }) {
  const times = plan.old ? ["old", "new"] : ["new"];
  const cell = (tag, time, content) => make(tag, "of-" + time, content);
  const heads = times.map((time) => cell("th", time, say(words[time])));
  heads.forEach((head) => { head.scope = "col"; });
  const rows = plan.figures.map(([key, name, today, planned]) => {
    const values = { old: today, new: planned };
    const head = make("th", "", say(name));
    const isHeading = today === null && planned === null;
    Object.assign(head, isHeading ? { scope: "rowgroup", colSpan: times.length + 1 } : { scope: "row" });
    const row = make("tr", "", head, ...(isHeading ? [] : times).map((time) => cell("td", time, values[time] ?? "—")));
    row.dataset.key = key;
    return row;
  });
  return make("table", "figures", make("thead", "", make("tr", "", make("td", ""), ...heads)), make("tbody", "", ...rows));
}
