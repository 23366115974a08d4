import assert from "node:assert/strict";
import test from "node:test";
import { LENGTHS, pickedTables, chooseLanguage, readSeed, recall, remember, soundChoices } from "../../client/preferences.js";

const KNOWN = ["mr", "hi", "en"];
const LANGUAGES = KNOWN.map((code) => ({
  code, tables: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], lines: [10, 12], voices: [{ id: "usual" }, { id: `aai-${code}` }],
}));
const DRILLS = [{ name: "calm" }, { name: "check" }];
const USUAL = { language: "en", tables: [2, 3, 4, 5], drill: "calm", length: "q10", lines: 10, voices: {} };
const sound = (stored) => soundChoices(stored, LANGUAGES, DRILLS, ["en-IN"], "mr");

test("the remembered language comes before the browser's, the browser's before the server's", () => {
  assert.equal(chooseLanguage(KNOWN, "hi", ["en-IN"], "mr"), "hi");
  assert.equal(chooseLanguage(KNOWN, undefined, ["de", "en-IN", "hi"], "mr"), "en");
  assert.equal(chooseLanguage(KNOWN, "tlh", ["fr"], "mr"), "mr");
});

test("whatever was stored, the choices can be played", () => {
  assert.deepEqual(sound(null), USUAL);
  const kept = { language: "hi", tables: [7, 9], drill: "check", length: "endless", lines: 12, voices: { mr: "aai-mr" } };
  assert.deepEqual(sound({ ...kept, tables: [9, 7] }), kept);
  assert.deepEqual(sound({ tables: [], drill: "race", length: "q7", lines: 11 }), USUAL);
  assert.deepEqual(sound({ tables: "all", drill: null, length: "toString" }), USUAL);
  assert.deepEqual(sound({ language: "mr", tables: [2, 3, 4, 5], questions: 20 }), { ...USUAL, language: "mr" });   // an older page's
  assert.deepEqual(sound({ voices: { en: "aai-mr", hi: "usual", tlh: "aai-en" } }), USUAL);   // deleted, standard, unknown language
  assert.deepEqual(sound({ voices: "aai-en" }), USUAL);
  assert.deepEqual(sound({ tables: [12, 99, 3] }).tables, [3]);
});

test("tables are recited only in a language whose recogniser follows them", () => {
  const drills = [...DRILLS, { name: "chant" }];
  const languages = LANGUAGES.map((language) => ({ ...language, chants: language.code !== "en" }));
  const chosen = (language) => soundChoices({ language, drill: "chant" }, languages, drills, [], "mr").drill;
  assert.equal(chosen("hi"), "chant");
  assert.equal(chosen("en"), "calm");
});

test("storage that throws or holds nonsense is the same as an empty one", () => {
  const broken = () => { throw new Error("SecurityError"); };
  assert.equal(recall(broken), null);
  assert.doesNotThrow(() => remember(broken, { language: "mr" }));
  assert.equal(recall(() => ({ getItem: () => "{oops" })), null);
});

test("a stored value comes back, and null deletes it", () => {
  const kept = new Map();
  const storage = () => ({
    getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value), removeItem: (key) => kept.delete(key),
  });
  remember(storage, { language: "mr" });
  assert.deepEqual(recall(storage), { language: "mr" });
  remember(storage, null);
  assert.equal(recall(storage), null);
});

test("a drill ends by questions or by minutes or not at all", () => {
  assert.deepEqual(Object.values(LENGTHS).map(({ questions, minutes }) => [questions, minutes].filter(Boolean).length), [1, 1, 1, 1, 1, 0]);
});

test("a seed is a whole number or nothing", () => {
  assert.equal(readSeed("?seed=7"), 7);
  for (const search of ["", "?seed=", "?seed=-1", "?seed=1.5", "?seed=x", "?seed=99999999999999999999"]) assert.equal(readSeed(search), null);
});

test("one table at a time is recited: the one that was tapped last", () => {
  const data = new FormData();
  for (const table of [3, 7, 9]) data.append("tables", String(table));
  data.set("drill", "calm");
  assert.deepEqual(pickedTables(data, { name: "tables", checked: true, value: "7" }), [3, 7, 9]);
  data.set("drill", "chant");
  assert.deepEqual(pickedTables(data, { name: "tables", checked: true, value: "7" }), [7]);
  assert.deepEqual(pickedTables(data, { name: "drill", checked: undefined, value: "chant" }), [3]);
});
