// Fetches the page's texts, from the server's language files.

import { urlOf } from "./urls.js";

const AGAIN_MS = 1500;

/** Retries until the texts come: the page is unusable without them. */
export async function loadLanguages(path = "/languages.json") {
  for (;;) {
    try {
      const answer = await fetch(urlOf(path));
      if (answer.ok) return await answer.json();
    } catch { /* the server is starting */ }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}
