// The companion's drawing, inlined so its parts can move. The drill works without it.

import { all, setData } from "./dom.js";

const DRAWING = new URL("./companion.svg", import.meta.url);
const PLACES = ".companion-place";

/** Draws the companion at each of its places in the page. */
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
