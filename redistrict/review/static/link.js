/* The way to the server: questions, edits that are not saved yet, and what others do meanwhile. */
"use strict";

const RETRY_MS = 3000;

/* Ask the server; throws where nobody answers. */
async function ask(method, path, body) {
  const answer = await fetch(path, body === undefined ? { method }
    : { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  const text = await answer.text();
  return { status: answer.status, data: text.startsWith("{") || text.startsWith("[") ? JSON.parse(text) : {} };
}

async function load(path) {
  const { status, data } = await ask("GET", path);
  if (status !== 200) throw new Error(`${path}: ${status}`);
  return data;
}

/* Edits go one after the other. Each stays in `review.unsaved` until the server has it on disk. */
function makeSender(review) {
  let last = Promise.resolve();

  async function post(edit) {
    if (!review.unsaved.includes(edit)) return true;
    edit.status = "sending";
    review.redraw();
    let answer = null;
    try {
      answer = await ask("POST", "events",
        { id: edit.id, after: edit.after, author: review.author, kind: edit.kind, ...edit.body });
    } catch {
      edit.status = "lost";
      review.setOnline(false);
    }
    if (answer !== null) await settle(edit, answer);
    review.redraw();
    return edit.status === "saved";
  }

  async function settle(edit, { status, data }) {
    if (status === 201) {
      edit.status = "saved";
      review.unsaved = review.unsaved.filter((one) => one !== edit);
      // what waits was made on the same state, and nobody else has changed it since
      [...review.unsaved, review.draft].filter((one) => one?.after === edit.after).forEach((one) => { one.after = data.event; });
    } else {
      edit.status = status === 409 ? "stale" : "refused";
      edit.message = data.message || fill(review.words.refused, { status });
      edit.since = data.since || [];
    }
    await review.refresh();
  }

  review.queue = (edit) => { last = last.then(() => post(edit)); return last; };

  review.send = async (kind, body, text, after = review.state.event, blocks = []) => {
    if (!review.author && !await askAuthor(review)) return false;
    const edit = { id: crypto.randomUUID(), kind, body, text, after, blocks, status: "sending", message: null, since: [] };
    review.unsaved.push(edit);
    return review.queue(edit);
  };
  review.applyAgain = (edit) => { edit.after = review.state.event; return review.queue(edit); };
  review.forget = (edit) => { review.unsaved = review.unsaved.filter((one) => one !== edit); review.redraw(); };
}

/* Whether the server answers. While it does not it is asked again and again; then what was lost is sent once more. */
function watchConnection(review) {
  let timer = 0;
  review.setOnline = (isOnline) => {
    clearTimeout(timer);
    if (!isOnline) timer = setTimeout(review.refresh, RETRY_MS);
    if (isOnline === review.isOnline) return;
    review.isOnline = isOnline;
    if (isOnline) {
      review.unsaved.filter(({ status }) => status === "lost").forEach(review.queue);
      review.askPreview();
    }
    review.redraw();
  };
}

/* Follow what others do. The browser takes a broken stream up again; one that was refused is opened anew. */
function followOthers(review) {
  const stream = new EventSource("stream");
  stream.addEventListener("open", review.refresh);
  stream.addEventListener("error", () => {
    review.setOnline(false);
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => followOthers(review), RETRY_MS);
  });
  stream.addEventListener("event", ({ data }) => {
    if (JSON.parse(data).event > review.state.event) review.refresh();
  });
  stream.addEventListener("heal", ({ data }) => review.hearHeal(JSON.parse(data)));
  stream.addEventListener("export", ({ data }) => {
    review.exported = JSON.parse(data);
    review.redraw();
  });
}

/* The newest state, with the shapes that are not known yet; what is asked for together is fetched once. */
function makeRefresh(review) {
  let last = Promise.resolve();
  let isWaiting = false;

  async function fetchState() {
    isWaiting = false;
    let state = null;
    try {
      state = await load("state");
      await loadShapes(review, state.communities);
    } catch {
      review.setOnline(false);
      return;
    }
    if (state.event >= review.state.event) takeState(review, state);
    if (review.preview?.status === "failed" && review.preview.after < state.event) review.preview = null;
    review.setOnline(true);
    review.redraw();
  }

  review.refresh = () => {
    if (!isWaiting) {
      isWaiting = true;
      last = last.then(fetchState, fetchState);
    }
    return last;
  };
}

const MOST_KEYS = 40;

async function loadShapes(review, communities) {
  const missing = [...new Set(communities.map(({ shape }) => shape))].filter((key) => !review.shapes.has(key));
  for (let i = 0; i < missing.length; i += MOST_KEYS) {
    const found = await load(`shapes?keys=${missing.slice(i, i + MOST_KEYS).join(",")}`);
    Object.entries(found).forEach(([key, shape]) => review.shapes.set(key, polygons(shape)));
  }
}
