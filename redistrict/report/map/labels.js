/* Names, drawn where they fit: communities first, then grids, the more important roads, then blocks. */
"use strict";

const FONT = 'system-ui, "Microsoft YaHei", "PingFang SC", "Noto Sans CJK SC", "WenQuanYi Micro Hei", sans-serif';
const TEXT_STYLES = {
  "community-name": { font: "700 14px " + FONT, height: 20 },
  "community-name far": { font: "700 12px " + FONT, height: 16 },
  "barrier-name": { font: "italic 12px " + FONT, height: 16 },
  "road-name": { font: "12px " + FONT, height: 16 },
  "block-name": { font: "11px " + FONT, height: 14 },
};

function makeLabels(desk) {
  const { map, plan } = desk;
  const holder = map.createPane("names");
  holder.style.zIndex = 640;
  holder.style.pointerEvents = "none";
  const context = document.createElement("canvas").getContext("2d");
  const widths = new Map();

  function widthOf(text, className) {
    const known = widths.get(className + text);
    if (known !== undefined) return known;
    context.font = TEXT_STYLES[className].font;
    const width = Math.min(260, context.measureText(text).width) + 8;
    widths.set(className + text, width);
    return width;
  }

  const roadNames = [...plan.roads].reverse().flatMap((road) => road.names.map(([text, lat, lon, angle]) =>
    ({ text, spot: [lat, lon], angle, className: isBarrier(road) ? "barrier-name" : "road-name" })));

  function communityNames(scene) {
    const { era, key } = scene;
    return era.spot.map((spot, c) => {
      const bounds = scene.areas[c].getBounds();
      const share = (bounds.getEast() - bounds.getWest()) * desk.pixelsPerDegree();
      const deviation = desk.quantities.includes(desk.state.view) ? era[desk.state.view + "_deviation"]?.[c] ?? "" : "";
      const crossed = desk.state.view === "crossing" ? number(era.crossing[c]) : "";
      return { text: nameOf(era, c), second: deviation || crossed, spot, angle: 0, key, room: share,
        className: map.getZoom() < 13.25 ? "community-name far" : "community-name" };
    });
  }

  function blockNames() {
    if (desk.blocks === null || map.getZoom() < 16.5) return [];
    const view = map.getBounds();
    return desk.blockBounds.flatMap((bounds, b) =>
      (desk.blocks.name[b] && view.intersects(bounds) ? [{ text: desk.blocks.name[b], spot: bounds.getCenter(), angle: 0,
        className: "block-name", room: (bounds.getEast() - bounds.getWest()) * desk.pixelsPerDegree() }] : []));
  }

  function gridCodes() {
    const { grids } = plan;
    if (!desk.state.shown.grids || map.getZoom() < 15) return [];
    return grids.spot.map((spot, g) =>
      ({ text: `${grids.code[g]} · ${number(grids.households[g])}`, spot, angle: 0, className: "block-name" }));
  }

  function candidates() {
    const { state } = desk;
    if (!state.shown.labels) return [];
    const near = map.getZoom() >= 14.5;
    const scenes = Object.values(desk.scenes).filter(({ key }) => state.time === "swipe" || state.time === key);
    return [
      ...scenes.flatMap(communityNames),
      ...gridCodes(),
      ...roadNames.filter(({ className }) => near && state.shown[className === "road-name" ? "roads" : "barrier"]),
      ...blockNames(),
    ];
  }

  /* The box of a label around its middle, turned with it. */
  function boxOf({ text, second, angle, className }, { x, y }) {
    const width = Math.max(widthOf(text, className), second ? widthOf(second, className) : 0);
    const height = TEXT_STYLES[className].height * (second ? 1.9 : 1);
    const turn = Math.abs(angle) * Math.PI / 180;
    const w = (width * Math.cos(turn) + height * Math.sin(turn)) / 2;
    const h = (width * Math.sin(turn) + height * Math.cos(turn)) / 2;
    return { left: x - w, right: x + w, top: y - h, bottom: y + h, width };
  }

  function fits(label, box, taken, size) {
    if (box.right < 0 || box.left > size.x || box.bottom < 0 || box.top > size.y) return false;
    if (label.room !== undefined && label.room < 0.7 * box.width) return false;
    if (desk.state.time === "swipe" && label.key) {
      const split = desk.state.split * size.x;
      if (label.key === "old" ? box.right > split : box.left < split) return false;
    }
    return !taken.some((other) =>
      box.left < other.right && box.right > other.left && box.top < other.bottom && box.bottom > other.top);
  }

  return function placeLabels() {
    const taken = [];
    const nodes = [];
    const size = map.getSize();
    for (const label of candidates()) {
      const at = map.latLngToContainerPoint(label.spot);
      const box = boxOf(label, at);
      if (!fits(label, box, taken, size)) continue;
      taken.push(box);
      const inner = make("span", label.className, label.text, label.second ? make("small", "", label.second) : null);
      inner.style.transform = `translate(-50%, -50%) rotate(${-label.angle}deg)`;
      const node = make("div", "label leaflet-zoom-hide", inner);
      L.DomUtil.setPosition(node, map.latLngToLayerPoint(label.spot));
      nodes.push(node);
    }
    holder.replaceChildren(...nodes);
  };
}
