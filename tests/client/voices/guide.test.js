import assert from "node:assert/strict";
import test from "node:test";
import { arrange, tally } from "../../../client/voices/guide.js";

const clips = (...ids) => ids.map((id) => ({ id, url: null, hint: null }));
const order = (clips, tables) => arrange(clips, tables).map(({ id }) => id);

test("praise and questions come first, then facts of the tables in use, numbers, and the other tables", () => {
  const all = clips("correction-1", "fact-2-10", "fact-2-9", "fact-7-1", "number-10", "number-9", "praise-2", "praise-1", "question-2-3", "question-7-2");
  assert.deepEqual(order(all, [2, 3]), [
    "praise-1", "praise-2", "question-2-3", "correction-1", "fact-2-9", "fact-2-10", "number-9", "number-10", "fact-7-1", "question-7-2",
  ]);
  assert.deepEqual(order(all, [7]).slice(2, 4), ["question-7-2", "correction-1"]);
});

test("the parts of larger tables come when one of these is in use", () => {
  const parts = clips("asked-3", "left-12", "left-17", "number-204", "number-7", "praise-1", "right-3");
  assert.deepEqual(order(parts, [12]), ["praise-1", "asked-3", "left-12", "right-3", "number-7", "number-204", "left-17"]);
  assert.deepEqual(order(parts, [2]).slice(0, 2), ["praise-1", "number-7"]);
});

test("each group tells how much of it is there", () => {
  const prompts = arrange([{ id: "number-1", url: "x" }, { id: "number-2", url: null }, { id: "praise-1", url: null }], []);
  assert.deepEqual(tally(prompts), [{ group: "praise", all: 1, recorded: 0 }, { group: "number", all: 2, recorded: 1 }]);
});
