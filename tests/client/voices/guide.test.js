import assert from "node:assert/strict";
import test from "node:test";
import { arrange, tally } from "../../../client/voices/guide.js";

const clips = (...ids) => ids.map((id) => ({ id, url: null, hint: null }));
const order = (...given) => arrange(...given).map(({ id }) => id);

test("praise and questions come first, then facts of the tables in use, numbers, and the other tables", () => {
  const all = clips("correction-1", "fact-2-10", "fact-2-9", "fact-7-1", "number-10", "number-9", "praise-2", "praise-1", "question-2-3", "question-7-2");
  assert.deepEqual(order(all, [2, 3]), [
    "praise-1", "praise-2", "question-2-3", "correction-1", "fact-2-9", "fact-2-10", "number-9", "number-10", "fact-7-1", "question-7-2",
  ]);
  assert.deepEqual(order(all, [7]).slice(2, 4), ["question-7-2", "correction-1"]);
});

test("tables above ten are tables like others", () => {
  assert.deepEqual(order(clips("fact-12-7", "question-19-2", "praise-1"), [12]), ["praise-1", "fact-12-7", "question-19-2"]);
});

test("each group tells how much of it is there", () => {
  const prompts = arrange([{ id: "number-1", url: "x" }, { id: "number-2", url: null }, { id: "praise-1", url: null }], []);
  assert.deepEqual(tally(prompts), [{ group: "praise", all: 1, recorded: 0 }, { group: "number", all: 2, recorded: 1 }]);
});
