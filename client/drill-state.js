// What the page shows, as a pure function of what happened: reduce(state, event) -> state.
// Wire events keep their protocol names; "clip", "played", "entry", "begin", "home" and "notice" are the page's own.

/**
 * @typedef {{left: number, right: number, answer: number|null, digits: "deva"|"latn"}} Show
 * @typedef {{kind: "correct"|"wrong"|"unsure"|"silence", heard: number|null, appealable: boolean,
 *            left: number, right: number, answer: number|null, digits: string}} Verdict   `answer`: null while it must not be given away
 */

/**
 * @typedef {{
 *   screen: "start"|"drill"|"finished", phase: string, playing: number|null, listening: boolean, show: Show|null,
 *   next: {show: Show, question: Object|null, atMs: number}|null, question: {number: number, count: number|null}|null,
 *   timeGone: number|null, score: {correct: number, total: number}, told: boolean, answerMs: number|null, caption: string,
 *   heard: {value: number|null, text: string}|null, verdict: Verdict|null, waiting: boolean, fresh: boolean, entry: string,
 *   ladder: {lines: {left: number, right: number, answer: number, mark: string}[], current: number|null, digits: string}|null,
 *   facts: Object[], stronger: Object[], unheard: Object[], placed: Object[],
 *   notices: Object<string, {code: string, message: string|null, read: boolean}>}} State
 */

/** @type {Readonly<State>} */
export const initialState = Object.freeze({
  screen: "start",        // start, drill or finished
  phase: "locked",        // the server's word for where the dialogue is
  playing: null,          // id of the `say` whose clips can be heard
  listening: false,
  show: null,
  next: null,             // {show, question, atMs}: the next question, held back until the clips before it have been spoken
  question: null,         // {number, count}
  timeGone: null,         // which part of a session that ends by the clock is over, 0 to 1
  score: { correct: 0, total: 0 },
  told: true,             // whether the child is told at once how it goes, or at the end
  answerMs: null,         // how long the child has, where a clock is to be shown
  caption: "",
  heard: null,            // {value, text}: what the recogniser believes while the child speaks
  verdict: null,
  waiting: false,         // others begin first
  fresh: false,           // the verdict has not been followed by a `say` yet
  entry: "",              // digits typed on the keypad
  ladder: null,           // {lines: [{left, right, answer, mark}], current, digits}: the table that is recited
  facts: [],
  stronger: [],
  unheard: [],            // the facts of which no answer was understood
  placed: [],             // {left, right, status}, after a placement
  notices: {},            // source ("microphone", "connection", "server", "sound") -> {code, message, read}
});

const sameFact = (a, b) => a?.left === b?.left && a?.right === b?.right;

// Clips start where the one before really ends, which differs a little from what the manifest says.
const CLIP_TOLERANCE_MS = 120;

/**
 * The equation while a say still speaks about the answer just given: solved, if the drill goes on to another fact.
 * A fact that was not understood is not told: it rests.
 */
function solved({ show, verdict, fresh }, next) {
  if (fresh && verdict.kind === "unsure") return show;
  const about = sameFact(show, verdict) && verdict.answer !== null;
  return about || !sameFact(show, next) ? { ...show, answer: show.left * show.right } : show;
}

/** Else the question is still open. */
const isJudged = (kind) => ["correct", "wrong"].includes(kind);

function say(state, event) {
  const usable = event.show && Number.isInteger(event.show.left) && Number.isInteger(event.show.right);
  const before = turnToNext(state);
  const show = usable ? event.show : before.show;
  const question = event.question ?? before.question;
  const { server, sound, ...notices } = state.notices;   // what was wrong before is over
  const said = {
    ...before, playing: event.id, listening: false, heard: null, caption: event.text ?? "", fresh: false, notices,
    answerMs: event.answer_ms ?? null, told: event.told ?? true, timeGone: event.time_gone ?? null,
    verdict: keepVerdict(state, show), score: event.score ?? state.score,
    // Digits belong to their question, for as long as it is open.
    entry: sameFact(before.show, show) && show?.answer == null ? state.entry : "",
  };
  if (before.show !== null && (event.question_at_ms > 0 || event.gap_ms > 0)) {
    return { ...said, show: said.told ? solved(before, show) : before.show, next: { show, question, atMs: event.question_at_ms } };
  }
  return { ...said, show, question };
}

/**
 * "Once more?" has been shown by the time that the next `say` comes, and is no longer true when that asks another fact; a
 * right or wrong answer stays in sight.
 */
function keepVerdict({ verdict, fresh }, next) {
  const stillTrue = verdict?.kind !== "unsure" || sameFact(verdict, next);
  return (fresh && stillTrue) || isJudged(verdict?.kind) ? verdict : null;
}

function turnToNext(state) {
  return state.next ? { ...state, show: state.next.show, question: state.next.question, next: null } : state;
}

/** This say cannot be heard any more; what it said stays to be read. */
function quiet(state, id) {
  return state.playing === id ? { ...turnToNext(state), playing: null } : state;
}

