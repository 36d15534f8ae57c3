// Measures the names drawn on the page: boxes from the elements, borders from the data, nothing from the page's scripts.
() => {
  const map = window[document.querySelector(".folium-map").id];
  const frame = map.getContainer().getBoundingClientRect();
  const corners = (span) => {
    const base = span.parentElement.getBoundingClientRect();
    const style = getComputedStyle(span);
    const [x0, y0] = style.transformOrigin.split(" ").map(parseFloat);
    const turn = new DOMMatrix(style.transform);
    const { offsetWidth: width, offsetHeight: height } = span;
    return [[0, 0], [width, 0], [width, height], [0, height]].map(([x, y]) => {
      const point = turn.transformPoint(new DOMPoint(x - x0, y - y0));
      return [point.x + x0 + base.left - frame.left, point.y + y0 + base.top - frame.top];
    });
  };
  const sides = (shape) => shape.map(([x, y], i) => {
    const [u, v] = shape[(i + 1) % shape.length];
    return [y - v, u - x];
  });
  const span = (shape, [u, v]) => {
    const along = shape.map(([x, y]) => x * u + y * v);
    return [Math.min(...along), Math.max(...along)];
  };
  const meet = (one, two) => [...sides(one), ...sides(two)].every((side) => {
    const [[low, high], [least, most]] = [span(one, side), span(two, side)];
    return high > least && most > low;
  });
  const plan = JSON.parse(document.getElementById("plan").textContent);
  const time = document.querySelector("input[name=time]:checked")?.value ?? "new";
  const keys = time === "swipe" ? ["new", "old"] : [time];
  const { left, width } = document.querySelector(".divider").getBoundingClientRect();
  const split = left + width / 2 - frame.left;
  const isShown = (key, x) => time !== "swipe" || (key === "new" ? x > split : x < split);
  const isInView = (key, { x, y }) => x > 0 && y > 0 && x < frame.width && y < frame.height && isShown(key, x);
  const wanted = keys.flatMap((key) => plan[key].spots.flatMap(([spot], c) =>
    (isInView(key, map.latLngToContainerPoint(spot)) ? [`${key} ${c}`] : [])));
  const bordersOf = (key) => plan[key].shape.flat(2).flatMap((steps) => {
    let [lon, lat] = [0, 0];
    const line = [];
    for (let i = 0; i < steps.length; i += 2) {
      lon += steps[i];
      lat += steps[i + 1];
      const { x, y } = map.latLngToContainerPoint([lat / 1e6, lon / 1e6]);
      line.push([x, y]);
    }
    return line.slice(1).map((end, i) => [line[i], end]).filter((border) => border.some(([x]) => isShown(key, x)));
  });
  const borders = Object.fromEntries(keys.map((key) => [key, bordersOf(key)]));
  const isOnBorder = ({ key, quad }) => (key ? [key] : keys).some((one) => borders[one].some((border) => meet(quad, border)));
  const names = [...document.querySelectorAll(".label > span")].map((node) => ({
    text: node.textContent, kind: node.className, quad: corners(node),
    isOnRoad: node.matches(".road-name, .barrier-name"), isCommunity: node.matches(".community-name"),
    type: parseFloat(getComputedStyle(node).fontSize), c: node.parentElement.dataset.c, key: node.parentElement.dataset.key,
    isCut: node.scrollWidth > node.offsetWidth + 1 || node.scrollHeight > node.offsetHeight + 1,
  }));
  const named = new Set(names.filter((name) => name.isCommunity).map(({ key, c }) => `${key} ${c}`));
  return {
    share: wanted.filter((one) => named.has(one)).length / wanted.length,
    overlaps: names.flatMap((one, i) => names.slice(i + 1).filter((two) => meet(one.quad, two.quad)).map((two) => [one.text, two.text])),
    onBorders: names.filter((name) => !name.isOnRoad && isOnBorder(name)).map(({ text }) => text),
    cut: names.filter((name) => name.isCut).map(({ text }) => text),
    leastType: Math.min(...names.map(({ type }) => type)),
    grounds: [...document.querySelectorAll(".label[data-kind]")].map((node) => [node.dataset.kind, node.textContent]),
  };
}
