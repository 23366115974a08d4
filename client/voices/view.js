// Draws the booth and the list of all prompts below it.

import { fillText } from "../digits.js";
import { all, byId, make, setData, setText } from "../dom.js";
import { inHand, recordLabel, standing, told } from "./booth-state.js";
import { tally } from "./guide.js";

const MARKS = { done: "✓", mend: "!", missing: "○" };
const LOUDEST_DB = -12;
const LEVEL_STEP_DB = 8;

/** @param {{texts: Object, digits: string}} words @param {(at: number) => void} onChosen */
export function createView(words, onChosen) {
  const say = (key, values = {}) => fillText(words.texts[key], values, words.digits);
  const list = createList(say, onChosen);

  function render(state, before) {
    const prompt = inHand(state);
    const recorded = state.prompts.filter(({ url }) => url !== null).length;
    setText(byId("recorded"), say("voice_recorded", { n: recorded, all: state.prompts.length }));
    Object.assign(byId("progress"), { value: recorded, max: state.prompts.length });
    setText(byId("group"), say(`voice_group_${prompt.group}`));
    setText(byId("prompt"), prompt.text);
    const { key, message, bad } = told(state);
    setText(byId("said"), message ?? say(key));
    setData(byId("said"), "bad", bad ? "yes" : "no");
    setData(byId("booth"), "phase", state.phase);
    setData(byId("booth"), "standing", standing(prompt));
    setText(byId("record"), say(recordLabel(state)));
    const isReady = state.phase === "ready";
    byId("record", HTMLButtonElement).disabled = state.phase === "opening" || state.phase === "saving";
    for (const id of ["back", "next", "example"]) byId(id, HTMLButtonElement).disabled = !isReady;
    for (const id of ["hear", "discard"]) byId(id, HTMLButtonElement).disabled = !isReady || prompt.url === null;
    if (!isReady || state.at !== before?.at) showLevel(0);
    list.render(state, before);
    moveFocus(state, before);
  }

  return { render, showLevel };
}

/** Moves the focus: one key, pressed again and again, records one prompt after the other. */
function moveFocus(state, before) {
  if (before && state.phase !== before.phase) byId("booth").scrollIntoView({ block: "nearest" });
  if (!before || state.at !== before.at || (before.phase === "saving" && state.phase === "ready" && told(state).bad)) {
    byId("record").focus({ preventScroll: !before });
  } else if (before.phase === "saving" && state.phase === "ready") {
    byId("next").focus();
  } else if (before.phase === "opening" && state.phase !== "opening") {
    byId("record").focus();   // a disabled button cannot keep the focus
  }
}

function showLevel(rms) {
  const bars = byId("level").children;
  const db = 20 * Math.log10(rms + 1e-6);
  const lit = Math.ceil(bars.length + (db - LOUDEST_DB) / LEVEL_STEP_DB);
  for (let i = 0; i < bars.length; i++) bars[i].classList.toggle("on", i < lit);
}

function createList(say, onChosen) {
  let rows = null;
  let counts = null;

  function build(prompts) {
    rows = prompts.map((prompt, at) => {
      const mark = make("span", { className: "mark", ariaHidden: "true" });
      const state = make("span", { className: "unseen" });
      const button = make("button", { type: "button" }, mark, make("span", {}, prompt.text), state);
      button.addEventListener("click", () => onChosen(at));
      return { prompt, button, mark, state };
    });
    counts = new Map();
    byId("prompts").replaceChildren(...tally(prompts).map(({ group }) => {
      const count = make("span", { className: "note" });
      counts.set(group, count);
      const buttons = rows.filter(({ prompt }) => prompt.group === group).map(({ button }) => button);
      return make("details", { className: "card" },
        make("summary", {}, make("b", {}, say(`voice_group_${group}`)), " ", count), make("div", { className: "prompts" }, ...buttons));
    }));
    byId("prompts").lang = byId("prompt").lang;
    for (const heading of all("summary, .unseen", byId("prompts"))) heading.lang = document.documentElement.lang;
  }

  function render(state, before) {
    if (!rows) build(state.prompts);
    rows.forEach(({ button, mark, state: spoken }, at) => {
      if (before && state.prompts[at] === before.prompts[at] && (state.at === at) === (before.at === at)) return;
      const how = standing(state.prompts[at]);
      setData(button, "standing", how);
      setText(mark, MARKS[how]);
      setText(spoken, say(`voice_${how}`));
      if (state.at === at) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    });
    for (const { group, recorded, all } of tally(state.prompts)) {
      setText(counts.get(group), say("voice_group_count", { n: recorded, all }));
    }
  }

  return { render };
}
