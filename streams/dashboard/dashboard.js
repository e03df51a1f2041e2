"use strict";
// Shows what the server sends: documents, dead letters, and how everything is.
const SAY_MS = 5000; // between two announcements to those who listen to the page
const articles = new Map(); // by the document's id, oldest first
const letters = new Map(); // by position, oldest first
const waiting = new Map(); // what arrived while the page is paused or about to be drawn
const byId = (id) => document.getElementById(id);
let kept = 200;
let isPaused = false;
let isReset = false; // what is shown is from before a reset, and goes with the next drawing
let frame = 0;
let arrivedUnsaid = 0;

function showKinds() {
  const numbers = new Map();
  for (const mark of all("mark:not(.more)")) {
    numbers.set(mark.dataset.type, (numbers.get(mark.dataset.type) ?? 0) + 1);
  }
  const labels = new Map(all("label", byId("kinds")).map((one) => [one.dataset.kind, one]));
  for (const [kind, number] of numbers) {
    if (!labels.has(kind)) {
      const box = made("input", { type: "checkbox", checked: "", autocomplete: "off", value: kind });
      const mark = made("mark", { class: lookOf(kind), "data-type": kind });
      labels.set(kind, made("label", { "data-kind": kind }, box, " ", mark));
    }
    labels.get(kind).lastChild.textContent = number;
  }
  const order = [...numbers.keys()].sort((one, other) => looks.get(one) - looks.get(other));
  const shownNow = [...labels.keys()].filter((kind) => labels.get(kind).isConnected);
  if (order.join("\n") !== shownNow.join("\n")) {
    byId("kinds").replaceChildren(byId("kinds").firstChild, ...order.map((kind) => labels.get(kind)));
  }
}

function drawWaiting() {
  frame = 0;
  if (isReset) {
    for (const article of articles.values()) article.remove();
    articles.clear();
    isReset = false;
  }
  for (const [id, view] of waiting) {
    articles.get(id)?.remove();
    articles.delete(id);
    if (view === null) continue;
    articles.set(id, articleOf(view));
    tagged.prepend(articles.get(id));
  }
  waiting.clear();
  for (const [id, article] of articles) {
    if (articles.size <= kept) break;
    article.remove();
    articles.delete(id);
  }
  byId("empty").hidden = articles.size > 0;
  showKinds();
  filterMarks();
  filterDocuments();
}

function take(id, view) {
  waiting.delete(id);
  waiting.set(id, view);
  if (waiting.size > kept) waiting.delete(waiting.keys().next().value);
  arrivedUnsaid += view !== null;
  if (isPaused) byId("pause").textContent = `resume (${waiting.size} waiting)`;
  else frame ||= requestAnimationFrame(drawWaiting);
}

function togglePause() {
  isPaused = !isPaused;
  byId("pause").setAttribute("aria-pressed", isPaused);
  byId("pause").textContent = isPaused ? "resume" : "pause";
  if (!isPaused) drawWaiting();
}

function insideOf(letter) {
  const rows = letter.headers.map(([name, value]) =>
    made("tr", {}, made("th", { scope: "row" }, name), made("td", {}, made("bdi", {}, value))));
  return [
    made("table", {}, made("caption", {}, "Headers"), made("tbody", {}, ...rows)),
    made("h3", {}, "Document as it came"),
    made("pre", { tabindex: 0, "aria-label": "Document", dir: "auto" }, letter.document),
  ];
}

async function lookInside(details, position) {
  if (!details.open || details.dataset.read) return;
  details.dataset.read = "yes";
  const inside = details.querySelector("div");
  try {
    const answer = await requested(`/letters/${encodeURIComponent(position)}`);
    inside.replaceChildren(...insideOf(await answer.json()));
  } catch (error) {
    inside.replaceChildren(`${error.message}; close and open to try again.`);
    delete details.dataset.read;
  }
}

function letterOf(letter) {
  const again = letter.redrives ? ` · sent again ${letter.redrives}×` : "";
  const summary = made("summary", {},
    made("span", { class: "badge", "data-state": "failed" }, letter.reason), " ",
    made("bdi", { class: "id" }, letter.id), " ", made("bdi", {}, letter.why),
    made("span", { class: "note" }, ` ${letter.when} · ${letter.position}${again}`));
  const details = made("details", { class: "letter" }, summary, made("div", {}, "reading …"));
  details.addEventListener("toggle", () => lookInside(details, letter.position));
  return details;
}

function takeLetter(letter) {
  letters.get(letter.position)?.element.remove();
  letters.delete(letter.position);
  letters.set(letter.position, { reason: letter.reason, element: letterOf(letter) });
  byId("letters").prepend(letters.get(letter.position).element);
  for (const [position, { element }] of letters) {
    if (letters.size <= kept) break;
    element.remove();
    letters.delete(position);
  }
  showReasons();
}

function showReasons() {
  const numbers = new Map();
  for (const { reason } of letters.values()) numbers.set(reason, (numbers.get(reason) ?? 0) + 1);
  const counts = [...numbers].map(([reason, number]) => `${reason} ${number}`).join(" · ");
  byId("letters-number").textContent = letters.size;
  byId("reasons").textContent = letters.size
    ? `The newest ${letters.size}: ${counts}. All: tagwire dead list. Send again: tagwire dead redrive.`
    : "No document has died.";
}

