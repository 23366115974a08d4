// The companion's drawing, put into the page so that its parts can move. Without it the drill goes on.

import { all, setData } from "./dom.js";

const DRAWING = new URL("./companion.svg", import.meta.url);
const PLACES = ".companion-place";

/** Draws the companion wherever the page has a place for it. */
export async function drawCompanion(get = fetch) {
  try {
    const answer = await get(DRAWING);
    const { documentElement } = new DOMParser().parseFromString(await answer.text(), "image/svg+xml");
    documentElement.setAttribute("aria-hidden", "true");
    for (const place of document.querySelectorAll(PLACES)) place.replaceChildren(document.importNode(documentElement, true));
  } catch { /* see above */ }
}

export function showMood(mood) {
  setData(document.body, "mood", mood);
}

/** `level`: 0 to 1, how loud it is. */
export function showLoudness(level) {
  for (const drawing of all(`${PLACES} > svg`)) drawing.style.setProperty("--level", level.toFixed(2));
}
