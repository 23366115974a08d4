// The state of a class's tablet: its place, when it changes place without a touch, and its set-up.

import { LENGTHS, chooseLanguage, drillsOf } from "./preferences.js";
import { TIMERS } from "./timers.js";

const S = 1000;
const MINUTE = 60 * S;

/**
 * Where the tablet goes after a time without a touch. `inviting`: it speaks and listens. `resting`: it does nothing, and
 * the screen may go dark. `asleep`: the child of this drill has walked away. `cut`: there is no connection to the server.
 */
export const WAITS = {
  tiles: { afterMs: 45 * S, to: "inviting" },
  inviting: { afterMs: 30 * MINUTE, to: "resting" },
  asleep: { afterMs: 20 * S, to: "tiles" },
  cut: { afterMs: 90 * S, to: "tiles" },
  finished: { afterMs: 20 * S, to: "tiles" },
  adult: { afterMs: 90 * S, to: "tiles" },
};

/** `home`: the state of the first screen (tiles, inviting, resting, adult) while no drill is visible. */
export function placeOf({ screen, phase, notices }, home) {
  if (screen === "start") return home;
  if (screen === "finished") return "finished";
  if (notices.connection) return "cut";
  return phase === "sleep" ? "asleep" : "drill";
}

/** Calls `onIdle(to)` when the time of the present place is over. */
export function createIdle(onIdle, timers = TIMERS) {
  let place = null;
  let timer;

  /** Restarts the time: the tablet is in use. */
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
 * The interrupted drills by learner, only in the page's memory. The server decides whether one can be resumed. Guests
 * have none: the next guest is another child.
 */
export function createVisits() {
  const tokens = new Map();
  return {
    tokenOf: (learner) => tokens.get(learner?.id) ?? null,
    keep: (learner, token) => void (learner && tokens.set(learner.id, token)),
    forget: (learner) => void tokens.delete(learner?.id),
  };
}

/** The adult's set-up, with invalid choices replaced. */
export function soundSetup(stored, languages, drills, browserLanguages, fallback) {
  const language = chooseLanguage(languages.map(({ code }) => code), stored?.language, browserLanguages, fallback);
  const { tables: offered, ...known } = languages.find(({ code }) => code === language);
  const kept = Array.isArray(stored?.tables) ? offered.filter((table) => stored.tables.includes(table)) : [];
  return {
    language,
    // The drill chooses the facts by each child's needs.
    tables: kept.length > 0 ? kept : offered.filter((table) => table >= 2 && table <= 10),
    drill: (kioskDrills(drills, known).find(({ name }) => name === stored?.drill) ?? drills[0]).name,
    length: Object.hasOwn(LENGTHS, stored?.length) && stored.length !== "endless" ? stored.length : "m5",
    className: typeof stored?.className === "string" ? stored.className : null,
    calls: stored?.calls !== false,
  };
}

/**
 * The ways to practise of a kiosk: the others have their own tables and their own end.
 * @param {{name: string, fixed: boolean}[]} drills
 */
export const kioskDrills = (drills, language) => drillsOf(drills, language).filter(({ fixed }) => !fixed);

/** The payload of `start` for a learner, or for a guest (null). A child whose language has not the way gets the usual one. */
export function requestOf(setup, learner, language, drills) {
  const { name } = kioskDrills(drills, language).find((each) => each.name === setup.drill) ?? drills[0];
  return {
    mode: "kiosk", language: language.code, tables: setup.tables, drill: name, questions: null, minutes: null, ...LENGTHS[setup.length],
    learner: learner?.id ?? null,
  };
}
