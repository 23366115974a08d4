import assert from "node:assert/strict";
import test from "node:test";
import { createTabs } from "../../client/tabs.js";

const until = async (condition) => {
  for (let turns = 0; !condition(); turns += 1) {
    assert.ok(turns < 10_000, "never came true");
    await new Promise((resolve) => { setTimeout(resolve, 0); });
  }
};

test("of several tabs the one that began last has the ear, and does not take it from itself", async () => {
  const taken = [];
  const channels = [1, 2].map(() => new BroadcastChannel("paadas.test"));
  const [first, second] = channels.map((channel, i) => createTabs(() => taken.push(i + 1), channel));
  first.take();
  await until(() => taken.length >= 1);
  assert.deepEqual(taken, [2]);
  second.take();
  await until(() => taken.length >= 2);
  assert.deepEqual(taken, [2, 1]);
  channels.forEach((channel) => channel.close());
});

test("an older browser without channels practises all the same", () => {
  createTabs(() => assert.fail(), null).take();
});
