import assert from "node:assert/strict";
import test from "node:test";
import { firstState, inHand, isWhole, recordLabel, reduce, standing, told } from "../../../client/voices/booth-state.js";

const prompt = (id, url = null, hint = null) => ({ id, text: id, example: `/audio/${id}`, url, hint });
const after = (state, ...events) => events.reduce(reduce, state);
const GO = (at) => ({ type: "go", at });
const [OPENING, RECORDING, SAVING] = ["opening", "recording", "saving"].map((type) => ({ type }));
const CHANGED = (clip) => ({ type: "changed", clip });

test("it begins with the first prompt that is missing, or with the first of all", () => {
  assert.equal(firstState([prompt("a", "x"), prompt("b")]).at, 1);
  assert.equal(firstState([prompt("a", "x"), prompt("b", "y")]).at, 0);
});

test("a prompt is recorded, and the next one is in hand", () => {
  let state = firstState([prompt("a"), prompt("b")]);
  assert.deepEqual(told(state), { key: "voice_ready" });
  assert.equal(recordLabel(state), "voice_record");
  state = after(state, OPENING, RECORDING);
  assert.deepEqual(told(state), { key: "voice_speak" });
  assert.equal(recordLabel(state), "voice_stop");
  state = after(state, SAVING, CHANGED({ id: "a", url: "a.wav", hint: null }));
  assert.deepEqual(told(state), { key: "voice_good" });
  assert.equal(recordLabel(state), "voice_again");
  assert.equal(inHand(state).example, "/audio/a");
  state = after(state, GO(1));
  assert.equal(inHand(state).id, "b");
  assert.deepEqual(told(state), { key: "voice_ready" });
  assert.ok(!isWhole(state));
  state = after(state, OPENING, RECORDING, SAVING, CHANGED({ id: "b", url: "b.wav", hint: null }));
  assert.deepEqual(told(state), { key: "voice_whole" });
});

test("a hint stays with its prompt, and the prompt counts as recorded", () => {
  const state = after(firstState([prompt("a"), prompt("b")]), OPENING, RECORDING, SAVING, CHANGED({ id: "a", url: "a.wav", hint: "too quiet" }));
  assert.deepEqual(told(state), { message: "too quiet", bad: true });
  assert.deepEqual(told(after(state, GO(1), GO(0))), { message: "too quiet", bad: true });
  assert.deepEqual(state.prompts.map(standing), ["mend", "missing"]);
});

test("a trouble is shown until the next action, and earlier recordings stay", () => {
  const state = after(firstState([prompt("a", "a.wav"), prompt("b", "b.wav")]), OPENING, RECORDING, SAVING, { type: "failed", trouble: { key: "voice_offline" } });
  assert.deepEqual(told(state), { key: "voice_offline", bad: true });
  assert.equal(inHand(state).url, "a.wav");
  assert.deepEqual(told(after(state, OPENING)), { key: "voice_opening" });
  assert.deepEqual(told(after(state, { type: "failed", trouble: null })), { key: "voice_good" });
});

test("a recording is deleted", () => {
  const state = after(firstState([prompt("a", "a.wav")]), SAVING, CHANGED({ id: "a", url: null, hint: null }));
  assert.deepEqual(told(state), { key: "voice_gone" });
  assert.equal(standing(inHand(state)), "missing");
});

test("while something is under way, nothing else begins", () => {
  const state = after(firstState([prompt("a"), prompt("b")]), OPENING, RECORDING);
  assert.equal(after(state, GO(1)), state);
  assert.equal(after(state, OPENING), state);
  const saving = after(state, SAVING);
  assert.equal(after(saving, OPENING, RECORDING), saving);
});

test("after the last prompt comes the first, and before the first the last", () => {
  const state = firstState([prompt("a"), prompt("b"), prompt("c")]);
  assert.equal(after(state, GO(-1)).at, 2);
  assert.equal(after(state, GO(3)).at, 0);
});
