// The tablet of a class: pictures, one tap, a drill, and back to the pictures, where it forgets the child.

import { createAdultView } from "./adult-view.js";
import { recallLooks } from "./appearance.js";
import { createCheckView } from "./check/view.js";
import { showMood } from "./companion.js";
import { byId, setData } from "./dom.js";
import { createDrill } from "./drill.js";
import { onHold } from "./hold.js";
import { installWorker } from "./install.js";
import { createIdle, createVisits, placeOf, requestOf, soundSetup } from "./kiosk-state.js";
import { loadLanguages } from "./languages.js";
import { tilesOf } from "./learner-view.js";
import { AGAIN_MS, NOBODY, classesOf, loadLearners, ofClass } from "./learners.js";
import { KIOSK_KEY, readSeed, recall, remember, soundVoices } from "./preferences.js";
import { speakLanguage } from "./start-view.js";
import { urlOf } from "./urls.js";
import { createWakeLock } from "./wake-lock.js";

const REFRESH_MS = 60_000;
const local = () => window.localStorage;

recallLooks();
byId("home").querySelector("span").dataset.text = "kiosk_home";
const { default: fallback, languages, drills } = await loadLanguages();
const sound = (wanted) => soundSetup(wanted, languages, drills, navigator.languages, fallback);
let setup = sound(recall(local, KIOSK_KEY));
let language = languageOf(setup.language);
let list = NOBODY;
let drawn = null;        // what the tiles show: they are not redrawn under a finger
let learner = null;      // the learner who practises; null: a guest, or none
let home = "tiles";      // the state of the first screen: tiles, inviting, resting or adult
let state = null;
let again;               // the timer of the next attempt to fetch the pictures

const visits = createVisits();
const wakeLock = createWakeLock();
const idle = createIdle(left);
const check = createCheckView(byId("kiosk-check"), () => ({ language, voice: voice() }));
const adult = createAdultView({ onSetup: settled, onClosed: closed, onLeave: leave });
const drill = createDrill({
  language: () => language,
  home: "kiosk",
  onStarted: ({ token }) => visits.keep(learner, token),
  onFinished: () => visits.forget(learner),
  onWeak: (weak) => practise(learner, { drill: drills[0].name, ...weak }),
  onHome: arrived,
  onChange: changed,
});
const worker = installWorker(() => state.screen === "start" && home !== "adult");

arrived();
setInterval(() => state.screen === "start" && refresh(), REFRESH_MS);
onHold(byId("adult"), openDoor);
byId("again").addEventListener("click", () => practise(learner));
document.addEventListener("pointerdown", idle.touched);
document.addEventListener("keydown", idle.touched);
document.addEventListener("click", /** @param {Event & {target: Element}} event */ ({ target }) => {
  if (["inviting", "resting"].includes(placeOf(state, home)) && !target.closest("button")) goTo("tiles");
});

function languageOf(code) {
  return languages.find((each) => each.code === code) ?? languageOf(setup.language);
}

function speak(next) {
  language = next;
  speakLanguage(language);
  drill.speakAnew();
}

/** Called after every event of the drill: restarts or stops the idle timers. */
function changed(next) {
  state = next;
  const place = placeOf(state, home);
  setData(document.body, "place", place);
  if (place === "resting") wakeLock.release();
  else wakeLock.hold();
  if (place === "inviting" && state.phase === "sleep") showMood("listening");   // a child who comes finds it awake
  idle.at(place);
}

// --- the pictures ---

/** Returns to the pictures from anywhere, without a learner. */
function arrived() {
  learner = null;
  home = "tiles";
  speak(languageOf(setup.language));
  refresh();
}

async function refresh() {
  const fresh = await loadLearners();
  clearTimeout(again);
  if (fresh !== NOBODY) list = fresh;   // while the server is away the pictures stay
  else again = setTimeout(refresh, AGAIN_MS);
  draw();
  worker.refresh();
}

function draw() {
  const shown = ofClass(list.learners, list.learners.some((each) => each.class === setup.className) ? setup.className : null);
  const now = JSON.stringify([shown, setup.language]);
  if (now === drawn) return;
  drawn = now;
  byId("kiosk-faces").replaceChildren(...tilesOf(shown, languageOf(setup.language), practise));
}

/** A tap on a picture, or on "once more"; `wishes` replace those of the set-up. */
function practise(next, wishes = {}) {
  document.documentElement.requestFullscreen?.().catch(() => { /* already full screen, or not possible */ });
  learner = next;
  home = "tiles";
  speak(languageOf(learner?.language));
  drill.begin({ ...request(learner), ...wishes, token: visits.tokenOf(learner) });
}

/** The voice chosen in the settings on this device. */
function voice() {
  return soundVoices(recall(local)?.voices, languages)[language.code] ?? null;
}

function request(who) {
  return { ...requestOf(setup, who, language, drills), voice: voice(), seed: readSeed(location.search), token: null };
}

// --- idle ---

/** Called after a time without a touch. */
function left(to) {
  if (to === "tiles" && home === "adult") return adult.close();
  goTo(to);
}

async function goTo(next) {
  drill.goHome();
  home = next;
  changed(state);
  if (next !== "inviting" || !setup.calls) return;
  // No person could answer the browser's question for the microphone.
  const microphone = await navigator.permissions?.query({ name: "microphone" }).catch(() => null);
  if (microphone?.state === "granted" && home === "inviting" && state.screen === "start") drill.invite(request(null));
}

// --- adults ---

function openDoor() {
  goTo("adult");
  adult.open({ language, languages, drills, classes: classesOf(list.learners), setup });
}

function settled(next) {
  setup = sound(next);
  remember(local, setup, KIOSK_KEY);
  speak(languageOf(setup.language));
  draw();
  adult.render(setup, language);
}

function closed() {
  check.close();
  goTo("tiles");
}

function leave() {
  if (document.fullscreenElement) document.exitFullscreen();
  location.assign(urlOf("/"));
}
