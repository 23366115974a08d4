import assert from "node:assert/strict";
import test from "node:test";

let Capture;
globalThis.AudioWorkletProcessor = class {
  constructor() {
    this.sent = [];
    this.port = { postMessage: (message) => this.sent.push(message) };
  }
};
globalThis.registerProcessor = (name, made) => { Capture = made; };
await import(new URL("../../client/capture-worklet.js", import.meta.url).href);   // no module: it has no types to offer

const HALF = (rate) => (rate === 16000 ? 0 : Math.ceil(24 * Math.max(1, rate / 16000)));   // the filter's reach, in input samples

/** Feeds `signal(i)` for `seconds` and returns what came out: {samples, messages}. */
function capture(rate, seconds, signal, { blocks = [128], channels = 1, startS = 0, outRate = null } = {}) {
  globalThis.sampleRate = rate;
  globalThis.currentTime = startS;
  const processor = new Capture(outRate && { processorOptions: { rate: outRate } });
  const total = Math.round(rate * seconds);
  for (let at = 0, turn = 0; at < total; turn++) {
    const frames = Math.min(blocks[turn % blocks.length], total - at);
    const input = Array.from({ length: channels }, (_, c) => Float32Array.from({ length: frames }, (_, i) => signal(at + i, c)));
    globalThis.currentTime = startS + at / rate;
    assert.equal(processor.process([input]), true);
    at += frames;
  }
  const messages = processor.sent;
  const samples = messages.flatMap(({ pcm }) => Array.from(new Int16Array(pcm)));
  return { samples, messages, processor };
}

const tone = (hz, rate, amplitude = 0.5) => (i) => amplitude * Math.sin((2 * Math.PI * hz * i) / rate);
const rms = (samples) => Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);
const decibels = (ratio) => 20 * Math.log10(ratio);

for (const rate of [16000, 44100, 48000, 96000, 22050, 8000]) {
  test(`${rate} Hz: every output sample is made once, in chunks of 960`, () => {
    const seconds = 1.03;
    const { messages, processor } = capture(rate, seconds, tone(300, rate));
    const inputs = Math.round(rate * seconds);
    const expected = Math.ceil(((inputs - HALF(rate)) * 16000) / rate);
    assert.equal(messages.length * 960 + processor.filled, expected);
    for (const { pcm } of messages) assert.equal(pcm.byteLength, 1920);
  });
}

for (const rate of [16000, 44100, 48000]) {
  test(`${rate} Hz: a 1 kHz tone keeps its pitch, loudness and phase`, () => {
    const { samples } = capture(rate, 1, tone(1000, rate));
    const middle = samples.slice(1600, 11200);
    middle.forEach((sample, i) => {
      const ideal = 32768 * 0.5 * Math.sin((2 * Math.PI * 1000 * (i + 1600)) / 16000);
      assert.ok(Math.abs(sample - ideal) < 12, `sample ${i}: ${sample} for ${ideal}`);
    });
  });

  test(`${rate} Hz: a ramp comes out a ramp`, () => {
    const { samples } = capture(rate, 0.5, (i) => (0.8 * i) / (rate * 0.5));
    const perSample = (0.8 * 32768) / 8000;
    for (let i = 200; i < samples.length; i++) assert.ok(Math.abs(samples[i] - i * perSample) < 2, `sample ${i}`);
  });

  test(`${rate} Hz: block sizes change nothing`, () => {
    const even = capture(rate, 0.6, tone(777, rate)).samples;
    const odd = capture(rate, 0.6, tone(777, rate), { blocks: [1, 127, 128, 3, 509, 64] }).samples;
    assert.deepEqual(odd, even);
  });
}

for (const [hz, rate] of [[11000, 48000], [9000, 48000], [15000, 44100], [20000, 96000]]) {
  test(`a ${hz} Hz tone at ${rate} Hz does not fold into speech`, () => {
    const { samples } = capture(rate, 1, tone(hz, rate, 0.9));
    const loudness = decibels(rms(samples.slice(960, -960)) / (0.9 * 32768 * Math.SQRT1_2) + 1e-9);
    assert.ok(loudness < -60, `${loudness} dB`);
  });
}

