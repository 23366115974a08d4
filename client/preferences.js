// What a family chose last time, and which language a new visitor gets.

const KEY = "paadas.choices";
/** Where the set-up of a kiosk is kept. */
export const KIOSK_KEY = "paadas.kiosk";
/** The tables to begin with, where nobody has chosen any on this device. */
export const FIRST_TABLES = [2, 3, 4, 5];
/** How long a drill may last, by the name that is remembered. */
export const LENGTHS = {
  q10: { questions: 10 }, q20: { questions: 20 }, m2: { minutes: 2 }, m5: { minutes: 5 }, m10: { minutes: 10 }, endless: {},
};

/** The language to begin with: one remembered or one that the browser names, else the server's. */
export function chooseLanguage(known, remembered, browserLanguages, fallback) {
  const wanted = [remembered, ...browserLanguages.map((tag) => tag.toLowerCase().split("-")[0])];
  return wanted.find((code) => known.includes(code)) ?? fallback;
}

/**
 * Choices that the page can honour, whatever was stored.
 * @param {{code: string, chants?: boolean, tables: number[], lines: number[], voices: {id: string}[]}[]} languages @param {{name: string}[]} drills the ways to practise, the usual one first
 */
export function soundChoices(stored, languages, drills, browserLanguages, fallback) {
  const language = chooseLanguage(languages.map(({ code }) => code), stored?.language, browserLanguages, fallback);
  const { tables: offered, lines: offeredLines, chants } = languages.find(({ code }) => code === language);
  const kept = Array.isArray(stored?.tables) ? offered.filter((table) => stored.tables.includes(table)) : [];
  const tables = kept.length > 0 ? kept : offered.filter((table) => FIRST_TABLES.includes(table));
  const known = drills.find(({ name }) => name === stored?.drill && (name !== "chant" || chants)) ?? drills[0];
  const length = Object.hasOwn(LENGTHS, stored?.length) ? stored.length : "q10";
  const lines = offeredLines.includes(stored?.lines) ? stored.lines : offeredLines[0];
  return { language, tables: tables.length > 0 ? tables : offered, drill: known.name, length, lines, voices: soundVoices(stored?.voices, languages) };
}

/** The chosen voice of each language where one was chosen that there is still; the first of a language is the usual one. */
export function soundVoices(stored, languages) {
  return Object.fromEntries(languages.flatMap(({ code, voices: [, ...others] }) =>
    others.filter(({ id }) => id === stored?.[code]).map(({ id }) => [code, id])));
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
