import assert from "node:assert/strict";
import test from "node:test";
import { ADVICE, LIMITS, RATE, advice, findEcho, measure } from "../../../client/check/measure.js";

/** The same noise at every run. */
function randomness(seed) {
  let state = seed;
  const uniform = () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
  return () => Math.sqrt(-2 * Math.log(uniform() + 1e-9)) * Math.cos(2 * Math.PI * uniform());
}

const noise = (seconds, rms, seed = 1) => {
  const next = randomness(seed);
  return Float32Array.from({ length: seconds * RATE }, () => rms * next());
};

/** Syllables: a buzz with harmonics, whose pitch and loudness change as in speech. */
function speech(seconds, rms, seed = 7) {
  const next = randomness(seed);
  const samples = new Float32Array(seconds * RATE);
  let [phase, pitch, loud] = [0, 200, 0];
  for (let i = 0; i < samples.length; i++) {
    if (i % 1600 === 0) [pitch, loud] = [160 + 60 * Math.abs(next()), Math.max(0, 0.6 + 0.5 * next())];
    phase += (2 * Math.PI * pitch) / RATE;
    samples[i] = loud * (Math.sin(phase) + Math.sin(3 * phase) / 2 + Math.sin(7 * phase) / 3 + 0.1 * next());
  }
  const scale = rms / Math.sqrt(samples.reduce((sum, sample) => sum + sample ** 2, 0) / samples.length);
  return samples.map((sample) => sample * scale);
}

function mix(seconds, ...parts) {
  const samples = new Float32Array(seconds * RATE);
  for (const { sound, atS = 0, db = 0 } of parts) {
    const from = Math.round(atS * RATE);
    for (let i = 0; i < sound.length && from + i < samples.length; i++) samples[from + i] += sound[i] * 10 ** (db / 20);
  }
  return samples;
}

const PROMPT = speech(3, 0.1);
const SAID = speech(0.6, 0.1, 99);
const near = (value, wanted, by) => assert.ok(Math.abs(value - wanted) <= by, `${value} is not ${wanted} ± ${by}`);

/** A whole recording: the room, the prompt as it comes back, and a number a second and a half after it. */
function recording({ room = 0.001, echo = null, said = SAID, saidDb = 0 }) {
  const parts = [{ sound: noise(7, room, 2) }, { sound: said, atS: 4.5, db: saidDb }];
  if (echo) parts.push({ sound: PROMPT, atS: echo.delayMs / 1000, db: echo.db });
  return { quiet: noise(1.2, room, 3), over: mix(7, ...parts), prompt: PROMPT };
}

const found = (given = {}) => measure(recording(given));
const judged = (given, server = {}) => advice({ ...found(given), heard: { number: 56, sure: 0.98 }, lineMs: 8, ...server });

for (const [delayMs, db] of [[5, -6], [240, -10], [240, -30], [998, -20]]) {
  test(`an echo after ${delayMs} ms at ${db} dB is found`, () => {
    const { echo } = found({ echo: { delayMs, db } });
    near(echo.delayMs, delayMs, 1);
    near(echo.levelDb, db, 1);
  });
}

test("an echo is found in a room that rings", () => {
  const next = randomness(5);
  const ringing = Array.from({ length: 60 }, (_, i) => ({
    sound: PROMPT, atS: 0.1 + i * 0.004 + 0.002 * Math.abs(next()), db: -18 - i / 2,
  }));
  const over = mix(7, { sound: noise(7, 0.001) }, { sound: PROMPT, atS: 0.1, db: -12 }, ...ringing);
  near(findEcho(over, PROMPT, 1e-6).delayMs, 100, 1);
});

test("noise, silence and another person's voice are no echo", () => {
  assert.equal(found().echo, null);
  assert.equal(found({ room: 0 }).echo, null);
  assert.equal(found({ room: 0.05 }).echo, null);
  for (const seed of [3, 11, 23, 57]) assert.equal(findEcho(speech(7, 0.1, seed), PROMPT, 1e-6), null);
});

