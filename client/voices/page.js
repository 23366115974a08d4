// The recording booth: prompts are read aloud one after the other, and each is saved as soon as it is spoken.

import { byId } from "../dom.js";
import { createMicrophone } from "../microphone.js";
import { FIRST_TABLES, recall } from "../preferences.js";
import { firstState, inHand, reduce } from "./booth-state.js";
import { arrange } from "./guide.js";
import { postClip } from "./post.js";
import { isOver, RATE, wavOf } from "./take.js";
import { createView } from "./view.js";

const TROUBLES = {
  permission_denied: "voice_microphone_denied", insecure_page: "voice_microphone_insecure",
  microphone_unsupported: "voice_microphone_unsupported",
  microphone_muted: "voice_microphone_muted", microphone_busy: "voice_microphone_busy", sound_paused: "voice_microphone_busy",
};

const booth = byId("booth");
const { clips: address, token } = booth.dataset;
const { clips, ...words } = await (await fetch(address)).json();
const tables = recall(() => window.localStorage)?.tables;
let state = firstState(arrange(clips, Array.isArray(tables) && tables.length > 0 ? tables : FIRST_TABLES));
let take = [];

const sound = new Audio();
const view = createView(words, (at) => dispatch({ type: "go", at }));
const microphone = createMicrophone({
  onChunk: heard,
  onTrouble: troubled,
  onRestart() { /* a recording has no clock to keep */ },
}, { rate: RATE, touchedUp: false });

booth.hidden = false;
view.render(state, null);

function dispatch(event) {
  const before = state;
  state = reduce(state, event);
  if (state.at !== before.at) sound.pause();
  view.render(state, before);
}

function isListening() {
  return state.phase === "opening" || state.phase === "recording";
}

/** The microphone reports a trouble once; a new attempt must show it again. */
function troubled(code) {
  if (code && isListening()) fail({ key: TROUBLES[code] ?? "voice_microphone_missing" });
}

function fail(trouble) {
  take = [];
  dispatch({ type: "failed", trouble });
}

/** Runs in a tap's handler. The microphone stays open for the next recording; its audio is not kept. */
async function record() {
  sound.pause();
  take = [];
  dispatch({ type: "opening" });
  if (microphone.isOpen && !microphone.trouble) return;
  microphone.prepare();
  await microphone.open();
  troubled(microphone.trouble);
}

function heard(chunk) {
  if (state.phase === "opening") dispatch({ type: "recording" });
  if (state.phase !== "recording") return;
  take.push(chunk);
  view.showLevel(chunk.rms);
  if (isOver(take.map(({ rms }) => rms))) keep();
}

async function keep() {
  dispatch({ type: "saving" });
  const wav = wavOf(take.map(({ pcm }) => pcm));
  take = [];
  await change(addressOf(inHand(state)), wav);
}

async function change(url, wav) {
  const { clip, trouble } = await postClip(url, token, wav);
  if (clip) dispatch({ type: "changed", clip });
  else fail(trouble);
}

const addressOf = ({ id }) => address.replace(/\.json$/, `/${id}`);

function play(url) {
  sound.src = url;
  sound.play().catch(() => { /* interrupted by the next tap */ });
}

byId("record").addEventListener("click", () => (state.phase === "recording" ? keep() : record()));
byId("hear").addEventListener("click", () => play(inHand(state).url));
byId("example").addEventListener("click", () => play(inHand(state).example));
byId("next").addEventListener("click", () => dispatch({ type: "go", at: state.at + 1 }));
byId("back").addEventListener("click", () => dispatch({ type: "go", at: state.at - 1 }));
byId("discard").addEventListener("click", () => {
  dispatch({ type: "saving" });
  change(`${addressOf(inHand(state))}/delete`, null);
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) return;
  if (isListening()) fail(null);
  microphone.close();
});
