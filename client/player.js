// Plays the clips of a `say` back to back on the audio clock, and tells when the last one has ended.

import { TIMERS } from "./timers.js";

const LEAD_S = 0.03;             // time for the first clip to reach the sound card
const PATIENCE_MS = 1500;        // a context that stands still (a phone call, a lost sound card) must not stop the drill
const LONGEST_LATENCY_S = 0.5;
const CACHED_CLIPS = 150;

/** Fetched and decoded clips, the latest used ones last. Failures are forgotten, so that they are tried again. */
export function createClipCache(fetchBytes, decode, size = CACHED_CLIPS) {
  const clips = new Map();
  return function load(url) {
    const clip = clips.get(url) ?? fetchBytes(url).then(decode);
    clips.delete(url);
    clips.set(url, clip);
    clip.catch(() => clips.delete(url));
    if (clips.size > size) clips.delete(clips.keys().next().value);
    return clip;
  };
}

/**
 * @param {{context: AudioContext, output?: AudioNode, outputLatencyS?: () => number, load: (url: string) => Promise<AudioBuffer>,
 *          onClip: (id, atMs: number) => void, onEnded: (id) => void, onFailed: (url: string) => void, timers?: {set: Function, clear: Function}}} parts
 */
export function createPlayer({
  context, output = context.destination, outputLatencyS = () => 0, load, onClip, onEnded, onFailed, timers = TIMERS,
}) {
  let current = null;

  function cancel() {
    if (!current) return;
    const { sources, waits } = current;
    current = null;
    waits.forEach(timers.clear);
    for (const source of sources) {
      source.onended = null;
      try { source.stop(); } catch { /* it was never started */ }
    }
  }

  function end(turn) {
    if (turn !== current) return;
    cancel();
    onEnded(turn.id);
  }

  /** Runs `action` when the audio clock reaches `atS`; a little late at worst. */
  function at(turn, atS, action) {
    const wait = timers.set(() => turn === current && action(), Math.max(0, (atS - context.currentTime) * 1000));
    turn.waits.push(wait);
  }

  function start(turn, buffer, atS) {
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(output);
    source.start(atS);
    turn.sources.push(source);
    return source;
  }

  /** Resolves when everything is scheduled, not when it has sounded. */
  async function play({ id, clips, duration_ms: durationMs = 0, gap_ms: gapMs = 0 }) {
    cancel();
    const turn = { id, sources: [], waits: [] };
    current = turn;
    const loading = clips.map((url) => load(url).catch(() => null));   // all at once, played in order
    let untilS = context.currentTime + LEAD_S + gapMs / 1000;
    let last = null;
    let firstS = null;
    for (let index = 0; index < clips.length; index++) {
      const buffer = await loading[index];
      if (turn !== current) return;
      const fromS = Math.max(untilS, context.currentTime + (index === 0 ? LEAD_S : 0));
      firstS ??= fromS;
      at(turn, fromS, () => onClip(id, Math.round((fromS - firstS) * 1000)));   // its place in the say
      last = buffer && start(turn, buffer, fromS);
      if (!buffer) onFailed(clips[index]);
      untilS = fromS + (buffer ? buffer.duration : durationMs / 1000 / clips.length);
    }
    finish(turn, last, untilS);
  }

  function finish(turn, last, untilS) {
    const latencyS = Math.min(LONGEST_LATENCY_S, outputLatencyS());   // wireless speakers sound late
    const ended = () => (latencyS > LEAD_S ? at(turn, context.currentTime + latencyS, () => end(turn)) : end(turn));
    if (last) last.onended = ended;
    else at(turn, untilS, ended);
    at(turn, untilS + PATIENCE_MS / 1000, () => end(turn));
  }

  return { play, cancel, get playing() { return current?.id ?? null; } };
}
