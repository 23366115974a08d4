// The only place where the page's parts are joined: what happens goes into the state, the state onto the page.

import { io } from "/vendor/socket.io.esm.min.js";
import { soundLooks, wear } from "./appearance.js";
import { drawCompanion } from "./companion.js";
import { createConnection } from "./connection.js";
import { byId } from "./dom.js";
import { initialState, reduce } from "./drill-state.js";
import { keyFromKeyboard, pressKey } from "./keypad.js";
import { loadLanguages } from "./languages.js";
import { createLearnerView } from "./learner-view.js";
import { findLearner, joinLearners, loadLearners } from "./learners.js";
import { createMicrophone } from "./microphone.js";
import { LENGTHS, readSeed, recall, remember, soundChoices } from "./preferences.js";
import { createSettingsView } from "./settings-view.js";
import { createSpeaker } from "./speaker.js";
import { createStartView } from "./start-view.js";
import { createUplink } from "./uplink.js";
import { createKeypadView, createView } from "./view.js";
import { createWakeLock } from "./wake-lock.js";

const TOKEN_KEY = "paadas.drill";
const SETTINGS_KEY = "paadas.settings";
const LEARNER_KEY = "paadas.learner";   // kept in the tab only: the next child on this tablet is nobody yet
const local = () => window.localStorage;
const session = () => window.sessionStorage;

let settings = soundLooks(recall(local, SETTINGS_KEY));
wear(settings);
drawCompanion();
const { default: fallback, languages, drills } = await loadLanguages();
const sound = (wanted) => soundChoices(wanted, languages, drills, navigator.languages, fallback);
let choices = sound(recall(local));
let state = initialState;
let list = await loadLearners();
let learner = findLearner(list.learners, recall(session, LEARNER_KEY));
let speaker = null;     // made inside the first tap
let attempt = 0;        // counts taps on Start: what an earlier one still brings no longer matters

const language = () => languages.find(({ code }) => code === choices.language);
const view = createView();
const labelKeypad = createKeypadView(pressed);
const start = createStartView(languages, drills, chosen, begin);
const settingsView = createSettingsView(settled);
const learners = createLearnerView({ load: loadLearners, join: joinLearners, onChosen: practises });
const wakeLock = createWakeLock();
const uplink = createUplink((...chunk) => connection.audio(...chunk));
const microphone = createMicrophone({
  onChunk(chunk) {
    uplink.chunk(chunk);
    view.showLevel(uplink.isOpen ? chunk.rms : 0);
  },
  onTrouble: (code) => dispatch({ type: "notice", source: "microphone", code }),
  onRestart: () => uplink.resync(),
});
const connection = createConnection({ io, onEvent: received, onStarted: started, onRefused: refused, onLost: lost });

chosen(choices);
view.render(state, language());

function dispatch(event) {
  state = reduce(state, event);
  view.render(state, language());
}

function chosen(next) {
  choices = sound(next);
  remember(local, choices);
  start.render(choices);
  learners.render(list, learner, language());
  settingsView.render(settings, language());
  labelKeypad(language());
  if (state.notices.server) dispatch({ type: "notice", source: "server", code: null });
}

function settled(next) {
  settings = next;
  remember(local, settings, SETTINGS_KEY);
  wear(settings);
  settingsView.render(settings, language());
}

function practises(next, known) {
  [learner, list] = [next, known];
  remember(session, learner?.id ?? null, LEARNER_KEY);
  learners.render(list, learner, language());
}

/** What a drill is asked for; one that goes on after a lost line is the same in all of this. */
function wished() {
  const { language, tables, drill, length } = choices;
  return { language, tables, drill, questions: null, minutes: null, ...LENGTHS[length], learner: learner?.id ?? null };
}

// --- one drill ---

/** Runs inside a tap, so that iOS lets sound out. */
async function begin() {
  const mine = ++attempt;
  speaker ??= createSpeaker({
    onClip: (id, atMs) => dispatch({ type: "clip", id, atMs }),
    onEnded: spoken,
    onFailed: () => dispatch({ type: "notice", source: "sound", code: "sound_failed" }),
  });
  speaker.wake();
  microphone.prepare();
  uplink.restart();
  dispatch({ type: "begin" });
  wakeLock.hold();
  await microphone.open();   // a refusal is shown and the drill goes on by touch
  if (mine !== attempt) return;
  const wish = wished();
  const kept = recall(session, TOKEN_KEY);
  const token = kept && JSON.stringify(kept.wish) === JSON.stringify(wish) ? kept.token : null;
  connection.open({ protocol: 1, mode: "browser", ...wish, token, seed: readSeed(location.search) });
}

function started({ token, resumed }) {
  remember(session, { token, wish: wished() }, TOKEN_KEY);
  dispatch({ type: "started", resumed });
  dispatch({ type: "notice", source: "connection", code: null });
}

function received(event) {
  dispatch(event);
  if (event.type === "say") {
    uplink.close();
    speaker.play(event);
  }
  if (event.type === "phase" && event.name === "sleep" && state.playing === null) uplink.open();
  if (event.type === "finished") finished();
}

function spoken(id) {
  dispatch({ type: "played", id });
  connection.played(id);
  if (state.screen === "drill") uplink.open();
  else connection.close();   // that was the goodbye
}

function finished() {
  remember(session, null, TOKEN_KEY);
  connection.finish();
  rest();
}

function rest() {
  uplink.close();
  microphone.close();
  wakeLock.release();
}

function lost() {
  uplink.close();
  speaker.cancel();
  dispatch({ type: "silenced" });
  dispatch({ type: "notice", source: "connection", code: "connection_lost" });
}

function refused(code, message) {
  goHome();
  dispatch({ type: "notice", source: "server", code, message });
}

function goHome() {
  attempt++;
  speaker?.cancel();
  connection.close();
  rest();
  dispatch({ type: "home" });
  for (const source of ["connection", "microphone", "sound", "server"]) dispatch({ type: "notice", source, code: null });
}

// --- hands ---

function pressed(key) {
  const { entry, answer } = pressKey(state.entry, key);
  dispatch({ type: "entry", entry });
  if (answer !== null) connection.tap(answer);
}

function stop() {
  if (!connection.connected) return goHome();
  connection.command("stop");
}

/** Asleep, a tap anywhere means "go on"; awake, only the buttons do something. */
function touched({ target }) {
  wake();
  if (state.screen === "drill" && state.phase === "sleep" && !target.closest("button")) connection.command("repeat");
}

function wake() {
  speaker?.wake();
  if (state.screen === "drill") microphone.wake();
}

function typed(event) {
  if (state.screen !== "drill") return;
  const key = keyFromKeyboard(event);
  if (key === null || (key === "enter" && state.entry === "")) return;   // Enter on a focused button stays its own
  event.preventDefault();
  pressed(key);
}

for (const button of document.querySelectorAll("[data-command]")) {
  button.addEventListener("click", () => connection.command(button.dataset.command));
}
byId("notice-read").addEventListener("click", () => dispatch({ type: "read", read: true }));
byId("notice-again").addEventListener("click", () => dispatch({ type: "read", read: false }));
byId("appeal").addEventListener("click", () => connection.command("appeal"));
byId("stop").addEventListener("click", stop);
byId("again").addEventListener("click", begin);
byId("home").addEventListener("click", goHome);
byId("retry").addEventListener("click", () => {
  microphone.prepare();
  microphone.open();
});
document.addEventListener("click", touched);
document.addEventListener("keydown", typed);
document.addEventListener("visibilitychange", () => document.hidden || wake());
