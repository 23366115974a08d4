// What a family chose last time, and which language a new visitor gets.

const KEY = "paadas.choices";
export const QUESTION_COUNTS = [10, 20, null];   // null: no end

/** The language to begin with: one remembered or one that the browser names, else the server's. */
export function chooseLanguage(known, remembered, browserLanguages, fallback) {
  const wanted = [remembered, ...browserLanguages.map((tag) => tag.toLowerCase().split("-")[0])];
  return wanted.find((code) => known.includes(code)) ?? fallback;
}

/** Choices that the page can honour, whatever was stored. */
export function soundChoices(stored, known, browserLanguages, fallback, tablesOf) {
  const language = chooseLanguage(known, stored?.language, browserLanguages, fallback);
  const offered = tablesOf(language);
  const kept = Array.isArray(stored?.tables) ? offered.filter((table) => stored.tables.includes(table)) : [];
  const tables = kept.length > 0 ? kept : offered.filter((table) => table >= 2 && table <= 5);
  const questions = QUESTION_COUNTS.includes(stored?.questions) ? stored.questions : QUESTION_COUNTS[0];
  return { language, tables: tables.length > 0 ? tables : offered, questions };
}

/** Private windows and full disks make storage throw: forgetting is better than failing. */
export function recall(storage, key = KEY) {
  try {
    return JSON.parse(storage().getItem(key));
  } catch {
    return null;
  }
}

export function remember(storage, value, key = KEY) {
  try {
    if (value === null) storage().removeItem(key);
    else storage().setItem(key, JSON.stringify(value));
  } catch { /* see recall */ }
}

/** `?seed=7` repeats the order of questions, for tests and research. */
export function readSeed(search) {
  const text = new URLSearchParams(search).get("seed");
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}
