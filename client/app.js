// The start page: choose the learner and the way to practise, then drill.

import { recallLooks, rememberLooks } from "./appearance.js";
import { createCheckView } from "./check/view.js";
import { byId } from "./dom.js";
import { createDrill } from "./drill.js";
import { installWorker } from "./install.js";
import { loadLanguages } from "./languages.js";
import { createLearnerView } from "./learner-view.js";
import { AGAIN_MS, NOBODY, findLearner, joinLearners, loadLearners } from "./learners.js";
import { LENGTHS, readSeed, recall, remember, soundChoices } from "./preferences.js";
import { createSettingsView } from "./settings-view.js";
import { createStartView } from "./start-view.js";

const TOKEN_KEY = "paadas.drill";
const LEARNER_KEY = "paadas.learner";   // kept in this tab only: the next child starts without a learner
const local = () => window.localStorage;
const session = () => window.sessionStorage;

let looks = recallLooks();
const { default: fallback, languages, drills } = await loadLanguages();
const sound = (wanted) => soundChoices(wanted, languages, drills, navigator.languages, fallback);
let choices = sound(recall(local));
let list = NOBODY;
let learner = null;
let asked = null;        // the last request for a drill

const language = () => languages.find(({ code }) => code === choices.language);
const start = createStartView(languages, drills, chosen, () => begin(wished()));
const settingsView = createSettingsView(settled, voiced);
const learners = createLearnerView({ load: loadLearners, join: joinLearners, onChosen: practises });
const drill = createDrill({
  language,
  onStarted: ({ token }) => remember(session, { token, wish: asked }, TOKEN_KEY),
  onFinished: () => remember(session, null, TOKEN_KEY),
  onWeak: (weak) => begin({ ...wished(), drill: drills[0].name, ...weak }),
});

createCheckView(byId("open-check"), () => ({ language: language(), voice: choices.voices[choices.language] ?? null }));
installWorker();
await findWhoPractises();
chosen(choices);
byId("again").addEventListener("click", () => begin(wished()));

/** Until the server has sent the learners, everyone practises as a guest. */
async function findWhoPractises() {
  list = await loadLearners();
  learner ??= findLearner(list.learners, recall(session, LEARNER_KEY));
  if (list === NOBODY) setTimeout(() => findWhoPractises().then(showLearners), AGAIN_MS);
}

function showLearners() {
  learners.render(list, learner, language());
}

function chosen(next) {
  choices = sound(next);
  remember(local, choices);
  start.render(choices);
  showLearners();
  showSettings();
  drill.speakAnew();
}

function settled(next) {
  looks = next;
  rememberLooks(looks);
  showSettings();
}

function voiced(id) {
  chosen({ ...choices, voices: { ...choices.voices, [choices.language]: id } });
}

function showSettings() {
  settingsView.render(looks, language(), choices.voices[choices.language]);
}

function practises(next, known) {
  [learner, list] = [next, known];
  remember(session, learner?.id ?? null, LEARNER_KEY);
  showLearners();
}

/** The request for a drill. A drill that resumes after a lost connection has the same one. */
function wished() {
  const { language, tables, drill, length, lines, voices } = choices;
  return {
    language, tables, lines, drill, questions: null, minutes: null, ...LENGTHS[length], voice: voices[language] ?? null,
    learner: learner?.id ?? null,
  };
}

function begin(wishes) {
  asked = wishes;
  const kept = recall(session, TOKEN_KEY);
  const token = kept && JSON.stringify(kept.wish) === JSON.stringify(asked) ? kept.token : null;
  drill.begin({ mode: "browser", ...asked, token, seed: readSeed(location.search) });
}
