import assert from "node:assert/strict";
import test from "node:test";
import { chip, focusChoice } from "../../client/dom.js";

test("a chip is in the page's language, unless it has one of its own", (t) => {
  globalThis.document = /** @type {any} */ ({ createElement: (tag) => ({ tag, append(...children) { this.children = children; } }) });
  t.after(() => delete globalThis.document);
  const plain = chip("radio", "theme", "dark", "Dark", true);
  assert.equal(plain.lang, undefined);   // an empty one means an unknown language
  assert.equal(chip("radio", "language", "mr", "मराठी", false, "mr").lang, "mr");
  const [input, words] = plain.children;
  assert.deepEqual([input.type, input.name, input.value, input.checked, words.children], ["radio", "theme", "dark", true, ["Dark"]]);
});

test("the keyboard goes back to the choice that was made, whatever its name, or stays where it is", () => {
  const focused = [];
  const inputs = ["3 A", '3 "B"'].map((value) => ({ name: "class", value, focus: () => focused.push(value) }));
  focusChoice({ querySelectorAll: () => inputs }, { name: "class", value: '3 "B"' });
  focusChoice({ querySelectorAll: () => inputs }, { name: "length", value: "m5" });
  assert.deepEqual(focused, ['3 "B"']);
});
