/* All names on the map, none over another: districts, with room left for the communities; these, then grids, streets and
   waters, the more important roads, then blocks. */
"use strict";

function makeLabels(desk) {
  const { map, plan } = desk;
  const holder = map.createPane("names");
  holder.style.zIndex = 640;
  holder.style.pointerEvents = "none";
  const widthOf = makeRuler();
  const bordersOf = makeBorders(desk);
  const { lat: middleLat, lng: middleLng } = L.latLngBounds(desk.shapes.new.flat(3)).getCenter();

  const roadNames = [...plan.roads].reverse().flatMap((road) => road.names.map(([text, lat, lon, angle]) =>
    ({ text, spot: [lat, lon], angle, size: 12, isOnBorder: true, className: isBarrier(road) ? "barrier-name" : "road-name" })));

  function gridCodes() {
    const { grids } = plan;
    if (!desk.state.shown.grids || map.getZoom() < 15) return [];
    return grids.spot.map((spot, g) =>
      ({ text: `${grids.code[g]} · ${number(grids.households[g])}`, spot, size: 11, className: "block-name" }));
  }

  function blockNames() {
    if (desk.blocks === null || map.getZoom() < 16.5) return [];
    const view = map.getBounds();
    const room = (bounds) => (bounds.getEast() - bounds.getWest()) * desk.pixelsPerDegree();
    return desk.blockBounds.flatMap((bounds, b) => {
      const text = desk.blocks.name[b];
      if (!text || !view.intersects(bounds) || room(bounds) < 0.7 * widthOf(text, "block-name", 11)) return [];
      const { lat, lng } = bounds.getCenter();
      return [{ text, spot: [lat, lng], size: 11, className: "block-name" }];
    });
  }

  function placeAll(sheet) {
    const { shown } = desk.state;
    const isDistrict = ({ kind }) => kind === "district";
    const isNatural = ({ kind }) => kind === "water" || kind === "hill";
    const names = listNames(desk, sheet);
    sheet.keep(leastRoom(sheet, names));
    const middle = sheet.at([middleLat, middleLng]);
    plan.grounds.filter(isDistrict).forEach((ground) => placeGround(sheet, ground) || placeAside(sheet, ground, middle));
    sheet.keep([]);
    placeCommunities(desk, sheet, names);
    gridCodes().forEach((label) => placeName(sheet, label));
    plan.grounds.filter((ground) => !isDistrict(ground) && (shown.barrier || !isNatural(ground)))
      .forEach((ground) => placeGround(sheet, ground));
    if (map.getZoom() >= 14.5) {
      roadNames.filter(({ className }) => shown[className === "road-name" ? "roads" : "barrier"])
        .forEach((label) => placeName(sheet, label));
    }
    blockNames().forEach((label) => placeName(sheet, label));
  }

  function placeLabels() {
    if (!isPlanSeen && !isPrinting()) return;
    const sheet = openSheet(desk, widthOf, bordersOf);
    if (desk.state.shown.labels) placeAll(sheet);
    holder.replaceChildren(...sheet.nodes);
  }

  let isPlanSeen = false; // the names come with the next frame
  afterFrame(() => {
    isPlanSeen = true;
    placeLabels();
  });
  return placeLabels;
}

/* Act as soon as all that has been drawn is on the screen. */
const afterFrame = (act) => requestAnimationFrame(() => setTimeout(act));
