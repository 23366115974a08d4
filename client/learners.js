// The learners that the teacher has entered, and the one chosen in this tab.

import { urlOf } from "./urls.js";

export const LEARNERS = urlOf("/learners.json");
const PATIENCE_MS = 3000;
/** How soon to ask again if the list did not come. */
export const AGAIN_MS = 5000;
export const NOBODY = Object.freeze({ learners: [], may_join: false });

/**
 * Fetches the list. Without it everyone practises as a guest: a missing list never keeps a child from starting.
 * @param {(url: string, options?: Object) => Promise<any>} [get]
 */
export async function loadLearners(get = fetch) {
  try {
    const answer = await get(LEARNERS, { signal: AbortSignal.timeout(PATIENCE_MS) });
    return answer.ok ? await answer.json() : NOBODY;
  } catch {
    return NOBODY;
  }
}

/**
 * Adds a learner. Resolves to {learner}, or to {code} of the error.
 * @param {(url: string, options?: Object) => Promise<any>} [send]
 */
export async function joinLearners(wish, send = fetch) {
  try {
    const answer = await send(LEARNERS, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(wish),
    });
    const content = await answer.json();
    return answer.ok ? { learner: content } : { code: content.code ?? "internal" };
  } catch {
    return { code: "internal" };
  }
}

/** The learner that this tab remembers, if there still is one. */
export function findLearner(learners, id) {
  return learners.find((learner) => learner.id === id) ?? null;
}

/** The classes that have learners; one class alone needs no choice. */
export function classesOf(learners) {
  const names = [...new Set(learners.map((learner) => learner.class ?? ""))].filter(Boolean).sort();
  const mixed = names.length > 1 || (names.length === 1 && learners.some((learner) => !learner.class));
  return mixed ? names : [];
}

/** `name`: a class, or null for all learners. */
export function ofClass(learners, name) {
  return name === null ? learners : learners.filter((learner) => learner.class === name);
}

/** Whether there is anything to choose. */
export function canChoose({ learners, may_join: mayJoin }) {
  return learners.length > 0 || mayJoin;
}
