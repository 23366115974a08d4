// Plays the clips of a `say` back to back on the audio clock, and reports the start of the first and the end of the last.

import { TIMERS } from "./timers.js";

const LEAD_S = 0.03;             // time for the first clip to reach the sound card
const PATIENCE_MS = 1500;        // a stopped audio context (a phone call, a lost sound card) must not stop the drill
const LONGEST_LATENCY_S = 0.5;
const CLOCK_STEP_S = 0.01;       // the resolution of the audio clock
const FADE_S = 0.015;            // without it a cut voice clicks
const CACHED_CLIPS = 150;

/** Fetched and decoded clips, the most recently used last. Failures are not cached: they are tried again. */
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
 *          onClip: (id, atMs: number) => void, onSounding: (id) => void, onEnded: (id) => void, onFailed: (url: string) => void, timers?: {set: Function, clear: Function}}} parts
 */
export function createPlayer({
  context, output = context.destination, outputLatencyS = () => 0, load, onClip, onSounding, onEnded, onFailed, timers = TIMERS,
}) {
  let current = null;

  function cancel() {
    if (!current) return;
    const { sources, volume, waits } = current;
    current = null;
    waits.forEach(timers.clear);
    const silentS = context.currentTime + FADE_S;
    volume.gain.setValueAtTime(1, context.currentTime);
    volume.gain.linearRampToValueAtTime(0, silentS);
    for (const source of sources) {
      source.onended = null;
      source.stop(silentS);
    }
  }

  /** Stops this say without reporting its end. Returns whether it was still audible. */
  function interrupt(id) {
    if (current?.id !== id) return false;
    cancel();
    return true;
  }

  function end(turn) {
    if (turn !== current) return;
    cancel();
    onEnded(turn.id);
  }

  /** Runs `action` when the audio clock reaches `atS`, at worst a little late. */
  function at(turn, atS, action) {
    const wait = timers.set(() => turn === current && action(), Math.max(0, (atS - context.currentTime) * 1000));
    turn.waits.push(wait);
  }

  function start(turn, buffer, atS) {
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(turn.volume);
    source.start(atS);
    turn.sources.push(source);
    return source;
  }

  /** Reports when the loudspeaker reaches `atS`. After a page wakes, the audio clock may stand still at first. */
  function tellSounding(turn, atS) {
    at(turn, atS + latencyS(), () => {
      if (context.currentTime < atS + latencyS() - CLOCK_STEP_S) tellSounding(turn, atS);
      else onSounding(turn.id);
    });
  }

  /** Wireless loudspeakers sound late. */
  function latencyS() {
    return Math.min(LONGEST_LATENCY_S, outputLatencyS());
  }

  /** Resolves when everything is scheduled, not when it has sounded. */
  async function play({ id, clips, duration_ms: durationMs = 0, gap_ms: gapMs = 0 }) {
    cancel();
    const turn = { id, sources: [], volume: context.createGain(), waits: [] };
    turn.volume.connect(output);
    current = turn;
    const loading = clips.map((url) => load(url).catch(() => null));   // all at once, played in order
    let untilS = context.currentTime + LEAD_S + gapMs / 1000;
    let last = null;
    let firstS = null;
    for (let index = 0; index < clips.length; index++) {
      const buffer = await loading[index];
      if (turn !== current) return;
      const fromS = Math.max(untilS, context.currentTime + (index === 0 ? LEAD_S : 0));
      if (index === 0) {
        firstS = fromS;
        tellSounding(turn, firstS);
      }
      at(turn, fromS, () => onClip(id, Math.round((fromS - firstS) * 1000)));   // its place in the say
      last = buffer && start(turn, buffer, fromS);
      if (!buffer) onFailed(clips[index]);
      untilS = fromS + (buffer ? buffer.duration : durationMs / 1000 / clips.length);
    }
    finish(turn, last, untilS);
  }

  function finish(turn, last, untilS) {
    const lateS = latencyS();
    const ended = () => (lateS > LEAD_S ? at(turn, context.currentTime + lateS, () => end(turn)) : end(turn));
    if (last) last.onended = ended;
    else at(turn, untilS, ended);
    at(turn, untilS + PATIENCE_MS / 1000, () => end(turn));
  }

  return { play, cancel, interrupt, get playing() { return current?.id ?? null; } };
}
