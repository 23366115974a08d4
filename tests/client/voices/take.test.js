import assert from "node:assert/strict";
import test from "node:test";
import { CHUNK_MS, isOver, wavOf } from "../../../client/voices/take.js";

const lasting = (ms, level) => Array.from({ length: Math.round(ms / CHUNK_MS) }, (_, i) => level * (1 + 0.1 * Math.sin(i)));
/** When a recording of these levels ends, in ms; null: not yet. */
function ends(levels) {
  const at = levels.findIndex((_, i) => isOver(levels.slice(0, i + 1)));
  return at < 0 ? null : (at + 1) * CHUNK_MS;
}

for (const [room, voice] of [[0.0002, 0.05], [0.002, 0.05], [0.01, 0.06], [0.0001, 0.004], [0, 0.1]]) {
  test(`a voice of ${voice} in a room of ${room} ends after its silence`, () => {
    const at = ends([...lasting(600, room), ...lasting(900, voice), ...lasting(3000, room)]);
    assert.ok(at >= 2600 && at <= 2880, `${at} ms`);
  });
}

test("it also ends if the speaker begins at once", () => {
  assert.ok(ends([...lasting(900, 0.05), ...lasting(2000, 0.001)]) <= 2220);
});

test("a pause between two sentences is no end", () => {
  assert.equal(ends([...lasting(300, 0.001), ...lasting(700, 0.05), ...lasting(900, 0.001), ...lasting(700, 0.05)]), null);
});

test("silence and a single knock are no speech", () => {
  assert.equal(ends(lasting(7000, 0.0005)), null);
  assert.equal(ends([...lasting(1000, 0.0005), 0.3, ...lasting(4000, 0.0005)]), null);
});

test("after eight seconds it is over in any case", () => {
  const at = ends(lasting(9000, 0.0005));
  assert.ok(at <= 7920 && at > 7700, `${at} ms`);
});

test("a WAV file is sent", async () => {
  const wav = new DataView(await wavOf([new Int16Array([1, -2]).buffer, new Int16Array([3]).buffer], 24000).arrayBuffer());
  const text = (at) => String.fromCharCode(...Array.from({ length: 4 }, (_, i) => wav.getUint8(at + i)));
  assert.deepEqual([0, 8, 12, 36].map(text), ["RIFF", "WAVE", "fmt ", "data"]);
  assert.deepEqual([wav.getUint32(4, true), wav.getUint32(24, true), wav.getUint32(40, true)], [42, 24000, 6]);
  assert.deepEqual([44, 46, 48].map((at) => wav.getInt16(at, true)), [1, -2, 3]);
});