test("a prompt of silence has no echo", () => {
  assert.equal(findEcho(noise(7, 0.01), new Float32Array(3 * RATE), 1e-4), null);
  assert.equal(findEcho(noise(7, 0.01), new Float32Array(100), 1e-4), null);
});

test("a recording shorter than a prompt is no reason to fail", () => {
  const { echo, voiceDb } = measure({ quiet: new Float32Array(0), over: noise(1, 0.001), prompt: PROMPT });
  assert.deepEqual([echo, voiceDb], [null, null]);
});

test("room noise is told in dB of full scale, and a knock does not change it", () => {
  near(found({ room: 0.01 }).noiseDb, -40, 0.7);
  const quiet = mix(1.2, { sound: noise(1.2, 0.01) }, { sound: noise(0.08, 0.9), atS: 0.5 });
  near(measure({ ...recording({}), quiet }).noiseDb, -40, 0.7);
});

test("a voice is measured over the noise of the room, without the echo", () => {
  near(found({ room: 0.001 }).voiceOverNoiseDb, 40, 3);
  near(found({ room: 0.001, echo: { delayMs: 900, db: 0 }, saidDb: -14 }).voiceOverNoiseDb, 26, 3);
  assert.equal(found({ said: new Float32Array(0), echo: { delayMs: 900, db: 0 } }).voiceDb, null);
});

test("a knock is no voice", () => {
  assert.equal(found({ said: noise(0.1, 0.3) }).voiceDb, null);
});

const clipped = (given) => {
  const parts = recording(given);
  return measure({ ...parts, over: parts.over.map((sample) => Math.max(-1, Math.min(1, sample))) });
};

test("a voice or a prompt beyond full scale clips", () => {
  assert.equal(clipped({ saidDb: 30 }).clips, "voice");
  assert.equal(clipped({ echo: { delayMs: 40, db: 30 } }).clips, "prompt");
  assert.equal(clipped({ echo: { delayMs: 40, db: -6 } }).clips, null);
});

/** @type {[string, Object, Object?][]} */
const JUDGED = [
  ["well", {}],
  ["well", { echo: { delayMs: 60, db: -20 } }],
  ["silent", { room: 0, said: new Float32Array(0) }],
  ["noisy", { room: 0.03 }],
  ["noisy", { room: 0.01, saidDb: -13 }],
  ["nobody", { said: new Float32Array(0) }],
  ["too_loud_speaker", { echo: { delayMs: 60, db: -2 }, saidDb: -14 }],
  ["late", { echo: { delayMs: 240, db: -10 } }],
  ["slow", {}, { lineMs: 500 }],
  ["unclear", {}, { heard: { number: null, sure: 0 } }],
  ["unclear", {}, { heard: { number: 56, sure: 0.3 } }],
];

for (const [wanted, given, server] of JUDGED) {
  test(`${JSON.stringify(given, (key, value) => (value instanceof Float32Array ? "none" : value))} ${JSON.stringify(server ?? {})}: ${wanted}`, () => {
    assert.equal(judged(given, server), wanted);
    assert.ok(ADVICE.includes(wanted));
  });
}

test("the most important advice comes first", () => {
  const all = {
    noiseDb: LIMITS.noiseDb + 1, peakDb: -3, clips: "voice", voiceDb: -20, voiceOverNoiseDb: 5, lineMs: 900,
    echo: { delayMs: 400, levelDb: 0, heardDb: -10 }, heard: { number: null, sure: 0 },
  };
  assert.equal(advice(all), "noisy");
  assert.equal(advice({ ...all, noiseDb: -60, voiceOverNoiseDb: 30 }), "too_near");
  assert.equal(advice({ ...all, noiseDb: -60, voiceOverNoiseDb: 30, clips: null }), "too_loud_speaker");
  assert.equal(advice({ ...all, clips: "prompt" }), "too_loud_speaker");
});
