// The recording booth's state as a pure function of events, without times and sounds.

/**
 * prompts: {id, text, example, url, hint, group}, `url` null without a recording, `hint` null if all is well.
 * at: the present prompt. phase: ready, opening (the microphone), recording, saving.
 * news: the last result: "recorded", "deleted", {key} or {message} of a trouble, or null.
 */
export function firstState(prompts) {
  const missing = prompts.findIndex(({ url }) => url === null);
  return { prompts, at: Math.max(0, missing), phase: "ready", news: null };
}

export function reduce(state, event) {
  const { prompts, at } = state;
  switch (event.type) {
    case "go":
      return state.phase === "ready" ? { ...state, at: (event.at + prompts.length) % prompts.length, news: null } : state;
    case "opening":
      return state.phase === "ready" ? { ...state, phase: "opening", news: null } : state;
    case "recording":
      return state.phase === "opening" ? { ...state, phase: "recording" } : state;
    case "saving":
      return { ...state, phase: "saving" };
    case "changed": {     // the prompt as the server has it now
      const changed = prompts.map((prompt, i) => (i === at ? { ...prompt, ...event.clip } : prompt));
      return { prompts: changed, at, phase: "ready", news: event.clip.url === null ? "deleted" : "recorded" };
    }
    case "failed":
      return { ...state, phase: "ready", news: event.trouble };
    default:
      throw new Error(`no such event: ${event.type}`);
  }
}

export const inHand = ({ prompts, at }) => prompts[at];
export const isWhole = ({ prompts }) => prompts.every(({ url }) => url !== null);

/** A prompt's mark in the list. */
export const standing = ({ url, hint }) => (url === null ? "missing" : hint === null ? "done" : "mend");

/** The line below the prompt: a text by its `key`, or the `message` itself; `bad` if the speaker must act. */
export function told(state) {
  const { phase, news } = state;
  if (phase === "opening") return { key: "voice_opening" };
  if (phase === "recording") return { key: "voice_speak" };
  if (phase === "saving") return { key: "voice_saving" };
  if (news?.key || news?.message) return { ...news, bad: true };
  if (news === "deleted") return { key: "voice_gone" };
  const { url, hint } = inHand(state);
  if (hint !== null) return { message: hint, bad: true };
  if (news === "recorded") return { key: isWhole(state) ? "voice_whole" : "voice_good" };
  return { key: url === null ? "voice_ready" : "voice_good" };
}

export function recordLabel(state) {
  if (state.phase === "recording") return "voice_stop";
  return inHand(state).url === null ? "voice_record" : "voice_again";
}
