// The table that is recited: a rung for each line, its product only once it was said.

import { writeDigits } from "./digits.js";
import { byId, make, setData, setText } from "./dom.js";

/** The [ui] key of what a mark means, for those who do not see it. */
const WORDS = {
  right: "correct", mended: "chant_mended", helped: "chant_helped", wrong: "wrong", skipped: "chant_skipped", unsure: "unsure",
};

/** Draws the rungs; they are made once for a table, so that nothing moves. */
export function renderLadder(ladder, ui) {
  const list = byId("ladder");
  const lines = ladder?.lines ?? [];
  if (list.children.length !== lines.length) list.replaceChildren(...lines.map(rung));
  list.style.setProperty("--rungs", String(Math.max(1, lines.length)));
  list.style.setProperty("--half", String(Math.max(1, Math.ceil(lines.length / 2))));
  lines.forEach(({ left, right, answer, mark }, at) => {
    const [question, product, word] = list.children[at].children;
    const write = (value) => writeDigits(value, ladder.digits);
    setText(question, `${write(left)} × ${write(right)} =`);
    setText(product, mark === "open" ? "" : write(answer));
    setText(word, ui[WORDS[mark]] ?? "");
    setData(list.children[at], "mark", mark);
    setData(list.children[at], "current", at === ladder.current ? "yes" : "no");
    if (at === ladder.current) list.children[at].setAttribute("aria-current", "step");
    else list.children[at].removeAttribute("aria-current");
  });
}

function rung() {
  return make("li", { className: "rung" }, make("span", { className: "asked" }), make("b"), make("span", { className: "unseen" }));
}
