// The page that waits for a sleeping server, in the language chosen here. It leaves as soon as the server is back.

import { recallLooks } from "./appearance.js";
import { all } from "./dom.js";
import { loadLanguages } from "./languages.js";
import { KIOSK_KEY, chooseLanguage, recall } from "./preferences.js";
import { urlOf } from "./urls.js";

const AGAIN_MS = 2000;
const PATIENCE_MS = 4000;
const local = () => window.localStorage;

recallLooks();
speak();
wait();

async function speak() {
  const { default: fallback, languages } = await loadLanguages("/waiting.json");
  const chosen = recall(local, location.pathname.endsWith("/kiosk") ? KIOSK_KEY : undefined)?.language;
  const code = chooseLanguage(languages.map((each) => each.code), chosen, navigator.languages, fallback);
  const { ui } = languages.find((each) => each.code === code);
  document.documentElement.lang = code;
  document.title = ui.waiting_title;
  for (const node of all("[data-text]")) node.textContent = ui[node.dataset.text];
}

async function wait() {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    try {
      const answer = await fetch(urlOf("/livez"), { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
      if (answer.ok) return location.reload();
    } catch { /* not yet */ }
  }
}