test("the upper sounds of speech pass: 6.5 kHz loses less than 1 dB", () => {
  const { samples } = capture(48000, 1, tone(6500, 48000));
  assert.ok(Math.abs(decibels(rms(samples.slice(960, 9600)) / (0.5 * 32768 * Math.SQRT1_2))) < 1);
});

test("at 16 kHz the samples are untouched, to the bit", () => {
  const { samples } = capture(16000, 0.06, (i) => ((i * 37) % 65536 - 32768) / 32768);
  samples.forEach((sample, i) => assert.equal(sample, ((i * 37) % 65536) - 32768));
});

test("too loud saturates and does not wrap around", () => {
  const { samples } = capture(16000, 0.12, (i) => (i % 2 === 0 ? 3 : -3));
  assert.deepEqual([...new Set(samples)].sort((a, b) => a - b), [-32768, 32767]);
});

test("channels are mixed", () => {
  const { samples } = capture(16000, 0.06, (i, channel) => (channel === 0 ? 0.5 : -0.25), { channels: 2 });
  assert.ok(samples.every((sample) => sample === 4096));
});

for (const rate of [16000, 44100, 48000]) {
  test(`${rate} Hz: chunks carry the time of their first sample`, () => {
    const { messages } = capture(rate, 0.7, tone(300, rate), { startS: 5 });
    const times = messages.map(({ capturedMs }) => capturedMs);
    times.forEach((ms, i) => {
      assert.ok(Number.isInteger(ms));
      assert.ok(Math.abs(ms - (5000 + 60 * i)) <= 1, `chunk ${i} at ${ms}`);
    });
  });
}

test("time never runs backwards, even when the audio clock does", () => {
  globalThis.sampleRate = 16000;
  const processor = new Capture();
  for (const at of [1, 1, 0.5, 0.2]) {
    globalThis.currentTime = at;
    processor.process([[new Float32Array(960)]]);
  }
  const times = processor.sent.map(({ capturedMs }) => capturedMs);
  assert.deepEqual(times, [1000, 1001, 1002, 1003]);
});

test("loudness and peak go with each chunk; a muted microphone has none", () => {
  const loud = capture(16000, 0.06, (i) => (i % 2 === 0 ? 0.5 : -0.5)).messages[0];
  assert.ok(Math.abs(loud.rms - 0.5) < 1e-6);
  assert.equal(loud.peak, 0.5);
  const dead = capture(48000, 0.2, () => 0).messages[0];
  assert.equal(dead.peak, 0);
});

test("no input is no error, and stop ends it", () => {
  globalThis.sampleRate = 48000;
  const processor = new Capture();
  assert.equal(processor.process([[]]), true);
  assert.equal(processor.process([]), true);
  processor.port.onmessage({ data: "stop" });
  assert.equal(processor.process([[new Float32Array(128)]]), false);
});

for (const rate of [24000, 44100, 48000]) {
  test(`from ${rate} Hz comes another rate where one is wanted`, () => {
    const { messages, samples } = capture(rate, 1.2, tone(1000, rate), { outRate: 24000 });
    for (const { pcm } of messages) assert.equal(pcm.byteLength, 2 * 1440);   // 60 ms
    const steady = samples.slice(2400, 2400 + 14400);
    const bin = (hz) => Math.hypot(...[Math.cos, Math.sin].map((wave) =>
      steady.reduce((sum, x, i) => sum + x * wave((2 * Math.PI * hz * i) / 24000), 0)));
    assert.ok(bin(1000) > 100 * bin(1500));
    assert.ok(Math.abs(decibels(rms(steady) / (0.5 * 32767 / Math.SQRT2))) < 0.1);
  });
}
