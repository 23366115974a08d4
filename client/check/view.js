// The dialog of the check: its steps, then the result and the advice.

import { fillText, writeDigits } from "../digits.js";
import { all, byId, icon, make, setText } from "../dom.js";
import { createMicrophone } from "../microphone.js";
import { createLoudspeaker } from "./loudspeaker.js";
import { createRecording } from "./recording.js";
import { CheckError, askServer, runCheck } from "./run.js";

const STEPS = ["quiet", "prompt", "number"];
const LOUDEST_DB = -10;
const FAINTEST_DB = -58;

/** The lines of the result: {key, text}. */
export function figures({ noiseDb, echo, voiceOverNoiseDb, heard, lineMs }, { ui, digits }) {
  const fill = (template, values) => fillText(template, values, digits);
  const db = (value) => writeDigits(Math.round(value), digits).replace("-", "−");
  return [
    { key: "check_heard", text: heard.number === null ? ui.check_nothing : writeDigits(heard.number, digits) },
    {
      key: "check_voice",
      text: voiceOverNoiseDb === null ? ui.check_nothing : fill(ui.check_over_noise, { db: db(voiceOverNoiseDb) }),
    },
    { key: "check_noise", text: fill(ui.check_db, { db: db(noiseDb) }) },
    {
      key: "check_echo",
      text: echo ? fill(ui.check_echo_found, { ms: echo.delayMs, db: db(echo.levelDb) }) : ui.check_no_echo,
    },
    { key: "check_line", text: fill(ui.check_ms, { ms: Math.round(lineMs) }) },
  ];
}

/** `opener`: the button that shows the dialog; `speaks()`: {language, voice} of the page now. */
export function createCheckView(opener, speaks) {
  const dialog = byId("check", HTMLDialogElement);
  const begin = byId("check-begin");
  let going = null;        // aborts the running check
  let recording = createRecording();
  let microphone = null;   // created at the first check and kept: it listens for added and removed devices

  const ui = (key) => speaks().language.ui[key];

  function show(phase, words, caption = "") {
    dialog.dataset.step = phase;
    setText(byId("check-words"), words);
    setText(byId("check-caption"), caption);
    const at = STEPS.indexOf(phase);
    all("#check-steps > *").forEach((step, i) => {
      if (i === at) step.setAttribute("aria-current", "step");
      else step.removeAttribute("aria-current");
      step.dataset.done = phase === "thinking" || (at >= 0 && i < at) ? "yes" : "no";
    });
    byId("check-steps").hidden = !["opening", "thinking", ...STEPS].includes(phase);
    byId("check-level").hidden = !STEPS.includes(phase);
    byId("check-figures").hidden = phase !== "result";
    begin.hidden = !["ready", "result", "trouble"].includes(phase);
    setText(begin.querySelector("span"), ui(phase === "ready" ? "check_begin" : "check_again"));
    setText(byId("check-close"), ui(phase === "result" ? "done" : "back"));
  }

  function showLevel(rms) {
    const part = (20 * Math.log10(Math.max(rms, 1e-6)) - FAINTEST_DB) / (LOUDEST_DB - FAINTEST_DB);
    const bars = [...byId("check-level").children];
    bars.forEach((bar, i) => bar.classList.toggle("on", i < Math.round(part * bars.length)));
  }

  function showResult(found) {
    const { language } = speaks();
    const words = fillText(ui(`check_${found.advice}`), { ms: found.echo?.delayMs ?? 0 }, language.digits);
    show("result", words);
    dialog.scrollTop = 0;
    dialog.dataset.advice = found.advice === "well" ? "well" : "mend";
    byId("check-mark").replaceChildren(icon(found.advice === "well" ? "check" : "alert"));
    byId("check-figures").replaceChildren(...figures(found, language).map(({ key, text }) =>
      make("div", {}, make("dt", {}, ui(key)), make("dd", {}, text))));
  }

  /** Called in a tap's handler: otherwise iOS plays nothing. */
  async function run() {
    stop();
    const mine = new AbortController();
    going = mine;
    dialog.dataset.advice = "none";
    byId("check-mark").replaceChildren();
    byId("check-close").focus();   // the tapped button disappears
    const loudspeaker = createLoudspeaker();
    recording = createRecording();
    microphone ??= createMicrophone({
      onChunk(chunk) {
        recording.add(chunk);
        showLevel(chunk.rms);
      },
      onTrouble: () => {},      // asked for between the steps
      onRestart: () => recording.restart(),
    });
    microphone.prepare();
    try {
      const { language, voice } = speaks();
      const found = await runCheck({
        language: language.code, voice, microphone, recording, loudspeaker, server: askServer(), signal: mine.signal,
        onStep: (step, ms, caption) => show(step, ui(step === "opening" || step === "thinking" ? "thinking" : `check_say_${step}`), caption),
      });
      if (going === mine) showResult(found);
    } catch (failure) {
      if (going !== mine) return;
      if (!(failure instanceof CheckError)) console.error(failure);
      complain(failure instanceof CheckError ? failure.code : "internal");
    } finally {
      loudspeaker.close();
      if (going === mine) stop();
    }
  }

  function complain(code) {
    const { ui: texts, errors } = speaks().language;
    show("trouble", texts[`check_${code}`] ?? errors[code] ?? errors.internal);   // the drill's texts address a child
    dialog.dataset.advice = "mend";
    byId("check-mark").replaceChildren(icon("alert"));
  }

  /** Releases the microphone and drops the recording. */
  function stop() {
    going?.abort();
    going = null;
    recording = createRecording();
    microphone?.close();
  }

  opener.addEventListener("click", () => {
    dialog.dataset.advice = "none";
    byId("check-mark").replaceChildren();
    show("ready", ui("check_ready"));
    dialog.showModal();
  });
  begin.addEventListener("click", run);
  byId("check-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", stop);
  return { close: () => dialog.close() };
}
