// Plays the check's prompt at a known time, and gives its samples at the microphone's rate.

import { urlOf } from "../urls.js";
import { RATE } from "./measure.js";

const LEAD_S = 0.1;             // time for the first sample to reach the sound card
const PATIENCE_MS = 4000;

/** Must be created in a tap's handler: otherwise iOS plays nothing. */
export function createLoudspeaker() {
  if (navigator.audioSession) navigator.audioSession.type = "play-and-record";   // as in a drill
  const context = new AudioContext();

  async function load(path) {
    const answer = await fetch(urlOf(path), { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    const buffer = await context.decodeAudioData(await answer.arrayBuffer());
    return { buffer, samples: await atMicrophoneRate(buffer) };
  }

  /** Start and end, on the page's clock. */
  async function play(buffer) {
    if (context.state !== "running") await Promise.race([context.resume(), new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
    if (context.state !== "running") throw new Error("the loudspeaker does not start");
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(context.destination);
    const atS = context.currentTime + LEAD_S;
    source.start(atS);
    const startMs = performance.now() + (atS - context.currentTime) * 1000;
    return { startMs, endMs: startMs + buffer.duration * 1000 };
  }

  /** Stops it for good. */
  function close() {
    context.close().catch(() => { /* it is closed already */ });
  }

  return { load, play, close };
}

async function atMicrophoneRate(buffer) {
  const offline = new OfflineAudioContext(1, Math.ceil(buffer.duration * RATE), RATE);
  const source = offline.createBufferSource();
  source.buffer = buffer;
  source.connect(offline.destination);
  source.start();
  return (await offline.startRendering()).getChannelData(0);
}
