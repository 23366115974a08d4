// The page's state as a pure function of events: reduce(state, event) -> state.
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
  phase: "locked",        // the server's state of the dialogue
  playing: null,          // id of the `say` whose clips can be heard
  listening: false,
  show: null,
  next: null,             // {show, question, atMs}: the next question, shown when the clips before it have been spoken
  question: null,         // {number, count}
  timeGone: null,         // the part of a timed session that is over, 0 to 1
  score: { correct: 0, total: 0 },
  told: true,             // feedback comes at once, not only at the end
  answerMs: null,         // the time limit, if a clock is to be shown
  caption: "",
  heard: null,            // {value, text}: the interim result while the child speaks
  verdict: null,
  waiting: false,         // other drills start first
  fresh: false,           // no `say` has followed the verdict yet
  entry: "",              // digits typed on the keypad
  ladder: null,           // {lines: [{left, right, answer, mark}], current, digits}: the table that is recited
  facts: [],
  stronger: [],
  unheard: [],            // facts without an answer that was understood
  placed: [],             // {left, right, status}, after a placement
  notices: {},            // source ("microphone", "connection", "server", "sound") -> {code, message, read}
});

const sameFact = (a, b) => a?.left === b?.left && a?.right === b?.right;

// A clip starts at the real end of the one before, which differs a little from the manifest.
const CLIP_TOLERANCE_MS = 120;

/**
 * The equation while a say still comments on the last answer: solved, if the drill goes on to another fact.
 * The answer of a fact that was not understood is not shown: it rests.
 */
function solved({ show, verdict, fresh }, next) {
  if (fresh && verdict.kind === "unsure") return show;
  const about = sameFact(show, verdict) && verdict.answer !== null;
  return about || !sameFact(show, next) ? { ...show, answer: show.left * show.right } : show;
}

/** Otherwise the question is still open. */
const isJudged = (kind) => ["correct", "wrong"].includes(kind);

function say(state, event) {
  const usable = event.show && Number.isInteger(event.show.left) && Number.isInteger(event.show.right);
  const before = turnToNext(state);
  const show = usable ? event.show : before.show;
  const question = event.question ?? before.question;
  const { server, sound, ...notices } = state.notices;   // earlier trouble is over
  const said = {
    ...before, playing: event.id, listening: false, heard: null, caption: event.text ?? "", fresh: false, notices,
    answerMs: event.answer_ms ?? null, told: event.told ?? true, timeGone: event.time_gone ?? null,
    verdict: keepVerdict(state, show), score: event.score ?? state.score,
    // Typed digits belong to their question while it is open.
    entry: sameFact(before.show, show) && show?.answer == null ? state.entry : "",
  };
  if (before.show !== null && (event.question_at_ms > 0 || event.gap_ms > 0)) {
    return { ...said, show: said.told ? solved(before, show) : before.show, next: { show, question, atMs: event.question_at_ms } };
  }
  return { ...said, show, question };
}

/**
 * "Once more?" ends when the next `say` asks another fact. A right or wrong verdict stays visible.
 */
function keepVerdict({ verdict, fresh }, next) {
  const stillTrue = verdict?.kind !== "unsure" || sameFact(verdict, next);
  return (fresh && stillTrue) || isJudged(verdict?.kind) ? verdict : null;
}

function turnToNext(state) {
  return state.next ? { ...state, show: state.next.show, question: state.next.question, next: null } : state;
}

/** This say has ended; its text stays visible. */
function quiet(state, id) {
  return state.playing === id ? { ...turnToNext(state), playing: null } : state;
}

function verdict(state, event) {
  const { left, right, heard, score, answer = null } = event;
  // A child who is typing goes on, although speech was not understood.
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
  /** `resumed` false after a lost connection: the server has forgotten the old drill. */
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
  /** The child answers over the prompt. */
  interrupt: (state, { say: id }) => quiet(state, id),
  silenced: (state) => ({ ...turnToNext(state), playing: null, listening: false, heard: null }),
  listening: (state, { open }) => ({ ...state, listening: Boolean(open) }),
  /** Also during praise: a number answers the question after it. */
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
  /** Marks the notices as read or unread. */
  read: (state, { read }) => ({
    ...state, notices: Object.fromEntries(Object.entries(state.notices).map(([source, told]) => [source, { ...told, read }])),
  }),
};

export function reduce(state, event) {
  return Object.hasOwn(reducers, event.type) ? reducers[event.type](state, event) : state;
}

/** The most important notice: without a connection nothing works. */
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

/** The companion's mood: by the answer while it comments on one, else by its status. */
export function moodOf(state) {
  const { screen, verdict, show } = state;
  if (screen === "finished") return "glad";
  const status = statusKey(state);
  const feels = status === "speaking" && verdict !== null && sameFact(verdict, show);
  return (feels && FEELINGS[verdict.kind]) || status;
}

/** The text behind the equals sign: {text, from}, with ASCII digits. */
export function answerSlot({ entry, heard, show }) {
  if (entry !== "") return { text: entry, from: "typed" };
  if (heard?.value != null) return { text: String(heard.value), from: "heard" };
  if (show?.answer != null) return { text: String(show.answer), from: "answer" };
  return { text: "?", from: "open" };
}

const SHORT_DRILL = 3;   // questions for each line

/**
 * The wishes of a short drill of the lines that went badly in a recitation; null without one. A drill needs two facts,
 * so a single line gets the one before it, or behind it.
 */
export function weakDrill(state) {
  const weak = factsToPractise(state);
  if (!state.ladder || weak.length === 0) return null;
  const rights = weak.map(({ right }) => right);
  const lines = rights.length > 1 ? rights : [rights[0], rights[0] > 1 ? rights[0] - 1 : rights[0] + 1];
  return { tables: [weak[0].left], only_lines: lines.sort((a, b) => a - b), questions: SHORT_DRILL * lines.length, minutes: null };
}

/** Facts with wrong answers that did not become stronger, the worst first. */
export function factsToPractise({ facts, stronger }, most = 6) {
  return facts.filter((fact) => fact.wrong > 0 && !stronger.some((other) => sameFact(fact, other))).sort((a, b) => b.wrong - a.wrong || a.correct - b.correct).slice(0, most);
}
