// The last screen: the score as dots, what became stronger, and the facts worth another look.

import { fillText, writeDigits } from "./digits.js";
import { byId, make } from "./dom.js";
import { factsToPractise } from "./drill-state.js";

const MOST_DOTS = 40;

export function renderFinished(state, language) {
  const { score, stronger } = state;
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
  list("practise", "facts", factsToPractise(state));
}