function verdict(state, event) {
  const { left, right, heard, score, answer = null } = event;
  // Who is typing while something was not understood goes on.
  const entry = isJudged(event.verdict) ? "" : state.entry;
  if (event.told === false) return { ...turnToNext(state), verdict: null, fresh: false, heard: null, entry };
  const digits = state.show?.digits ?? "latn";
  const judged = { kind: event.verdict, heard, appealable: Boolean(event.appealable), left, right, answer, digits };
  const show = event.verdict === "correct" ? { left, right, answer: left * right, digits } : turnToNext(state).show;
  return { ...turnToNext(state), show, verdict: judged, fresh: true, score: score ?? state.score, heard: null, entry };
}

function notice(state, { source, code, message = null }) {
  const { [source]: gone, ...others } = state.notices;
  return { ...state, notices: code === null ? others : { ...others, [source]: { code, message, read: false } } };
}

const reducers = {
  /** `resumed` false after a lost line: the server knows the old drill no more. */
  started: (state, { resumed }) => (
    { ...state, waiting: false, ...(resumed ? {} : { score: initialState.score, verdict: null }) }
  ),
  wait: (state) => ({ ...state, waiting: true }),
  begin: () => ({ ...initialState, screen: "drill", notices: {} }),
  home: (state) => ({ ...initialState, notices: state.notices }),
  say,
  clip: (state, { id, atMs }) =>
    (state.playing === id && state.next && atMs >= state.next.atMs - CLIP_TOLERANCE_MS ? turnToNext(state) : state),
  played: (state, { id }) => quiet(state, id),
  /** The child answers over it. */
  interrupt: (state, { say: id }) => quiet(state, id),
  silenced: (state) => ({ ...turnToNext(state), playing: null, listening: false, heard: null }),
  listening: (state, { open }) => ({ ...state, listening: Boolean(open) }),
  /** Over praise as well: a number is an answer to the question that comes after it. */
  heard: (state, { value, text }) => ({ ...(value == null ? state : turnToNext(state)), heard: { value: value ?? null, text: text ?? "" } }),
  verdict,
  ladder: (state, { lines, current, digits }) => ({ ...state, ladder: { lines, current, digits } }),
  phase: (state, { name }) => ({ ...state, phase: name }),
  entry: (state, { entry }) => ({ ...turnToNext(state), entry }),
  finished: (state, { score, facts, stronger, unheard, placed }) => ({
    ...state, screen: "finished", phase: "finished", listening: false, score: score ?? state.score, facts: facts ?? [],
    stronger: stronger ?? [], unheard: unheard ?? [], placed: placed ?? [], notices: {},
  }),
  notice,
  /** The notices have been read, or are to be shown again. */
  read: (state, { read }) => ({
    ...state, notices: Object.fromEntries(Object.entries(state.notices).map(([source, told]) => [source, { ...told, read }])),
  }),
};

export function reduce(state, event) {
  return Object.hasOwn(reducers, event.type) ? reducers[event.type](state, event) : state;
}

/** The one notice worth showing: nothing works without a connection, least of all the microphone. */
export function topNotice({ notices }) {
  return notices.connection ?? notices.server ?? notices.microphone ?? notices.sound ?? null;
}

/** The [ui] key of the line beside the companion. */
export function statusKey({ phase, playing, listening, notices, waiting }) {
  if (waiting) return "waiting";
  const answering = ["speech", "ending"].includes(phase);   // over the prompt as well
  if (playing !== null && !answering) return "speaking";
  if (phase === "sleep") return "asleep";
  if (phase === "decide") return "thinking";
  if (listening || ["tail", "listen", "speech", "ending"].includes(phase)) return notices.microphone ? "touch" : "listening";
  return ["prompt", "feedback"].includes(phase) ? "speaking" : "loading";
}

const FEELINGS = { correct: "glad", wrong: "kind", unsure: "puzzled" };

/** How the companion looks: while it speaks about an answer, as suits the answer; else as its status is. */
export function moodOf(state) {
  const { screen, verdict, show } = state;
  if (screen === "finished") return "glad";
  const status = statusKey(state);
  const feels = status === "speaking" && verdict !== null && sameFact(verdict, show);
  return (feels && FEELINGS[verdict.kind]) || status;
}

/** What stands behind the equals sign: {text, from}, the digits still ASCII. */
export function answerSlot({ entry, heard, show }) {
  if (entry !== "") return { text: entry, from: "typed" };
  if (heard?.value != null) return { text: String(heard.value), from: "heard" };
  if (show?.answer != null) return { text: String(show.answer), from: "answer" };
  return { text: "?", from: "open" };
}

/** The facts that went wrong and are none the stronger for it, most troublesome first. */
export function factsToPractise({ facts, stronger }, most = 6) {
  return facts.filter((fact) => fact.wrong > 0 && !stronger.some((other) => sameFact(fact, other))).sort((a, b) => b.wrong - a.wrong || a.correct - b.correct).slice(0, most);
}
