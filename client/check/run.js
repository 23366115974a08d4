// One check of a tablet, from the tap to the figures: quiet, a prompt, a spoken number.

import { TIMERS } from "../timers.js";
import { urlOf } from "../urls.js";
import { LONGEST_ECHO_MS, RATE, advice, measure } from "./measure.js";

// Gain control and echo cancellation of the browser need a moment; the first sounds of a microphone are often a click.
const SETTLING_MS = 800;
const QUIET_MS = 1200;
const NUMBER_MS = 4000;
const LONGEST_PCM = 4 * RATE;       // what /check/hear takes
const PINGS = 5;
const PATIENCE_MS = 4000;

/** The check cannot go on. `code` selects an error text. */
export class CheckError extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

/**
 * Resolves to the result of `measure` with `heard`, `lineMs` and the key of the `advice`. Rejects with CheckError, or
 * with the reason of `signal`.
 * @param {{language: string, voice: string|null, microphone, recording, loudspeaker, server, signal: AbortSignal,
 *          onStep: (step: "opening"|"quiet"|"prompt"|"number"|"thinking", ms: number, caption: string) => void,
 *          now?: () => number, timers?: {set: Function, clear: Function}}} parts
 *   `server`: {prompt, hear, ping}, see askServer
 */
export async function runCheck({
  language, voice, microphone, recording, loudspeaker, server, signal, onStep, now = () => performance.now(), timers = TIMERS,
}) {
  const rest = (ms) => restFor(ms, signal, timers);
  const well = () => {
    signal.throwIfAborted();
    if (microphone.trouble) throw new CheckError(microphone.trouble);
    if (recording.wasCut) throw new CheckError("sound_paused");
  };
  onStep("opening", 0, "");
  const [asked] = await Promise.all([server.prompt(language, voice), microphone.open()]);
  well();
  const prompt = await loudspeaker.load(asked.url).catch(() => { throw new CheckError("sound_failed"); });
  const line = lineDelay(server.ping, now);
  await rest(SETTLING_MS);
  well();

  onStep("quiet", QUIET_MS, "");
  const quietMs = now();
  await rest(QUIET_MS);
  well();

  const { startMs, endMs } = await loudspeaker.play(prompt.buffer).catch(() => { throw new CheckError("sound_paused"); });
  onStep("prompt", endMs - now(), asked.text);
  await rest(endMs - now());
  onStep("number", NUMBER_MS, "");
  await rest(NUMBER_MS);
  well();
  if (recording.isEmpty) throw new CheckError("microphone_muted");

  onStep("thinking", 0, "");
  const over = recording.slice(startMs, endMs + Math.max(NUMBER_MS, LONGEST_ECHO_MS));
  const measured = measure({ quiet: recording.slice(quietMs, quietMs + QUIET_MS), over, prompt: prompt.samples });
  const heard = await server.hear(language, over.subarray(measured.voiceFrom, measured.voiceFrom + LONGEST_PCM));
  const found = { ...measured, heard, lineMs: await line };
  signal.throwIfAborted();
  if (found.lineMs === null) throw new CheckError("connection_lost");
  return { ...found, advice: advice(found) };
}

/** @returns {Promise<void>} */
function restFor(ms, signal, timers) {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const timer = timers.set(done, ms);
    signal.addEventListener("abort", done, { once: true });
    function done() {
      timers.clear(timer);
      signal.removeEventListener("abort", done);
      if (signal.aborted) reject(signal.reason);
      else resolve();
    }
  });
}

/** The median of a few round trips in ms; null if the server does not answer. */
export async function lineDelay(ping, now) {
  const took = [];
  for (let i = 0; i < PINGS; i++) {
    const since = now();
    try {
      await ping();
      took.push(now() - since);
    } catch { /* a lost ping does not count */ }
  }
  return took.length > 0 ? took.sort((a, b) => a - b)[took.length >> 1] : null;
}

/** The check's requests to the server. */
export const askServer = (/** @type {(url: string, options?: Object) => Promise<any>} */ ask = fetch) => {
  async function json(path, options = {}) {
    const answer = await ask(urlOf(path), { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS), ...options })
      .catch(() => { throw new CheckError("connection_lost"); });
    const content = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new CheckError(content.code ?? "internal");
    return content;
  }
  const query = (values) => new URLSearchParams(Object.entries(values).filter(([, value]) => value !== null));
  return {
    prompt: (language, voice) => json(`/check/prompt.json?${query({ language, voice })}`),
    ping: () => json("/livez"),
    hear: (language, samples) => json(`/check/hear?${query({ language })}`, {
      method: "POST", headers: { "Content-Type": "application/octet-stream" },
      body: Int16Array.from(samples, (sample) => Math.max(-32768, Math.min(32767, Math.round(sample * 32768)))),
    }),
  };
};
