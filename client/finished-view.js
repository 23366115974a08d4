// The last screen: the score as dots, stronger facts, facts worth another look, facts not heard; or a placement's result.

import { fillText, writeDigits } from "./digits.js";
import { byId, make } from "./dom.js";
import { factsToPractise, weakDrill } from "./drill-state.js";

const MOST_DOTS = 40;
const MOST_UNHEARD = 6;
const MARKS = ["known", "learning", "new"];

export function renderFinished(state, language) {
  const { score, stronger, unheard, placed } = state;
  const { ui, digits } = language;
  const number = (value) => writeDigits(value, digits);
  byId("finished-score").textContent = fillText(ui.score, score, digits);
  const dots = score.total <= MOST_DOTS ? score.total : 0;
  byId("dots").replaceChildren(...Array.from({ length: dots }, (_, i) =>
    make("i", { className: i < score.correct ? "dot full" : "dot" })));
  const list = (section, items, some) => {
    byId(section).hidden = some.length === 0;
    byId(items).replaceChildren(...some.map(({ left, right, answer }) =>
      make("li", {}, `${number(left)} × ${number(right)} = ${number(answer)}`)));
  };
  list("stronger", "stronger-facts", stronger);
  list("practise", "facts", placed.length > 0 ? [] : factsToPractise(state));
  byId("practise-weak").hidden = weakDrill(state) === null;
  list("unheard", "unheard-facts", unheard.slice(0, MOST_UNHEARD));
  renderPlaced(placed, ui, digits);
}

/** A row for each table with a mark for each fact, and the number of facts with each mark in words. */
function renderPlaced(placed, ui, digits) {
  byId("placed").hidden = placed.length === 0;
  const mark = (status) => make("i", { className: `known-mark ${status}` });
  byId("placed-words").replaceChildren(...MARKS.map((status) => {
    const n = placed.filter((fact) => fact.status === status).length;
    return make("li", {}, mark(status), fillText(ui[`placed_${status}`], { n }, digits));
  }));
  const number = (value) => writeDigits(value, digits);
  const head = (scope, value) => make("th", { scope }, number(value));
  const distinct = (side) => [...new Set(placed.map((fact) => fact[side]))];
  const row = (left) => make("tr", {}, head("row", left), ...placed.filter((fact) => fact.left === left).map(({ status }) =>
    make("td", {}, mark(status), make("span", { className: "unseen" }, ui[`mark_${status}`]))));
  byId("placed-facts").replaceChildren(
    make("tr", {}, make("td", {}, "×"), ...distinct("right").map((right) => head("col", right))), ...distinct("left").map(row));
}
