import assert from "node:assert/strict";
import test from "node:test";
import { codeOfFailure, createHealth } from "../../client/microphone-health.js";

function patient() {
  const told = [];
  const health = createHealth((code) => told.push(code));
  health.opened(false);
  const listen = (chunks, peak) => { for (let i = 0; i < chunks; i++) health.chunk(peak); };
  return { health, told, listen };
}

test("five seconds of digital silence are a muted microphone, a quiet room is not", () => {
  const { told, listen } = patient();
  listen(200, 0.0001);
  listen(83, 0);
  assert.deepEqual(told, []);
  listen(1, 0);
  assert.deepEqual(told, ["microphone_muted"]);
  listen(1, 0.01);
  assert.deepEqual(told, ["microphone_muted", null]);
});

test("muting and unmuting are told once each", () => {
  const { health, told } = patient();
  health.muted(true);
  health.muted(true);
  health.muted(false);
  assert.deepEqual(told, ["microphone_muted", null]);
});

test("unplugged outweighs muted, until another one opens", () => {
  const { health, told } = patient();
  health.muted(true);
  health.failed("microphone_lost");
  assert.equal(health.needsReopening, true);
  health.opened(false);
  assert.deepEqual(told, ["microphone_muted", "microphone_lost", null]);
  assert.equal(health.needsReopening, false);
});

test("a microphone that is muted from the start is told", () => {
  const told = [];
  createHealth((code) => told.push(code)).opened(true);
  assert.deepEqual(told, ["microphone_muted"]);
});

test("a refusal is not the same as a missing microphone", () => {
  assert.equal(codeOfFailure({ name: "NotAllowedError" }), "permission_denied");
  assert.equal(codeOfFailure({ name: "NotFoundError" }), "no_microphone");
  assert.equal(codeOfFailure({ name: "NotReadableError" }), "microphone_busy");
  assert.equal(codeOfFailure({ name: "NotFoundError" }, true), "microphone_lost");
});
