import assert from "node:assert/strict";
import test from "node:test";
import { keyFromKeyboard, pressKey } from "../../client/keypad.js";

const type = (...keys) => keys.reduce(({ entry }, key) => pressKey(entry, key), { entry: "" });

test("digits make a number, OK sends it once", () => {
  assert.deepEqual(type("5", "6"), { entry: "56", answer: null });
  assert.deepEqual(type("5", "6", "enter"), { entry: "", answer: 56 });
  assert.deepEqual(type("5", "6", "enter", "enter"), { entry: "", answer: null });
});

test("mistakes are taken back", () => {
  assert.equal(type("5", "6", "back").entry, "5");
  assert.equal(type("back").entry, "");
  assert.equal(type("5", "6", "clear").entry, "");
});

test("zero is an answer, but no beginning of one", () => {
  assert.deepEqual(type("0", "enter"), { entry: "", answer: 0 });
  assert.equal(type("0", "7").entry, "7");
});

test("no answer is longer than three digits", () => {
  assert.equal(type("1", "0", "0", "5").entry, "100");
});

test("a real keyboard works in both scripts", () => {
  assert.equal(keyFromKeyboard({ key: "५" }), "5");
  assert.equal(keyFromKeyboard({ key: "8" }), "8");
  assert.equal(keyFromKeyboard({ key: "Enter" }), "enter");
  assert.equal(keyFromKeyboard({ key: "Backspace" }), "back");
  assert.equal(keyFromKeyboard({ key: "Escape" }), "clear");
});

test("other keys and the browser's own shortcuts are left alone", () => {
  for (const key of ["a", "Tab", " ", "F5", "constructor"]) assert.equal(keyFromKeyboard({ key }), null);
  assert.equal(keyFromKeyboard({ key: "5", ctrlKey: true }), null);
  assert.equal(keyFromKeyboard({ key: "1", metaKey: true }), null);
});
