"use strict";
const marks = [...document.querySelectorAll("main mark")];
const articles = [...document.querySelectorAll("article")];
const filters = document.getElementById("filters");
const least = document.getElementById("least");
const prominence = document.getElementById("prominence");
const search = document.getElementById("search");
const detail = document.getElementById("detail");
const kinds = [...filters.querySelectorAll("input[type=checkbox]")];
let texts = null; // of the documents in lower case, once somebody searches

function filterMarks() {
  const shown = new Set(kinds.filter((box) => box.checked).map((box) => box.value));
  let number = 0;
  for (const mark of marks) {
    const isOn = shown.has(mark.dataset.type) && Number(mark.dataset.score) >= least.valueAsNumber &&
      Number(mark.dataset.prominence ?? 1) >= prominence.valueAsNumber;
    mark.classList.toggle("off", !isOn);
    number += isOn && !mark.classList.contains("more");
  }
  document.getElementById("least-shown").value = least.valueAsNumber.toFixed(2);
  document.getElementById("prominence-shown").value = prominence.valueAsNumber.toFixed(2);
  document.getElementById("entities").textContent = number;
}

function filterDocuments() {
  texts ??= articles.map((article) => article.textContent.toLowerCase());
  const wanted = search.value.trim().toLowerCase();
  let number = 0;
  articles.forEach((article, place) => {
    article.hidden = !texts[place].includes(wanted);
    number += !article.hidden;
  });
  document.getElementById("documents").textContent = number;
}

function groupOf(mark) {
  const { group, name, mentions, prominence: share, key } = mark.dataset;
  if (group === undefined) return "";
  return `${name} · ${mentions} mentions · prominence ${share}${key ? `\nkey: ${key}` : ""}\n`;
}

function isSame(one, other) {
  return one.dataset.group !== undefined && one.dataset.group === other.dataset.group &&
    one.closest("article") === other.closest("article");
}

function showDetail(mark) {
  const { type, score, votes, verified = "not asked, or no usable answer", place } = mark.dataset;
  detail.textContent =
    `${groupOf(mark)}${type} · score ${score}\nvotes: ${votes}\nverified: ${verified}\n${place}`;
  for (const other of marks) other.classList.toggle("same", isSame(mark, other));
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
  for (const mark of marks) mark.classList.remove("same");
}

function isReachable(mark) {
  return !mark.classList.contains("more") && !mark.classList.contains("off") &&
    !mark.closest("article").hidden;
}

function next(all, from, step, isWanted) {
  let place = from;
  do place += step; while (all[place] && !isWanted(all[place]));
  return all[place];
}

function move(key) {
  const step = key === "ArrowRight" || key === "ArrowDown" ? 1 : -1;
  const focused = document.activeElement;
  const article = focused.closest("article");
  if (key === "ArrowUp" || key === "ArrowDown") {
    return next(articles, articles.indexOf(article), step, (one) => !one.hidden);
  }
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

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") hideDetail();
  if (event.key === "/" && event.target !== search) {
    event.preventDefault();
    search.focus();
  } else if (event.key.startsWith("Arrow") && event.target.closest("article")) {
    event.preventDefault();
    focus(move(event.key));
  }
});
for (const name of ["focusin", "mouseover"]) {
  document.addEventListener(name, (event) => {
    const mark = event.target.closest?.("mark:not(.off)");
    if (mark) showDetail(mark);
    else hideDetail();
  });
}
document.addEventListener("focusout", hideDetail);
least.addEventListener("input", filterMarks);
prominence.addEventListener("input", filterMarks);
for (const box of kinds) box.addEventListener("change", filterMarks);
search.addEventListener("input", filterDocuments);
filters.addEventListener("submit", (event) => event.preventDefault());
filters.addEventListener("reset", () => setTimeout(() => { filterMarks(); filterDocuments(); }));
filters.hidden = false;
