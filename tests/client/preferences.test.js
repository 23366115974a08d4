import assert from "node:assert/strict";
import test from "node:test";
import { chooseLanguage, readSeed, recall, remember, soundChoices } from "../../client/preferences.js";

const KNOWN = ["mr", "hi", "en"];
const tablesOf = () => [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const sound = (stored) => soundChoices(stored, KNOWN, ["en-IN"], "mr", tablesOf);

test("the remembered language comes before the browser's, the browser's before the server's", () => {
  assert.equal(chooseLanguage(KNOWN, "hi", ["en-IN"], "mr"), "hi");
  assert.equal(chooseLanguage(KNOWN, undefined, ["de", "en-IN", "hi"], "mr"), "en");
  assert.equal(chooseLanguage(KNOWN, "tlh", ["fr"], "mr"), "mr");
});

test("whatever was stored, the choices can be played", () => {
  assert.deepEqual(sound(null), { language: "en", tables: [2, 3, 4, 5], questions: 10 });
  assert.deepEqual(sound({ language: "hi", tables: [9, 7], questions: null }), { language: "hi", tables: [7, 9], questions: null });
  assert.deepEqual(sound({ tables: [], questions: 7 }), { language: "en", tables: [2, 3, 4, 5], questions: 10 });
  assert.deepEqual(sound({ tables: "all", questions: "20" }), { language: "en", tables: [2, 3, 4, 5], questions: 10 });
  assert.deepEqual(sound({ tables: [12, 99, 3] }).tables, [3]);
});

test("storage that throws or holds nonsense is the same as an empty one", () => {
  const broken = () => { throw new Error("SecurityError"); };
  assert.equal(recall(broken), null);
  assert.doesNotThrow(() => remember(broken, { language: "mr" }));
  assert.equal(recall(() => ({ getItem: () => "{oops" })), null);
});

test("what is remembered comes back, and null forgets it", () => {
  const kept = new Map();
  const storage = () => ({
    getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value), removeItem: (key) => kept.delete(key),
  });
  remember(storage, { language: "mr" });
  assert.deepEqual(recall(storage), { language: "mr" });
  remember(storage, null);
  assert.equal(recall(storage), null);
});

test("a seed is a whole number or nothing", () => {
  assert.equal(readSeed("?seed=7"), 7);
  for (const search of ["", "?seed=", "?seed=-1", "?seed=1.5", "?seed=x", "?seed=99999999999999999999"]) assert.equal(readSeed(search), null);
});
