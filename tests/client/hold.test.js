import assert from "node:assert/strict";
import test from "node:test";
import { HOLD_MS, onHold } from "../../client/hold.js";

function held() {
  const listeners = {};
  const button = { dataset: {}, addEventListener: (type, action) => { listeners[type] = action; } };
  const timers = { pending: null, set: (action, ms) => { timers.pending = { action, ms }; return 1; }, clear: () => { timers.pending = null; } };
  const times = { count: 0 };
  onHold(button, () => { times.count += 1; }, timers);
  return { button, timers, times, fire: (type, event = {}) => listeners[type](event) };
}

test("a button held for long enough", () => {
  const { button, timers, times, fire } = held();
  fire("pointerdown");
  assert.equal(button.dataset.held, "yes");
  assert.equal(timers.pending.ms, HOLD_MS);
  timers.pending.action();
  assert.equal(times.count, 1);
  assert.equal(button.dataset.held, undefined);
});

test("a tap, a slip and a touch that the browser took are not enough", () => {
  for (const end of ["pointerup", "pointerleave", "pointercancel", "blur"]) {
    const { button, timers, times, fire } = held();
    fire("pointerdown");
    fire(end);
    assert.equal(timers.pending, null);
    assert.equal(button.dataset.held, undefined);
    assert.equal(times.count, 0);
  }
});

test("a key can be held, too, and its repeats do not begin anew", () => {
  const { timers, times, fire } = held();
  fire("keydown", { key: "a" });
  assert.equal(timers.pending, null);
  fire("keydown", { key: "Enter" });
  const { pending } = timers;
  fire("keydown", { key: "Enter" });
  assert.equal(timers.pending, pending);
  pending.action();
  assert.equal(times.count, 1);
  fire("keydown", { key: " " });
  fire("keyup", { key: " " });
  assert.equal(timers.pending, null);
});
