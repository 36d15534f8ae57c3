/* A resident looks for a home by part of its name, or clicks on the map, and is told its community. */
const notice = JSON.parse(document.getElementById("notice").textContent);
const { words, homes, communities, spelling } = notice;
const MOST = 12;
const byId = (id) => document.getElementById(id);
const spell = makeSpeller(spelling);
const communityEntries = communities.map(([name], c) => ({ c, spelled: [spell(name)] }));
const homeEntries = homes.map(([name, key], b) => ({ b, spelled: [spell(name), spell(key)] }));
document.documentElement.lang = notice.language;

function openCommunity(c) {
  for (const card of document.querySelectorAll("article")) card.hidden = card.id !== `c${c}`;
  for (const area of map.querySelectorAll("[data-c]")) area.classList.toggle("chosen", area.dataset.c === `${c}`);
}

function chooseCommunity(c) {
  byId("answer").textContent = "";
  map.querySelector(".mine").setAttribute("d", "");
  openCommunity(c);
  show(communities[c][1]);
}

function chooseHome(b, isOnMap) {
  const [name, key, c, before, size] = homes[b];
  const after = communities[c][0];
  const sentence = `${words.now} ${before || words.unknown} → ${words.then} ${after}`;
  const stays = before === after ? words.unchanged : "";
  byId("answer").textContent = [name || key, size, sentence, stays].filter(Boolean).join(" · ");
  byId("found").replaceChildren();
  const shape = map.querySelector(`[data-b="${b}"]`);
  map.querySelector(".mine").setAttribute("d", shape ? shape.getAttribute("d") : "");
  openCommunity(c);
  if (!isOnMap) show(notice.boxes[b]);
}

function addHit(text, note, choose) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = text;
  const aside = document.createElement("small");
  aside.textContent = note;
  button.append(" ", aside);
  button.addEventListener("click", choose);
  const item = document.createElement("li");
  item.append(button);
  byId("found").append(item);
}

function look() {
  const typed = byId("find").value;
  byId("found").replaceChildren();
  if (!typed.trim()) return;
  const [named, found] = [communityEntries, homeEntries].map((entries) => findEntries(entries, typed));
  for (const { c } of named.slice(0, MOST)) addHit(communities[c][0], "", () => chooseCommunity(c));
  for (const { b } of found.slice(0, MOST)) {
    addHit(homes[b][0] || homes[b][1], `${homes[b][3]} → ${communities[homes[b][2]][0]}`, () => chooseHome(b, false));
  }
  const left = Math.max(0, named.length - MOST) + Math.max(0, found.length - MOST);
  const note = left ? words.more.replace("{}", left) : named.length + found.length ? "" : words.nothing;
  if (note) byId("found").append(Object.assign(document.createElement("li"), { textContent: note }));
}

/* Names keep their size on the screen; one is left out where it does not fit into its community, or over another. */
const names = [...map.querySelectorAll(".names text")].sort((a, b) => b.dataset.m - a.dataset.m);
function letter() {
  const metres = 1 / map.getScreenCTM().a;
  map.style.setProperty("--m", metres);
  const written = [];
  for (const name of names) {
    const [x, y] = [Number(name.getAttribute("x")), Number(name.getAttribute("y"))];
    const [width, height] = [name.textContent.length * 13 * metres, 15 * metres];
    const isFree = written.every(([u, v, w]) => Math.abs(x - u) > (width + w) / 2 || Math.abs(y - v) > height);
    const fits = isFree && width <= 1.1 * name.dataset.m;
    name.style.display = fits ? "" : "none";
    if (fits) written.push([x, y, width]);
  }
}

let pressed = null;
map.addEventListener("pointerdown", (event) => { pressed = [event.clientX, event.clientY]; });
map.addEventListener("pointerup", (event) => {
  if (!pressed || Math.hypot(event.clientX - pressed[0], event.clientY - pressed[1]) > 5) return;
  const under = document.elementsFromPoint(event.clientX, event.clientY);
  const block = under.find((one) => one.dataset.b);
  const area = under.find((one) => one.dataset.c && one.closest("svg"));
  if (block) chooseHome(Number(block.dataset.b), true);
  else if (area) chooseCommunity(Number(area.dataset.c));
});
byId("find").addEventListener("input", look);
byId("find").addEventListener("keydown", (event) => {
  const first = byId("found").querySelector("button");
  if (event.key === "Enter" && first) first.click();
});
byId("print").addEventListener("click", () => window.print());
for (const button of document.querySelectorAll("details [data-c]")) {
  button.addEventListener("click", () => chooseCommunity(Number(button.dataset.c)));
}
map.addEventListener("moved", letter);
window.addEventListener("resize", letter);
window.addEventListener("beforeprint", letter);
letter();
