import assert from "node:assert/strict";
import test from "node:test";
import { LOOKS, sheetsOf, soundLooks } from "../../client/appearance.js";

const USUAL = { theme: "device", letters: "normal", motion: "device" };

test("whatever was stored, the page can wear it", () => {
  for (const stored of [null, undefined, "dark", { theme: "pink", letters: 3, motion: null }, { theme: "toString" }]) {
    assert.deepEqual(soundLooks(stored), USUAL);
  }
  assert.deepEqual(soundLooks({ theme: "dark", letters: "largest", motion: "less" }), { theme: "dark", letters: "largest", motion: "less" });
});

test("without a choice the look follows the device", () => {
  assert.deepEqual(sheetsOf(USUAL), {
    dark: "(prefers-color-scheme: dark)", contrast: "(prefers-contrast: more), (forced-colors: active)", still: "(prefers-reduced-motion: reduce)",
  });
});

test("a theme that was chosen holds whatever the device wants", () => {
  const dark = Object.fromEntries(LOOKS.theme.map((theme) => [theme, sheetsOf({ ...USUAL, theme }).dark]));
  assert.deepEqual([dark.light, dark.dark, dark.contrast], ["not all", "all", "(prefers-color-scheme: dark)"]);
  assert.equal(sheetsOf({ ...USUAL, theme: "contrast" }).contrast, "all");
  assert.equal(sheetsOf({ ...USUAL, motion: "less" }).still, "all");
});
