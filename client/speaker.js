// The loudspeaker: an audio context at the device's own rate, and the player on it.

import { createClipCache, createPlayer } from "./player.js";
import { urlOf } from "./urls.js";

const CLIP_MS = 4000;   // a clip that takes longer to load counts as missing

async function fetchBytes(path) {
  const answer = await fetch(urlOf(path), { signal: AbortSignal.timeout(CLIP_MS) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.arrayBuffer();
}

/**
 * The loudspeaker's delay. Firefox is not asked: on a busy machine two of its threads seem to deadlock over the answer.
 * There the server's pause after each prompt must suffice.
 */
function latencyOf(context) {
  return navigator.userAgent.includes("Firefox/") ? 0 : context.outputLatency || 0;
}

/** Must be created in a tap's handler: otherwise iOS plays nothing. */
export function createSpeaker(handlers) {
  if (navigator.audioSession) navigator.audioSession.type = "play-and-record";   // iOS: loud, and beside the microphone
  const context = new AudioContext();
  const load = createClipCache(fetchBytes, (bytes) => context.decodeAudioData(bytes));
  const volume = context.createGain();
  volume.connect(context.destination);
  const player = createPlayer({ context, output: volume, outputLatencyS: () => latencyOf(context), load, ...handlers });

  /** `loudness`: 1 as recorded. */
  function play(say, loudness = 1) {
    volume.gain.value = loudness;
    return player.play(say);
  }

  function wake() {
    if (context.state !== "running") context.resume().catch(() => { /* the next tap tries again */ });
  }

  context.onstatechange = wake;
  return { play, cancel: player.cancel, interrupt: player.interrupt, wake };
}
