// The choices stored on this device, and the language of a new visitor.

const KEY = "paadas.choices";
/** The storage key of a kiosk's set-up. */
export const KIOSK_KEY = "paadas.kiosk";
/** The default tables. */
export const FIRST_TABLES = [2, 3, 4, 5];
/** The lengths of a drill, by the stored name. */
export const LENGTHS = {
  q10: { questions: 10 }, q20: { questions: 20 }, m2: { minutes: 2 }, m5: { minutes: 5 }, m10: { minutes: 10 }, endless: {},
};

/** The first language: the stored one, one that the browser names, or the server's. */
export function chooseLanguage(known, remembered, browserLanguages, fallback) {
  const wanted = [remembered, ...browserLanguages.map((tag) => tag.toLowerCase().split("-")[0])];
  return wanted.find((code) => known.includes(code)) ?? fallback;
}

/** The name of the recitation of a whole table. It takes one table at a time, and a recogniser that follows chants. */
export const CHANT = "chant";

/**
 * The ways to practise in a language.
 * @template {{name: string}} Drill @param {Drill[]} drills @param {{chants?: boolean}} language @returns {Drill[]}
 */
export const drillsOf = (drills, { chants }) => drills.filter(({ name }) => name !== CHANT || chants);

/** The chosen tables: for a recitation the one that was tapped last, or the first. */
export function pickedTables(data, { name, checked, value }) {
  const picked = data.getAll("tables").map(Number);
  if (data.get("drill") !== CHANT) return picked;
  return name === "tables" && checked ? [Number(value)] : picked.slice(0, 1);
}

/**
 * Replaces stored choices that are no longer valid.
 * @param {{code: string, chants?: boolean, tables: number[], lines: number[], voices: {id: string}[]}[]} languages @param {{name: string}[]} drills the ways to practise, the usual one first
 */
export function soundChoices(stored, languages, drills, browserLanguages, fallback) {
  const language = chooseLanguage(languages.map(({ code }) => code), stored?.language, browserLanguages, fallback);
  const known = languages.find(({ code }) => code === language);
  const { tables: offered, lines: offeredLines } = known;
  const kept = Array.isArray(stored?.tables) ? offered.filter((table) => stored.tables.includes(table)) : [];
  const tables = kept.length > 0 ? kept : offered.filter((table) => FIRST_TABLES.includes(table));
  const drill = drillsOf(drills, known).find(({ name }) => name === stored?.drill) ?? drills[0];
  const length = Object.hasOwn(LENGTHS, stored?.length) ? stored.length : "q10";
  const lines = offeredLines.includes(stored?.lines) ? stored.lines : offeredLines[0];
  return { language, tables: tables.length > 0 ? tables : offered, drill: drill.name, length, lines, voices: soundVoices(stored?.voices, languages) };
}

/** The chosen voice of each language if it still exists; the first of a language is the default. */
export function soundVoices(stored, languages) {
  return Object.fromEntries(languages.flatMap(({ code, voices: [, ...others] }) =>
    others.filter(({ id }) => id === stored?.[code]).map(({ id }) => [code, id])));
}

/** Storage throws in private windows and on full disks: then choices are not kept. */
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
