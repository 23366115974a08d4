// The microphone's recording on the page's clock; `slice` cuts out a span of time.

import { RATE } from "./measure.js";

const LONGEST_GAP_MS = 5;   // capture times are whole milliseconds: less than this is no gap

/** @param {() => number} now  the page's clock in ms */
export function createRecording(now = () => performance.now()) {
  let chunks = [];     // {samples, atMs}, on the audio clock
  let offsets = [];    // page clock less audio clock, as each chunk came in
  let cut = false;

  /** Takes a chunk from createMicrophone. */
  function add({ pcm, capturedMs, ageMs }) {
    const samples = Float32Array.from(new Int16Array(pcm), (sample) => sample / 32768);
    offsets.push(now() - ageMs - (samples.length * 1000) / RATE - capturedMs);
    chunks.push({ samples, atMs: capturedMs });
  }

  /** The audio clock restarted: earlier chunks have no valid time any more. */
  function restart() {
    cut = cut || chunks.length > 0;
    [chunks, offsets] = [[], []];
  }

  function slice(fromMs, toMs) {
    const middle = [...offsets].sort((a, b) => a - b)[offsets.length >> 1] ?? 0;
    const found = new Float32Array(Math.max(0, Math.round(((toMs - fromMs) * RATE) / 1000)));
    let next = null;    // the chunk's first sample, if it follows the last one
    let expectedMs = 0;
    for (const { samples, atMs } of chunks) {
      const gap = next === null || Math.abs(atMs - expectedMs) > LONGEST_GAP_MS;
      const at = gap ? Math.round(((atMs + middle - fromMs) * RATE) / 1000) : next;
      next = at + samples.length;
      expectedMs = (gap ? atMs : expectedMs) + (samples.length * 1000) / RATE;
      const from = Math.max(0, -at);
      const to = Math.min(samples.length, found.length - at);
      if (to > from) found.set(samples.subarray(from, to), at + from);
    }
    return found;
  }

  return { add, restart, slice, get isEmpty() { return chunks.length === 0; }, get wasCut() { return cut; } };
}
