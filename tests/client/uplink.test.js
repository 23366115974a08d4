import assert from "node:assert/strict";
import test from "node:test";
import { createUplink } from "../../client/uplink.js";

function fakeLine() {
  const sent = [];
  const clock = { ms: 100000 };
  const uplink = createUplink((seq, capturedMs) => sent.push([seq, capturedMs]), () => clock.ms);
  const chunk = (capturedMs, ageMs) => {
    clock.ms += 60;
    uplink.chunk({ pcm: new ArrayBuffer(1920), capturedMs, ageMs });
  };
  return { uplink, chunk, sent, clock };
}

test("full duplex: all goes out from the start of the drill to its end, prompt or not", () => {
  const { uplink, chunk, sent } = fakeLine();
  chunk(0);
  uplink.begin("full");
  chunk(60);            // the first prompt plays
  uplink.open();
  chunk(120);
  uplink.close();       // the next one
  chunk(180);
  assert.equal(uplink.isOpen, false, "though it is sent, it is not the child's turn");
  uplink.stop();
  chunk(240);
  assert.deepEqual(sent.map(([seq]) => seq), [0, 1, 2]);
  assert.deepEqual(sent.map(([, ms]) => ms - sent[0][1]), [0, 60, 120]);
});

test("after a lost line the resumed drill is full duplex again, and its numbers run on", () => {
  const { uplink, chunk, sent } = fakeLine();
  uplink.begin("full");
  chunk(0);
  uplink.stop();
  chunk(60);
  uplink.begin("full");
  chunk(120);
  assert.deepEqual(sent.map(([seq]) => seq), [0, 1]);
});

test("a server that says nothing of it, or half, gets nothing during prompts", () => {
  for (const duplex of [undefined, "half"]) {
    const { uplink, chunk, sent } = fakeLine();
    uplink.begin("full");
    uplink.restart();      // another drill, on another server
    uplink.begin(duplex);
    chunk(0);
    uplink.open();
    chunk(60);
    uplink.close();
    chunk(120);
    assert.equal(sent.length, 1, duplex);
    assert.equal(uplink.isFull, false);
  }
});

test("half duplex: nothing goes out while a prompt plays, and numbers do not run on meanwhile", () => {
  const { uplink, chunk, sent } = fakeLine();
  chunk(0);
  uplink.open();
  chunk(60);
  chunk(120);
  uplink.close();
  chunk(180);
  uplink.open();
  chunk(240);
  assert.deepEqual(sent.map(([seq]) => seq), [0, 1, 2]);
  assert.deepEqual(sent.map(([, ms]) => ms - sent[0][1]), [0, 60, 180], "time runs on");
});

test("capture time survives an audio clock that stood still or began anew", () => {
  const { uplink, chunk, sent, clock } = fakeLine();
  uplink.open();
  chunk(5000);
  clock.ms += 10000;   // a phone call: the audio clock stood still
  uplink.resync();
  chunk(5060);
  uplink.resync();     // another microphone: the audio clock is a new one
  chunk(0);
  const times = sent.map(([, ms]) => ms);
  assert.ok(times[1] - times[0] >= 10000);
  assert.equal(times[2] - times[1], 60);
});

test("times never go back, whatever the clocks do", () => {
  const { uplink, chunk, sent, clock } = fakeLine();
  uplink.open();
  chunk(1000);
  clock.ms -= 5000;
  uplink.resync();
  chunk(1060);
  assert.ok(sent[1][1] > sent[0][1]);
});

test("a new drill counts from zero with a closed microphone", () => {
  const { uplink, chunk, sent } = fakeLine();
  uplink.open();
  chunk(0);
  uplink.restart();
  chunk(60);
  uplink.open();
  chunk(120);
  assert.deepEqual(sent.map(([seq]) => seq), [0, 0]);
});

test("a stale chunk is not sent, and leaves a gap that the server can see", () => {
  const { uplink, chunk, sent } = fakeLine();
  uplink.open();
  chunk(0, 0);
  for (const [capturedMs, ageMs] of [[60, 2900], [120, 2840], [180, 1001]]) chunk(capturedMs, ageMs);
  chunk(240, 1000);
  chunk(300, -5);
  assert.deepEqual(sent.map(([seq]) => seq), [0, 4, 5]);
});
