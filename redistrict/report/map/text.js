/* Text of the page. What comes from data enters only as text nodes, never as markup. */
"use strict";

function make(tag, className, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children.filter((child) => child !== null && child !== ""));
  return node;
}

function set(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
}

/* One text in the page's language; in a bilingual page both, of which the style shows one. */
function say(texts) {
  if (texts.length === 1) return make("span", "", texts[0]);
  return make("span", "", make("span", "zh", texts[0]), make("span", "en", texts[1]));
}

/* Put values, texts or plain, where the words say {key}. */
function fill(texts, values) {
  return texts.map((text, language) => text.replace(/\{(\w+)\}/g, (_, key) => {
    const value = values[key];
    return Array.isArray(value) ? value[Math.min(language, value.length - 1)] : value;
  }));
}

const number = (value) => (value === null ? "–" : value.toLocaleString("en-US"));

function table(rows) {
  const body = make("table", "rows");
  for (const [head, text, key] of rows) {
    const row = make("tr", "", make("th", "", head), make("td", "", text));
    if (key) row.dataset.key = key;
    body.append(row);
  }
  return body;
}

function button(className, content, onClick) {
  const node = make("button", className, content);
  node.type = "button";
  node.addEventListener("click", onClick);
  return node;
}

const section = (head, ...children) => make("section", "", make("h2", "", say(head)), ...children);

/* The language shown: that of the page, or the one the reader chooses. */
function setLanguage(language) {
  document.documentElement.lang = language === "en" ? "en" : "zh-CN";
  document.documentElement.dataset.language = language;
}

/* The text in the language shown, for the few places that take no nodes. */
function shownText(texts) {
  return texts[document.documentElement.dataset.language === "en" ? texts.length - 1 : 0];
}
