// The last screen: the score as dots, and the facts worth another look.

import { fillText, writeDigits } from "./digits.js";
import { byId, make } from "./dom.js";
import { factsToPractise } from "./drill-state.js";

const MOST_DOTS = 40;

export function renderFinished({ score, facts }, language) {
  const { ui, digits } = language;
  const number = (value) => writeDigits(value, digits);
  byId("finished-score").textContent = fillText(ui.score, score, digits);
  const dots = score.total <= MOST_DOTS ? score.total : 0;
  byId("dots").replaceChildren(...Array.from({ length: dots }, (_, i) =>
    make("i", { className: i < score.correct ? "dot full" : "dot" })));
  const again = factsToPractise(facts);
  byId("practise").hidden = again.length === 0;
  byId("facts").replaceChildren(...again.map(({ left, right, answer }) =>
    make("li", {}, `${number(left)} × ${number(right)} = ${number(answer)}`)));
}
