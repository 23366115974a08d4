import assert from "node:assert/strict";
import test from "node:test";
import { initialState, reduce } from "../../client/drill-state.js";
import { WAITS, createIdle, createVisits, placeOf, requestOf, soundSetup } from "../../client/kiosk-state.js";

const TABLES = [1, 2, 3, 10, 11, 12];
const LANGUAGES = [{ code: "mr", tables: TABLES, chants: true }, { code: "en", tables: TABLES, chants: false }];
const [MARATHI, ENGLISH] = LANGUAGES;
const DRILLS = [{ name: "calm", fixed: false }, { name: "check", fixed: true }, { name: "chant", fixed: false }];
const ASHA = { id: 7, nickname: "आशा" };

/** Timers that run when told to. */
function clock() {
  let now = 0;
  let waiting = [];
  return {
    set(action, afterMs) {
      const timer = { action, atMs: now + afterMs };
      waiting.push(timer);
      return timer;
    },
    clear(timer) { waiting = waiting.filter((each) => each !== timer); },
    pass(ms) {
      now += ms;
      const due = waiting.filter(({ atMs }) => atMs <= now);
      waiting = waiting.filter(({ atMs }) => atMs > now);
      for (const { action } of due) action();
    },
    get waiting() { return waiting.length; },
  };
}

test("the first screen is whatever it does just now, a drill is a drill", () => {
  for (const home of ["tiles", "inviting", "resting", "adult"]) assert.equal(placeOf(initialState, home), home);
  const begun = reduce(initialState, { type: "begin" });
  assert.equal(placeOf(begun, "tiles"), "drill");
  assert.equal(placeOf(reduce(begun, { type: "phase", name: "sleep" }), "tiles"), "asleep");
  assert.equal(placeOf(reduce(begun, { type: "notice", source: "connection", code: "connection_lost" }), "tiles"), "cut");
  assert.equal(placeOf(reduce(begun, { type: "finished", facts: [] }), "tiles"), "finished");
});

test("idle: pictures, invitation, rest; a touch begins anew", () => {
  const time = clock();
  const went = [];
  const idle = createIdle((to) => {
    went.push(to);
    idle.at(to);
  }, time);
  idle.at("tiles");
  time.pass(WAITS.tiles.afterMs - 1);
  idle.touched();
  time.pass(WAITS.tiles.afterMs - 1);
  assert.deepEqual(went, []);
  time.pass(1);
  time.pass(WAITS.inviting.afterMs);
  assert.deepEqual(went, ["inviting", "resting"]);
  assert.equal(time.waiting, 0);
});

test("a child who walks away is waited for, a child who practises is not hurried", () => {
  const time = clock();
  const went = [];
  const idle = createIdle((to) => went.push(to), time);
  idle.at("drill");
  time.pass(3_600_000);
  assert.deepEqual(went, []);
  for (const place of ["asleep", "cut", "finished", "adult"]) {
    idle.at(place);
    idle.at(place);   // that nothing changes does not lengthen the wait
    time.pass(WAITS[place].afterMs - 1);
    assert.deepEqual(went, []);
    time.pass(1);
    assert.deepEqual(went.splice(0), ["tiles"]);
  }
  idle.at("asleep");
  idle.at("drill");
  time.pass(3_600_000);
  assert.deepEqual(went, []);
});

test("a drill is kept for the child that left it, and for no guest", () => {
  const visits = createVisits();
  assert.equal(visits.tokenOf(ASHA), null);
  visits.keep(ASHA, "asha's");
  visits.keep(null, "somebody's");
  assert.equal(visits.tokenOf(ASHA), "asha's");
  assert.equal(visits.tokenOf({ id: 8 }), null);
  assert.equal(visits.tokenOf(null), null);
  visits.forget(null);
  visits.forget(ASHA);
  assert.equal(visits.tokenOf(ASHA), null);
});

test("without a set-up: the language of the tablet, the tables of two to ten, five minutes", () => {
  assert.deepEqual(soundSetup(null, LANGUAGES, DRILLS, ["en-IN"], "mr"), {
    language: "en", tables: [2, 3, 10], drill: "calm", length: "m5", className: null, calls: true,
  });
});

test("an adult's set-up is kept, and invalid choices are replaced", () => {
  const chosen = { language: "mr", tables: [12, 3], drill: "chant", length: "q20", className: "3 ब", calls: false };
  assert.deepEqual(soundSetup(chosen, LANGUAGES, DRILLS, ["en"], "en"), { ...chosen, tables: [3, 12] });
  const nonsense = { language: "xx", tables: [99], drill: "check", length: "endless", className: 3, calls: "no" };
  assert.deepEqual(soundSetup(nonsense, LANGUAGES, DRILLS, [], "mr"), {
    language: "mr", tables: [2, 3, 10], drill: "calm", length: "m5", className: null, calls: true,
  });
});

test("a drill of a kiosk ends by itself", () => {
  const setup = soundSetup(null, LANGUAGES, DRILLS, [], "mr");
  assert.deepEqual(requestOf(setup, ASHA, ENGLISH, DRILLS), {
    mode: "kiosk", language: "en", tables: [2, 3, 10], drill: "calm", questions: null, minutes: 5, learner: 7,
  });
  assert.equal(requestOf(setup, null, MARATHI, DRILLS).learner, null);
});

test("a class recites where the child's language can be followed, and is asked elsewhere", () => {
  const setup = soundSetup({ language: "mr", tables: [7], drill: "chant" }, LANGUAGES, DRILLS, [], "mr");
  assert.equal(requestOf(setup, null, MARATHI, DRILLS).drill, "chant");
  assert.equal(requestOf(setup, ASHA, ENGLISH, DRILLS).drill, "calm");
  assert.equal(soundSetup({ language: "en", drill: "chant" }, LANGUAGES, DRILLS, [], "mr").drill, "calm");
});
