"use strict";
// Draws a tagged document. Text gets into the page as text alone, never as markup.
const KNOWN = ["person", "location", "organization", "event", "work", "product", "group"];
const looks = new Map(KNOWN.map((kind, number) => [kind, number]));

function made(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

function lookOf(kind) {
  if (!looks.has(kind)) looks.set(kind, looks.size);
  const number = looks.get(kind);
  return `h${number % 8} r${number % 5}`;
}

function markOf(mark, groups) {
  const { type, score, votes, verified, place, first, last } = mark;
  const group = groups[mark.group];
  return made("mark", {
    class: `${lookOf(type)}${first ? "" : " more"}${last ? "" : " part"}`,
    "data-type": type,
    "data-score": score,
    "data-votes": votes,
    "data-verified": verified === null ? undefined : verified ? "yes" : "no",
    "data-place": place,
    "data-group": group && mark.group,
    "data-name": group?.name,
    "data-mentions": group?.mentions,
    "data-prominence": group?.prominence,
    "data-key": group?.key || undefined,
  });
}

function drawPieces(parent, pieces, groups = []) {
  const open = [parent];
  for (const piece of pieces) {
    open.length -= piece.closes;
    for (const one of piece.opens) {
      const mark = markOf(one, groups);
      open.at(-1).append(mark);
      open.push(mark);
    }
    open.at(-1).append(piece.text);
  }
  return parent;
}

function factsOf(facts) {
  return made("dl", { class: "facts" }, ...facts.map(([name, value]) =>
    made("div", {}, made("dt", {}, name), made("dd", {}, made("bdi", {}, value)))));
}

function listOf(label, entries, name = "warnings") {
  return made("ul", { class: name, "aria-label": label },
    ...entries.map((entry) => made("li", {}, entry)));
}

function namesOf(groups) {
  return made("ol", { class: "names", "aria-label": "Names, the most prominent first" },
    ...groups.map(({ name, aliases, mentions }) =>
      made("li", { title: aliases }, made("bdi", {}, name), ` ${mentions}×`)));
}

function articleOf(view) {
  const article = made("article", { tabindex: 0, "aria-label": view.id });
  const language = { dir: "auto", lang: view.language || undefined };
  for (const { name, pieces } of view.fields) {
    const tag = name === "title" ? "h2" : "div";
    article.append(drawPieces(made(tag, { ...language, class: name }), pieces, view.groups));
  }
  if (view.missing) {
    article.append(made("p", { class: "note" }, `The text is not shown: ${view.missing}.`));
    const entities = view.unplaced.map((pieces) => drawPieces(made("span"), pieces, view.groups));
    article.append(listOf("Entities of the text", entities, "listed"));
  }
  if (view.groups.length) article.append(namesOf(view.groups));
  article.append(factsOf(view.facts));
  if (view.warnings.length) article.append(listOf("Warnings", view.warnings));
  return article;
}
