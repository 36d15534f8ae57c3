/* Small forms, one at a time; and lists that keep the keyboard's place when they are drawn again. */
"use strict";

/* Ask for values; gives none where the form was left with Escape. */
function askFor(review, title, fields, yes = review.words.ok) {
  const { words } = review;
  const inputs = new Map(fields.map((field) => [field.key, makeInput(field)]));
  const form = make("form", "", make("h2", "", say(title)),
    ...fields.map((field) => make("label", "", say(field.label), inputs.get(field.key))),
    make("div", "buttons", make("button", "main", say(yes)), button("", say(words.cancel), () => dialog.close())));
  const dialog = make("dialog", "ask", form);
  dialog.setAttribute("aria-label", shownText(title));
  document.body.append(dialog);
  return new Promise((resolve) => {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      dialog.answer = Object.fromEntries([...inputs].map(([key, input]) => [key, input.value.trim()]));
      dialog.close();
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.answer ?? null);
    });
    dialog.showModal();
  });
}

function makeInput({ kind = "text", value = "", most, least, options, isNeeded = true }) {
  const input = make(kind === "choice" ? "select" : kind === "area" ? "textarea" : "input", "");
  if (kind === "choice") input.append(...options.map(([key, text]) => choiceOption(key, text, key === value)));
  if (kind === "number") Object.assign(input, { type: "number", min: least, max: most });
  else if (most) input.maxLength = most;
  if (kind === "area") input.rows = 4;
  input.required = isNeeded;
  input.autocomplete = "off";
  if (kind !== "choice") input.value = value;
  return input;
}

function choiceOption(value, text, isChosen) {
  const node = make("option", "", text);
  node.value = value;
  node.selected = isChosen;
  return node;
}

async function askAuthor(review) {
  const field = { key: "author", label: review.words.author_label, value: review.author, most: 40 };
  const answer = await askFor(review, review.words.author_title, [field]);
  if (answer === null || !answer.author) return false;
  review.author = answer.author;
  localStorage.setItem("redistrict-author", review.author);
  review.redraw();
  return true;
}

/* Put children in a box; who stood on one with a key stands on its like afterwards, or on the map if there is none. */
function put(box, ...children) {
  const active = document.activeElement;
  const key = box.contains(active) ? active.dataset.focus : undefined;
  const range = key !== undefined && "selectionStart" in active ? [active.selectionStart, active.selectionEnd] : null;
  box.replaceChildren(...children.filter((child) => child !== null));
  if (key === undefined) return;
  const next = box.querySelector(`[data-focus="${CSS.escape(key)}"]`) ?? document.getElementById("map");
  next.focus({ preventScroll: true });
  if (range?.[0] !== null && range && next.setSelectionRange) next.setSelectionRange(...range);
}

/* A button with its words, its shortcut in the title, and a key. */
function keyed(review, key, words, onClick, { className = "", shortcut = "", isOff = false, title = words } = {}) {
  const node = button(className, say(words), onClick);
  node.dataset.focus = key;
  node.title = shownText(title) + (shortcut ? ` (${shortcut})` : "");
  node.disabled = isOff;
  return node;
}