function shown(value, digits = 0) {
  return value === null || value === undefined ? "–"
    : value.toLocaleString("en", { maximumFractionDigits: digits });
}

const percent = (share) => share === null || share === undefined ? "–" : `${shown(100 * share)}%`;
const seconds = (value) => value === null || value === undefined ? "–" : `${shown(value, 2)} s`;

function figuresOf({ worker, figures }) {
  if (!worker) return [];
  if (!worker.answers) return [["worker", "does not answer", worker.url]];
  const f = figures ?? { outcomes: {}, totals: {} };
  const lag = worker.lag === null ? "unknown" : shown(worker.lag);
  const state = worker.ready ? "ready" : "not ready";
  const tokens = (f.totals.prompt_tokens ?? 0) + (f.totals.completion_tokens ?? 0);
  return [
    ["worker", state, `${worker.partitions.length} partitions, store ${worker.store}, ${shown(worker.pool?.demonstrations)} demonstrations`],
    ["lag", lag, `documents; ${shown(f.in_flight)} in flight`],
    ["documents/s", shown(f.documents_per_s, 2), `last minute; ${shown(f.ended)} in all`],
    ["time per document", seconds(f.mean_s), f.p95_s === null ? "mean" : `mean; 95% ≤ ${seconds(f.p95_s)}`],
    ["stored answers", percent(f.cache_hits), `of questions; ${percent(f.store_hits)} with vectors`],
    ["tokens/s", shown(f.tokens_per_s), `${shown(tokens)} in all; ${percent(f.cached_tokens)} from prefix caches`],
  ];
}

const ENGINE = { ready: "ready", starting: "starting", waiting: "waiting", restarting: "restarting" };

function engineOf(engine) {
  const state = ENGINE[engine.state] ?? { away: "does not answer", silent: "hangs" }[engine.state] ?? engine.state;
  const queue = engine.running === undefined ? "" : ` · ${shown(engine.running)} running, ${shown(engine.waiting)} waiting`;
  return made("li", { title: engine.url },
    made("span", { class: "badge", "data-state": engine.state }, state), " ",
    made("bdi", {}, engine.name), queue, engine.why ? ` · ${engine.why}` : "");
}

function warningsOf({ worker, documents }) {
  const lost = worker?.lost_to_retention;
  return [
    ...(worker?.warnings ?? []),
    ...(lost ? [`${shown(lost)} documents were deleted by the broker before they were read`] : []),
    ...(documents?.misfits ? [`${shown(documents.misfits)} records on the topic are not records of entities`] : []),
  ];
}

function showState(state) {
  kept = state.kept ?? kept;
  byId("version").textContent = state.version;
  byId("figures").replaceChildren(...figuresOf(state).map(([name, value, more]) =>
    made("div", {}, made("dt", {}, name), made("dd", {}, value, made("small", {}, more)))));
  byId("engines").replaceChildren(...(state.engines ?? []).map(engineOf));
  const warnings = warningsOf(state);
  byId("warnings").hidden = !warnings.length;
  byId("warnings").replaceChildren(...warnings.map((warning) => made("li", {}, warning)));
  const unshown = state.documents?.unshown;
  byId("unshown").hidden = !unshown;
  byId("unshown").textContent = `${shown(unshown)} of ${shown(state.documents?.arrived)} documents passed too fast to be shown; the last ${kept} are here.`;
  if (state.broker) connection("away", state.broker);
  else connection("ready", "live");
}

function connection(state, said) {
  const badge = byId("connection");
  if (badge.textContent === said) return;
  badge.dataset.state = state;
  badge.textContent = said;
}

function forget() {
  isReset = true;
  waiting.clear();
  letters.clear();
  byId("letters").replaceChildren();
  showReasons();
  if (isPaused) byId("pause").textContent = "resume";
  else drawWaiting();
}

async function findOutWhy() {
  const stop = new AbortController();
  try {
    await requested("/events", { signal: stop.signal });
    stop.abort();
  } catch (error) {
    const isFinal = error instanceof Refusal && error.status < 500;
    connection("away", `${error.message}; ${isFinal ? "reload to try again" : "trying again"}`);
    if (isFinal) return;
  }
  setTimeout(listen, SAY_MS);
}

function listen() {
  const source = new EventSource("/events");
  const on = (kind, handler) =>
    source.addEventListener(kind, (event) => handler(JSON.parse(event.data)));
  on("reset", forget);
  on("document", (view) => take(view.id, view));
  on("deletion", ({ id }) => take(id, null));
  on("letter", takeLetter);
  on("state", showState);
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) findOutWhy();
    else connection("away", "the server does not answer; trying again");
  });
}

function showView() {
  const views = all("main > section", document);
  const wanted = views.find((view) => `#${view.id}` === location.hash) ?? views[0];
  for (const view of views) view.hidden = view !== wanted;
  for (const link of all("nav a", document)) {
    if (link.hash === `#${wanted.id}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

byId("pause").addEventListener("click", togglePause);
addEventListener("hashchange", showView);
setInterval(() => {
  if (arrivedUnsaid) byId("said").textContent = `documents that have arrived: ${arrivedUnsaid}`;
  arrivedUnsaid = 0;
}, SAY_MS);
showView();
showReasons();
listen();
