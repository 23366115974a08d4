import assert from "node:assert/strict";
import test from "node:test";
import { createRecording } from "../../../client/check/recording.js";

const CHUNK = 960;   // 60 ms

/** A microphone whose clock is `clockMs` behind the page's. Chunk n holds the value n + 1. */
function microphone(clockMs) {
  let nowMs = 0;
  let count = 0;
  const recording = createRecording(() => nowMs);
  return {
    recording,
    /** Adds a chunk captured from `atMs` on the page's clock, which arrived `lateMs` after its end. */
    chunk(atMs, lateMs = 0, ageMs = lateMs) {
      nowMs = atMs + 60 + lateMs;
      recording.add({ pcm: new Int16Array(CHUNK).fill(++count * 328).buffer, capturedMs: atMs - clockMs, ageMs });
    },
  };
}

const levels = (samples) => [...samples].filter((value, i) => i % CHUNK === CHUNK / 2).map((value) => Math.round(value * 100));

test("a stretch is cut out by the page's clock, whatever the microphone's says", () => {
  const { recording, chunk } = microphone(5000);
  for (let i = 0; i < 10; i++) chunk(7000 + 60 * i, 8);
  assert.deepEqual(levels(recording.slice(7120, 7300)), [3, 4, 5]);
  const between = recording.slice(7030, 7090);
  assert.deepEqual([between[479], between[480]].map((value) => Math.round(value * 100)), [1, 2]);
});

test("one chunk that came late moves nothing", () => {
  const { recording, chunk } = microphone(0);
  for (let i = 0; i < 9; i++) chunk(1000 + 60 * i, i === 4 ? 500 : 5, 5);
  assert.deepEqual(levels(recording.slice(1000, 1180)), [1, 2, 3]);
});

test("missing sound is silence", () => {
  const { recording, chunk } = microphone(0);
  chunk(1000);
  chunk(1120);
  assert.deepEqual(levels(recording.slice(940, 1240)), [0, 1, 0, 2, 0]);
});

test("a clock that begins anew leaves nothing to cut", () => {
  const { recording, chunk } = microphone(0);
  recording.restart();
  assert.equal(recording.wasCut, false, "it has only just begun");
  chunk(1000);
  recording.restart();
  assert.equal(recording.isEmpty && recording.wasCut, true);
});
