import assert from "node:assert/strict";
import test from "node:test";
import { fillText, readDigit, writeDigits } from "../../client/digits.js";

test("numbers are written in the script of the language", () => {
  assert.equal(writeDigits(56, "deva"), "५६");
  assert.equal(writeDigits(100, "latn"), "100");
  assert.equal(writeDigits("?", "deva"), "?");
});

test("both scripts are read, and nothing else", () => {
  assert.equal(readDigit("९"), "9");
  assert.equal(readDigit("०"), "0");
  assert.equal(readDigit("7"), "7");
  for (const other of ["a", "", "12", "५६", "Enter", "٣"]) assert.equal(readDigit(other), null);
});

test("texts take numbers in their own digits, words as they are", () => {
  assert.equal(fillText("{total} पैकी {correct} बरोबर", { total: 10, correct: 8 }, "deva"), "१० पैकी ८ बरोबर");
  assert.equal(fillText("Question {number} of {count}", { number: 3, count: "∞" }, "latn"), "Question 3 of ∞");
  assert.equal(fillText("{unknown}", {}, "latn"), "{unknown}");
});
