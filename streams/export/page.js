"use strict";
// The documents of a page, whether they are all there or still arriving.
const tagged = document.getElementById("tagged");
const filters = document.getElementById("filters");
const least = document.getElementById("least");
const prominence = document.getElementById("prominence");
const search = document.getElementById("search");
const detail = document.getElementById("detail");
const texts = new WeakMap(); // of the documents in lower case, once somebody searches

const all = (selector, where = tagged) => [...where.querySelectorAll(selector)];

function filterMarks() {
  const boxes = all("input[type=checkbox]", filters);
  const hidden = new Set(boxes.filter((box) => !box.checked).map((box) => box.value));
  let number = 0;
  for (const mark of all("mark")) {
    const { type, score } = mark.dataset;
    const isOn = !hidden.has(type) && Number(score) >= least.valueAsNumber &&
      Number(mark.dataset.prominence ?? 1) >= prominence.valueAsNumber;
    mark.classList.toggle("off", !isOn);
    number += isOn && !mark.classList.contains("more");
  }
  document.getElementById("least-shown").value = least.valueAsNumber.toFixed(2);
  document.getElementById("prominence-shown").value = prominence.valueAsNumber.toFixed(2);
  document.getElementById("entities").textContent = number;
}

function textOf(article) {
  if (!texts.has(article)) texts.set(article, article.textContent.toLowerCase());
  return texts.get(article);
}

function filterDocuments() {
  const wanted = search.value.trim().toLowerCase();
  let number = 0;
  for (const article of all("article")) {
    article.hidden = wanted !== "" && !textOf(article).includes(wanted);
    number += !article.hidden;
  }
  document.getElementById("documents").textContent = number;
}

function groupOf(mark) {
  const { group, name, mentions, prominence: share, key } = mark.dataset;
  if (group === undefined) return "";
  const number = `${mentions} mention${mentions === "1" ? "" : "s"}`;
  return `${name} · ${number} · prominence ${share}${key ? `\nkey: ${key}` : ""}\n`;
}

function isSame(one, other) {
  return one.dataset.group !== undefined && one.dataset.group === other.dataset.group &&
    one.closest("article") === other.closest("article");
}

function showDetail(mark) {
  const { type, score, votes, verified = "not asked, or no usable answer", place } = mark.dataset;
  detail.textContent =
    `${groupOf(mark)}${type} · score ${score}\nvotes: ${votes}\nverified: ${verified}\n${place}`;
  for (const other of all("mark", document)) other.classList.toggle("same", isSame(mark, other));
  detail.hidden = false;
  const box = mark.getClientRects()[0];
  const left = Math.min(box.left, document.documentElement.clientWidth - detail.offsetWidth - 8);
  const below = box.bottom + 6;
  const isRoom = below + detail.offsetHeight < window.innerHeight;
  const top = isRoom ? below : box.top - detail.offsetHeight - 6;
  detail.style.left = `${Math.max(8, left) + window.scrollX}px`;
  detail.style.top = `${Math.max(0, top) + window.scrollY}px`;
}

function hideDetail() {
  detail.hidden = true;
  for (const mark of all("mark.same", document)) mark.classList.remove("same");
}

function isReachable(mark) {
  return !mark.classList.contains("more") && !mark.classList.contains("off") &&
    !mark.closest("article").hidden;
}

function next(elements, from, step, isWanted) {
  let place = from;
  do place += step; while (elements[place] && !isWanted(elements[place]));
  return elements[place];
}

function move(key) {
  const step = key === "ArrowRight" || key === "ArrowDown" ? 1 : -1;
  const focused = document.activeElement;
  const article = focused.closest("article");
  if (key === "ArrowUp" || key === "ArrowDown") {
    const articles = all("article");
    return next(articles, articles.indexOf(article), step, (one) => !one.hidden);
  }
  const marks = all("mark");
  if (focused.matches("mark")) return next(marks, marks.indexOf(focused), step, isReachable);
  const following = marks.findIndex((mark) => article.compareDocumentPosition(mark) & 4);
  const from = following < 0 ? marks.length : following;
  return next(marks, step > 0 ? from - 1 : from, step, isReachable);
}

function focus(element) {
  if (element?.matches("mark")) {
    element.tabIndex = -1;
    element.setAttribute("aria-describedby", "detail");
  }
  element?.focus();
}

function isTyping(target) {
  return target.matches("input:not([type=checkbox], [type=range]), textarea");
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") hideDetail();
  if (event.key === "/" && !isTyping(event.target) && search.checkVisibility()) {
    event.preventDefault();
    search.focus();
  } else if (event.key.startsWith("Arrow") && event.target.closest("#tagged article")) {
    event.preventDefault();
    focus(move(event.key));
  }
});
for (const name of ["focusin", "mouseover"]) {
  document.addEventListener(name, (event) => {
    const mark = event.target.closest?.("mark[data-place]:not(.off)");
    if (mark) showDetail(mark);
    else hideDetail();
  });
}
document.addEventListener("focusout", hideDetail);
least.addEventListener("input", filterMarks);
prominence.addEventListener("input", filterMarks);
search.addEventListener("input", filterDocuments);
filters.addEventListener("change", (event) => {
  if (event.target.matches("input[type=checkbox]")) filterMarks();
});
filters.addEventListener("submit", (event) => event.preventDefault());
filters.addEventListener("reset", () => setTimeout(() => { filterMarks(); filterDocuments(); }));
filters.hidden = false;
