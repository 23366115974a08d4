// The page's look on this device: colours, size of letters, movement. Without a choice it follows the device.

import { recall, remember } from "./preferences.js";

const KEY = "paadas.looks";
const SHEETS = {   // name of a sheet -> the media query that applies it without a choice
  dark: "(prefers-color-scheme: dark)",
  contrast: "(prefers-contrast: more), (forced-colors: active)",
  still: "(prefers-reduced-motion: reduce)",
};

/** The choices; the first of each is the default. */
export const LOOKS = {
  theme: ["device", "light", "dark", "contrast"],
  letters: ["normal", "large", "largest"],
  motion: ["device", "less"],
};

/** Replaces stored looks that the page does not know. */
export function soundLooks(stored) {
  return Object.fromEntries(Object.entries(LOOKS).map(([kind, [usual, ...others]]) =>
    [kind, others.includes(stored?.[kind]) ? stored[kind] : usual]));
}

/**
 * The media query of each sheet.
 * @param {Object<string, string>} looks
 */
export function sheetsOf({ theme, motion }) {
  return {
    dark: { light: "not all", dark: "all" }[theme] ?? SHEETS.dark,
    contrast: theme === "contrast" ? "all" : SHEETS.contrast,
    still: motion === "less" ? "all" : SHEETS.still,
  };
}

/** Applies the last choice. */
export function recallLooks() {
  const looks = soundLooks(recall(() => window.localStorage, KEY));
  wear(looks);
  return looks;
}

export function rememberLooks(looks) {
  remember(() => window.localStorage, looks, KEY);
  wear(looks);
}

function wear(looks) {
  for (const [name, media] of Object.entries(sheetsOf(looks))) {
    /** @type {NodeListOf<HTMLLinkElement>} */
    const links = document.querySelectorAll(`[data-look="${name}"]`);
    for (const link of links) link.media = media;
  }
  document.documentElement.dataset.letters = looks.letters;
}
