// Draws the state of a drill; drill-state.js decides what to show.

import { fillText, writeDigits } from "./digits.js";
import { showLoudness, showMood } from "./companion.js";
import { all, byId, icon, make, setData, setText } from "./dom.js";
import { answerSlot, moodOf, statusKey, topNotice } from "./drill-state.js";
import { renderFinished } from "./finished-view.js";
import { renderLadder } from "./ladder-view.js";

const LEVELS = 5;
const MICROPHONE_TROUBLE = ["permission_denied", "no_microphone", "microphone_lost", "microphone_busy", "microphone_muted"];

/** `home`: the id of the page's first screen. */
export function createView(home) {
  let drawn = null;
  const idOf = (screen) => (screen === "start" ? home : screen);

  function render(state, language) {
    const { ui, digits } = language;
    setData(document.body, "screen", state.screen);
    setData(document.body, "phase", state.phase);
    setData(document.body, "way", state.ladder ? "chant" : "ask");
    for (const screen of ["start", "drill", "finished"]) byId(idOf(screen)).hidden = state.screen !== screen;
    renderNotice(state, language, idOf(state.screen));
    for (const caption of document.querySelectorAll(".caption")) setText(caption, state.caption);
    showMood(moodOf(state));
    // The next child must find nothing of the last one, even in hidden elements.
    const left = state.screen === "start" && drawn && drawn.screen !== "start";
    if (state.screen === "drill" || left) renderDrill(state, ui, digits);
    if (left) for (const id of ["verdict-word", "verdict-detail", "appeal"]) setText(byId(id), "");
    if (left || (state.screen === "finished" && drawn?.facts !== state.facts)) renderFinished(state, language);
    if (drawn && drawn.screen !== state.screen) moveFocus(state.screen);
    drawn = state;
  }

  return { render, showLevel };
}

function moveFocus(screen) {
  window.scrollTo(0, 0);
  if (screen === "drill") byId("equation").focus();
  if (screen === "finished") byId("finished-title").focus();
}

function renderNotice(state, { errors }, screenId) {
  const notice = topNotice(state);
  for (const box of all(".notice")) {
    const shown = notice !== null && !notice.read && box.closest(".screen").id === screenId;
    box.hidden = !shown;
    setText(box.querySelector("p"), shown ? notice.message ?? errors[notice.code] ?? errors.internal : "");
  }
  byId("retry").hidden = !MICROPHONE_TROUBLE.includes(notice?.code);
  byId("notice-read").hidden = notice?.code === "connection_lost";   // it cannot be dismissed
  byId("notice-again").hidden = !notice?.read;
  setData(document.body, "notice", notice && !notice.read ? "yes" : "no");
}

function renderDrill(state, ui, digits) {
  const { show, question, score, timeGone } = state;
  const status = statusKey(state);
  setData(document.body, "status", status);
  setText(byId("status"), ui[status]);
  byId("level").setAttribute("aria-label", ui.level);

  setText(byId("score"), state.told ? fillText(ui.score, score, digits) : "");
  setText(byId("progress"), question ? fillText(question.count ? ui.progress : ui.progress_open, question, digits) : "");
  const part = question?.count ? Math.min(1, question.number / question.count) : timeGone ?? 0;
  byId("progress-bar").style.transform = `scaleX(${part})`;

  renderEquation(state, show);
  renderLadder(state.ladder, ui);
  renderClock(state);
  renderVerdict(state, ui, digits);
}

function renderEquation(state, show) {
  const slot = answerSlot(state);
  const write = (value) => writeDigits(value, show?.digits ?? "latn");
  setText(byId("left"), show ? write(show.left) : "");
  setText(byId("right"), show ? write(show.right) : "");
  setText(byId("slot"), show ? write(slot.text) : "");
  setData(byId("slot"), "from", slot.from);
  setData(byId("equation"), "empty", show ? "no" : "yes");
  setData(byId("equation"), "wide", show && Math.max(show.left, show.right) >= 10 ? "yes" : "no");
}

/** In timed drills the clock runs while the page listens; a cough does not stop it. */
function renderClock({ answerMs, phase }) {
  if (answerMs !== null) byId("clock").style.setProperty("--answer", `${answerMs}ms`);
  setData(byId("clock"), "runs", answerMs !== null && ["listen", "speech", "ending"].includes(phase) ? "yes" : "no");
}

function renderVerdict(state, ui, digits) {
  const { heard, verdict, show } = state;
  const box = byId("verdict");
  const kind = heard ? "hearing" : verdict?.kind ?? "none";
  const aboutThis = verdict && show?.left === verdict.left && show?.right === verdict.right;
  setData(box, "kind", kind);
  setData(document.body, "verdict", aboutThis && !heard ? kind : "none");
  const appealable = Boolean(verdict?.appealable) && !heard;
  byId("appeal").hidden = !appealable;
  if (appealable) setText(byId("appeal"), fillText(ui.appeal, { number: verdict.left * verdict.right }, digits));
  if (kind === "none") return;   // it fades out together with its text

  byId("verdict-shape").setAttribute("href", `#shape-${kind === "hearing" ? "silence" : kind}`);
  if (kind === "hearing") {
    setText(byId("verdict-word"), "");
    setText(byId("verdict-detail"), heard.value === null ? heard.text : fillText(ui.heard, { number: heard.value }, digits));
    return;
  }
  const write = (value) => writeDigits(value, verdict.digits);
  const fact = `${write(verdict.left)} × ${write(verdict.right)} = ${write(verdict.left * verdict.right)}`;
  const said = verdict.heard === null ? "" : fillText(ui.heard, { number: verdict.heard }, digits);
  const judged = kind === "correct" || kind === "wrong";
  setText(byId("verdict-word"), ui[kind]);
  setText(byId("verdict-detail"), judged && !aboutThis ? fact : kind === "correct" ? "" : said);
}

/** Shows the microphone's level: rms 0..1, drawn on a scale of decibels. */
function showLevel(rms) {
  const part = Math.max(0, Math.min(1, 1 + Math.log10(Math.max(rms, 1e-6)) / 2.4));   // -48 dB to 0 dB
  showLoudness(part);
  const bars = Math.round(part * LEVELS);
  const meter = byId("level");
  if (meter.getAttribute("aria-valuenow") === String(bars)) return;
  meter.setAttribute("aria-valuenow", String(bars));
  [...meter.children].forEach((bar, i) => bar.classList.toggle("on", i < bars));
}

/** Builds the keypad; `onKey(key)` with pressKey's keys. */
export function createKeypadView(onKey) {
  const pad = byId("keypad");
  const keys = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "clear", "0", "enter"];
  pad.append(...keys.map((key) => make("button", { type: "button", className: `key key-${key}`, value: key })));
  pad.addEventListener("click", /** @param {Event & {target: Element}} event */ ({ target }) => {
    const key = target.closest("button")?.value;
    if (key) onKey(key);
  });
  return function label({ ui, digits }) {
    for (const button of pad.querySelectorAll("button")) {
      const named = { clear: [icon("back"), ui.clear], enter: [icon("check"), ui.enter] }[button.value];
      if (named) button.replaceChildren(named[0]);
      else setText(button, writeDigits(button.value, digits));
      if (named) button.setAttribute("aria-label", named[1]);
    }
  };
}
