"use strict";
// Sends a text, and draws what every stage made of it.
let asking = null;

function chips(surfaces) {
  return surfaces.length
    ? made("p", { class: "chips" }, ...surfaces.map((one) => made("bdi", { class: "chip" }, ...[one].flat())))
    : made("p", { class: "note" }, "none");
}

function stage(name, ...content) {
  return made("section", { class: "stage" }, made("h4", {}, name), ...content);
}

function withType(surface, kind) {
  return [`${surface} `, made("small", {}, kind)];
}

function verdict({ type, verified }) {
  if (type === "none") return "no entity";
  return { true: "verifier says yes", false: "verifier says no", null: "not asked" }[verified];
}

function ballot({ type, probability }) {
  return probability === null ? type : `${type} ${shown(probability, 2)}`;
}

function votesOf(votes) {
  if (!votes.length) return made("p", { class: "note" }, "none");
  const models = [...new Set(votes.flatMap((vote) => Object.keys(vote.votes)))];
  const head = ["span", ...models, "elected", "verification"].map((name) => made("th", { scope: "col" }, name));
  const rows = votes.map((vote) => made("tr", {},
    made("th", { scope: "row" }, made("bdi", {}, vote.surface)),
    ...models.map((model) => made("td", {}, vote.votes[model] ? ballot(vote.votes[model]) : "–")),
    made("td", {}, vote.score === null ? vote.type : `${vote.type} ${shown(vote.score, 2)}`),
    made("td", {}, verdict(vote))));
  return made("div", { class: "wide", tabindex: 0, role: "region", "aria-label": "Votes" },
    made("table", {}, made("thead", {}, made("tr", {}, ...head)), made("tbody", {}, ...rows)));
}

function demonstrationsOf(demonstrations) {
  if (!demonstrations.length) return made("p", { class: "note" }, "none");
  return made("ol", { class: "demonstrations" }, ...demonstrations.map(({ id, pieces }) =>
    made("li", { title: id }, drawPieces(made("bdi"), pieces))));
}

function sentenceOf(sentence, number) {
  const extracted = Object.entries(sentence.extracted).map(([model, found]) => [
    made("h5", {}, model), chips(found.map(([surface, kind]) => withType(surface, kind)))]);
  return made("details", { class: "sentence", open: number === 0 ? "" : undefined },
    made("summary", {}, made("span", { class: "note" }, sentence.field), " ", made("bdi", {}, sentence.text)),
    stage("1 · Rough spans, to find demonstrations by", chips(sentence.rough)),
    stage(`1 · ${sentence.demonstrations.length} demonstrations shown to the models`, demonstrationsOf(sentence.demonstrations)),
    stage("2 · Extracted", ...extracted.flat()),
    stage("3 · Votes, and 4 · verification", votesOf(sentence.votes)));
}

function costsOf({ costs, seconds: took }) {
  const columns = ["requests", "cache_hits", "prompt_tokens", "cached_tokens", "completion_tokens"];
  const names = ["stage", "model", "requests", "stored answers", "prompt tokens", "from prefix cache", "completion tokens"];
  const rows = costs.map((cost) => made("tr", {}, made("td", {}, cost.stage), made("td", {}, cost.model),
    ...columns.map((column) => made("td", {}, shown(cost[column])))));
  return made("div", { class: "wide", tabindex: 0, role: "region", "aria-label": "Costs" },
    made("table", {}, made("caption", {}, `What it took: ${seconds(took)}`),
      made("thead", {}, made("tr", {}, ...names.map((name) => made("th", { scope: "col" }, name)))),
      made("tbody", {}, ...rows)));
}

function drawTried(tried) {
  byId("tried").replaceChildren(articleOf(tried.document),
    made("h3", {}, "Sentence by sentence"), ...tried.sentences.map(sentenceOf), costsOf(tried));
}

function showError(text) {
  byId("try-error").hidden = !text;
  byId("try-error").textContent = text;
}

async function ask(signal) {
  const document = { text: byId("try-text").value, title: byId("try-title").value || null };
  for (const [key, id] of [["language", "try-language"], ["label_set", "try-labels"]]) {
    document[key] = byId(id).value.trim() || null;
  }
  const headers = { "Content-Type": "application/json" };
  const body = JSON.stringify(document);
  const answer = await requested("/try", { method: "POST", headers, body, signal });
  return answer.json();
}

async function tryIt(event) {
  event.preventDefault();
  if (asking) return;
  asking = new AbortController();
  const began = Date.now();
  const say = () => { byId("try-said").textContent = `asking the engines … ${Math.round((Date.now() - began) / 1000)} s`; };
  const ticking = setInterval(say, 5000);
  say();
  showError("");
  byId("try-stop").hidden = false;
  try {
    drawTried(await ask(asking.signal));
    byId("try-said").textContent = "done";
  } catch (error) {
    byId("try-said").textContent = "";
    showError(error.name === "AbortError" ? "stopped" : error.message);
  } finally {
    clearInterval(ticking);
    byId("try-stop").hidden = true;
    asking = null;
  }
}

byId("try").addEventListener("submit", tryIt);
byId("try-stop").addEventListener("click", () => asking?.abort());
