// The logic of the keypad: the effect of each key on the digits typed so far.

import { readDigit } from "./digits.js";

const LONGEST_ANSWER = 3;

/**
 * @param {string} entry  ASCII digits typed so far
 * @param {string} key  "0".."9", "back", "clear" or "enter"
 * @returns {{entry: string, answer: number|null}}  `answer` is the number to send, once
 */
export function pressKey(entry, key) {
  if (key === "clear") return { entry: "", answer: null };
  if (key === "back") return { entry: entry.slice(0, -1), answer: null };
  if (key === "enter") return { entry: "", answer: entry === "" ? null : Number(entry) };
  const next = entry === "0" ? key : entry + key;
  return { entry: next.length > LONGEST_ANSWER ? entry : next, answer: null };
}

/**
 * The keypad's key for a key of a real keyboard, or null.
 * @param {{key: string, ctrlKey?: boolean, altKey?: boolean, metaKey?: boolean}} event
 */
export function keyFromKeyboard({ key, ctrlKey, altKey, metaKey }) {
  if (ctrlKey || altKey || metaKey) return null;
  const named = { Enter: "enter", Backspace: "back", Delete: "clear", Escape: "clear" };
  return readDigit(key) ?? (Object.hasOwn(named, key) ? named[key] : null);
}
