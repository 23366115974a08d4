// What a tablet of a class knows: where it is, after how long without anybody it goes elsewhere, and how it is set up.

import { LENGTHS, chooseLanguage } from "./preferences.js";
import { TIMERS } from "./timers.js";

const S = 1000;
const MINUTE = 60 * S;

/**
 * Where the tablet goes when nobody touches it for a while. `inviting`: it speaks and listens. `resting`: it does nothing,
 * so that its screen may go dark. `asleep`: the child of this drill has walked away. `cut`: there is no line to the server.
 */
export const WAITS = {
  tiles: { afterMs: 45 * S, to: "inviting" },
  inviting: { afterMs: 30 * MINUTE, to: "resting" },
  asleep: { afterMs: 20 * S, to: "tiles" },
  cut: { afterMs: 90 * S, to: "tiles" },
  finished: { afterMs: 20 * S, to: "tiles" },
  adult: { afterMs: 90 * S, to: "tiles" },
};

/** `home`: what the first screen does (tiles, inviting, resting, adult) while no drill is in sight. */
export function placeOf({ screen, phase, notices }, home) {
  if (screen === "start") return home;
  if (screen === "finished") return "finished";
  if (notices.connection) return "cut";
  return phase === "sleep" ? "asleep" : "drill";
}

/** Calls `onIdle(to)` when the time of a place is over. */
export function createIdle(onIdle, timers = TIMERS) {
  let place = null;
  let timer;

  /** Somebody is there. */
  function touched() {
    timers.clear(timer);
    const wait = WAITS[place];
    if (wait) timer = timers.set(() => onIdle(wait.to), wait.afterMs);
  }

  return {
    touched,
    at(next) {
      if (next === place) return;
      place = next;
      touched();
    },
  };
}

/**
 * The drills that children have walked away from, by learner, in the memory of the page alone. The server decides whether
 * one can still be gone on with. Guests have none: the next guest is somebody else.
 */
export function createVisits() {
  const tokens = new Map();
  return {
    tokenOf: (learner) => tokens.get(learner?.id) ?? null,
    keep: (learner, token) => void (learner && tokens.set(learner.id, token)),
    forget: (learner) => void tokens.delete(learner?.id),
  };
}

/** The set-up that an adult chose, as far as it can be honoured. */
export function soundSetup(stored, languages, browserLanguages, fallback) {
  const language = chooseLanguage(languages.map(({ code }) => code), stored?.language, browserLanguages, fallback);
  const offered = languages.find(({ code }) => code === language).tables;
  const kept = Array.isArray(stored?.tables) ? offered.filter((table) => stored.tables.includes(table)) : [];
  return {
    language,
    // Which facts of them come is the drill's choice, by what each child needs.
    tables: kept.length > 0 ? kept : offered.filter((table) => table >= 2 && table <= 10),
    length: Object.hasOwn(LENGTHS, stored?.length) && stored.length !== "endless" ? stored.length : "m5",
    className: typeof stored?.className === "string" ? stored.className : null,
    calls: stored?.calls !== false,
  };
}

/** What `start` says for a learner, or for a guest (null). */
export function requestOf(setup, learner, language, drill) {
  return {
    mode: "kiosk", language, tables: setup.tables, drill, questions: null, minutes: null, ...LENGTHS[setup.length],
    learner: learner?.id ?? null,
  };
}
