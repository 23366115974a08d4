import assert from "node:assert/strict";
import test from "node:test";
import { answerSlot, factsToPractise, initialState, moodOf, reduce, statusKey, topNotice, weakDrill } from "../../client/drill-state.js";

const play = (...events) => events.reduce(reduce, initialState);
const say = (id, left, right, more = {}) => ({
  type: "say", id, clips: ["praise.mp3", "question.mp3"], text: "…", duration_ms: 1200, question_at_ms: 800,
  show: { left, right, answer: null, digits: "deva" }, expects: "answer", question: { number: id, count: 10 }, ...more,
});
const judged = (verdict, left, right, heard, more = {}) => ({
  type: "verdict", turn: 1, left, right, heard, verdict, confidence: 1, response_ms: 900, score: { correct: 1, total: 1 },
  answer: verdict === "correct" ? left * right : null, ...more,
});
const clip = (id, atMs) => ({ type: "clip", id, atMs });
const fact = ({ show }) => [show.left, show.right, show.answer];

test("the first question shows at once", () => {
  const state = play({ type: "begin" }, say(1, 7, 8, { text: "सात आठे?" }));
  assert.equal(state.screen, "drill");
  assert.deepEqual(fact(state), [7, 8, null]);
  assert.equal(state.caption, "सात आठे?");
  assert.deepEqual(state.question, { number: 1, count: 10 });
  assert.equal(answerSlot(state).text, "?");
});

test("after a right answer the next question waits until its own clip is heard", () => {
  let state = play(say(1, 7, 8), judged("correct", 7, 8, 56), say(2, 6, 4));
  assert.deepEqual(fact(state), [7, 8, 56]);
  assert.equal(state.question.number, 1);
  state = reduce(state, clip(2, 0));
  assert.deepEqual(fact(state), [7, 8, 56]);
  state = reduce(state, clip(2, 770));
  assert.deepEqual(fact(state), [6, 4, null]);
  assert.equal(state.question.number, 2);
  assert.equal(state.verdict.kind, "correct", "the verdict stays in sight");
});

test("a wrong answer does not give the right one away while the same question is asked again", () => {
  const state = play(say(1, 7, 8), judged("wrong", 7, 8, 54), say(2, 7, 8));
  assert.deepEqual(fact(state), [7, 8, null]);
});

test("a wrong answer is followed by the right one while it is being spoken", () => {
  const state = play(say(1, 7, 8), judged("wrong", 7, 8, 54), say(2, 6, 4));
  assert.deepEqual(fact(state), [7, 8, 56]);
});

test("a right answer that the server gives shows even when the same question comes again", () => {
  const state = play(say(1, 7, 8), judged("wrong", 7, 8, 54, { answer: 56 }), say(2, 7, 8));
  assert.deepEqual(fact(state), [7, 8, 56]);
  assert.deepEqual(fact(reduce(state, clip(2, 900))), [7, 8, null]);
});

test("asking once more gives nothing away, skipping shows what would have been right", () => {
  assert.deepEqual(fact(play(say(1, 7, 8), judged("unsure", 7, 8, null), say(2, 7, 8))), [7, 8, null]);
  assert.deepEqual(fact(play(say(1, 7, 8), say(2, 6, 4))), [7, 8, 56]);
});

test("a say that is only a question shows it at once", () => {
  assert.deepEqual(fact(play(say(1, 7, 8), say(2, 6, 4, { question_at_ms: 0 }))), [6, 4, null]);
});

test("a say in the middle of another is about the newer question", () => {
  const state = play(say(1, 7, 8), judged("correct", 7, 8, 56), say(2, 6, 4), say(3, 6, 4));
  assert.deepEqual(fact(state), [6, 4, null]);
  assert.equal(state.question.number, 2);
});

test("when the server has forgotten the drill, its score is forgotten too", () => {
  const state = play(say(1, 7, 8), judged("correct", 7, 8, 56));
  assert.deepEqual(reduce(state, { type: "started", resumed: true }).score, { correct: 1, total: 1 });
  assert.deepEqual(reduce(state, { type: "started", resumed: false }).score, { correct: 0, total: 0 });
});

test("clips of a replaced say change nothing", () => {
  const state = play(say(1, 7, 8), judged("correct", 7, 8, 56), say(2, 6, 4), clip(1, 1));
  assert.deepEqual(fact(state), [7, 8, 56]);
});

test("typing, losing sound or the end of speech turn to the next question", () => {
  const before = play(say(1, 7, 8), judged("correct", 7, 8, 56), say(2, 6, 4));
  for (const event of [
    { type: "entry", entry: "2" }, { type: "played", id: 2 }, { type: "interrupt", say: 2 }, { type: "silenced" },
    { type: "heard", partial: true, value: 24, text: "24" },
  ]) {
    assert.deepEqual(fact(reduce(before, event)), [6, 4, null], event.type);
  }
});

test("an interrupt ends the playing say, and its text stays visible", () => {
  const before = play(say(1, 7, 8), judged("correct", 7, 8, 56), say(2, 6, 4, { text: "शाबास. सहा चोक?" }), { type: "phase", name: "prompt" });
  const state = reduce(before, { type: "interrupt", say: 2 });
  assert.deepEqual(state, reduce(before, { type: "played", id: 2 }), "as when it had come to its end");
  assert.equal(state.playing, null);
  assert.equal(state.caption, "शाबास. सहा चोक?");
  assert.equal(statusKey(reduce(state, { type: "phase", name: "speech" })), "listening");
});

test("an interrupt of another say, or of one that has ended, changes nothing", () => {
  const playing = play(say(1, 7, 8), judged("correct", 7, 8, 56), say(2, 6, 4));
  assert.equal(reduce(playing, { type: "interrupt", say: 1 }), playing);
  const ended = reduce(playing, { type: "played", id: 2 });
  assert.equal(reduce(ended, { type: "interrupt", say: 2 }), ended);
});

test("a sound without a number over praise does not yet turn to the next question", () => {
  const state = play(say(1, 7, 8), judged("correct", 7, 8, 56), say(2, 6, 4), { type: "heard", partial: true, value: null, text: "" });
  assert.deepEqual(fact(state), [7, 8, 56]);
});

test("a verdict that comes while feedback still sounds is about the newer question", () => {
  const state = play(say(1, 7, 8), judged("correct", 7, 8, 56), say(2, 6, 4), judged("wrong", 6, 4, 26));
  assert.deepEqual(fact(state), [6, 4, null]);
  assert.equal(state.verdict.heard, 26);
});

test("a lesson shows its answer", () => {
  const state = play(say(1, 7, 8), say(2, 7, 8, { question_at_ms: 0, show: { left: 7, right: 8, answer: 56, digits: "deva" } }));
  assert.deepEqual(answerSlot(state), { text: "56", from: "answer" });
});

test("a say without an equation keeps the last one", () => {
  for (const show of [null, undefined, { left: null, right: null, answer: null, digits: "deva" }]) {
    assert.deepEqual(fact(play(say(1, 7, 8), say(2, 0, 0, { show }))), [7, 8, null]);
  }
});

test("typed digits are shown before a heard number, and both before the answer", () => {
  let state = play(say(1, 7, 8), { type: "heard", partial: true, value: 56, text: "छप्पन" });
  assert.deepEqual(answerSlot(state), { text: "56", from: "heard" });
  state = reduce(state, { type: "entry", entry: "5" });
  assert.deepEqual(answerSlot(state), { text: "5", from: "typed" });
});

test("a verdict ends hearing and typing, and brings the score", () => {
  const state = play(say(1, 7, 8), { type: "heard", value: 56, text: "" }, { type: "entry", entry: "5" },
    judged("correct", 7, 8, 56, { score: { correct: 4, total: 5 } }));
  assert.equal(state.heard, null);
  assert.equal(state.entry, "");
  assert.deepEqual(state.score, { correct: 4, total: 5 });
});

test("digits stay while the same question is asked again, and go with their question", () => {
  const typing = play(say(1, 7, 8), { type: "entry", entry: "5" });
  for (const kind of ["unsure", "silence"]) {
    const asked = [judged(kind, 7, 8, null), say(2, 7, 8)].reduce(reduce, typing);
    assert.equal(answerSlot(asked).text, "5", kind);
  }
  const checked = reduce(typing, judged("unsure", 7, 8, null, { told: false }));
  assert.equal(checked.entry, "5");
  assert.equal(reduce(typing, say(2, 6, 7)).entry, "", "after a skip, at once or when the question comes");
  assert.equal(reduce(typing, say(2, 6, 7, { question_at_ms: 0 })).entry, "");
  const lesson = reduce(typing, say(2, 7, 8, { show: { left: 7, right: 8, answer: 56, digits: "deva" }, question_at_ms: 0 }));
  assert.equal(answerSlot(lesson).text, "56", "nor may they hide the answer of a lesson");
});

test("an appeal is offered only when the server says so", () => {
  assert.equal(play(say(1, 7, 8), judged("wrong", 7, 8, 54, { appealable: true })).verdict.appealable, true);
  assert.equal(play(say(1, 7, 8), judged("wrong", 7, 8, 54)).verdict.appealable, false);
});

test("the status says whose turn it is", () => {
  assert.equal(statusKey(play(say(1, 7, 8), { type: "phase", name: "listen" })), "speaking", "the page knows better what plays");
  assert.equal(statusKey(play(say(1, 7, 8), { type: "played", id: 1 }, { type: "phase", name: "listen" })), "listening");
  assert.equal(statusKey(play(say(1, 7, 8), { type: "phase", name: "speech" })), "listening", "to an answer over the prompt");
  assert.equal(statusKey(play({ type: "phase", name: "decide" })), "thinking");
  assert.equal(statusKey(play({ type: "phase", name: "sleep" })), "asleep");
  assert.equal(statusKey(initialState), "loading");
});

test("a waiting page says so until the drill has begun", () => {
  const begun = { type: "started", resumed: true };
  assert.equal(statusKey(play({ type: "begin" }, { type: "wait" })), "waiting");
  assert.equal(statusKey(play({ type: "phase", name: "listen" }, { type: "wait" })), "waiting", "after a lost line as well");
  assert.equal(statusKey(play({ type: "begin" }, { type: "wait" }, begun)), "loading");
  assert.equal(statusKey(play({ type: "begin" }, { type: "wait" }, { type: "home" })), "loading");
});

test("the weightiest notice shows, and each goes by itself", () => {
  const told = (source, code) => ({ type: "notice", source, code });
  const state = play(told("microphone", "microphone_muted"), told("connection", "connection_lost"));
  assert.equal(topNotice(state).code, "connection_lost");
  assert.equal(topNotice(reduce(state, told("connection", null))).code, "microphone_muted");
  assert.equal(topNotice(play(told("microphone", "microphone_muted"), told("microphone", null))), null);
});

test("a notice that was read can be shown again; another one comes unread", () => {
  const told = { type: "notice", source: "microphone", code: "no_microphone" };
  let state = play(told, { type: "read", read: true });
  assert.equal(topNotice(state).read, true);
  assert.equal(topNotice(reduce(state, { type: "read", read: false })).read, false);
  state = reduce(state, { ...told, code: "microphone_lost" });
  assert.deepEqual([topNotice(state).code, topNotice(state).read], ["microphone_lost", false]);
});

test("without a microphone the status asks for a tap", () => {
  const listens = play(say(1, 7, 8), { type: "played", id: 1 }, { type: "phase", name: "listen" });
  assert.equal(statusKey(listens), "listening");
  assert.equal(statusKey(reduce(listens, { type: "notice", source: "microphone", code: "no_microphone" })), "touch");
});

test("the companion feels with the answer while it speaks of it, then listens again", () => {
  assert.equal(moodOf(initialState), "loading");
  for (const [verdict, mood] of [["correct", "glad"], ["wrong", "kind"], ["unsure", "puzzled"], ["silence", "speaking"]]) {
    let state = play(say(1, 7, 8), judged(verdict, 7, 8, 54, { answer: null }), say(2, 7, 8));
    assert.equal(moodOf(state), mood);
    state = play(say(1, 7, 8), judged(verdict, 7, 8, 54), { type: "phase", name: "listen" }, { type: "played", id: 1 });
    assert.equal(moodOf(state), "listening");
  }
  const over = play(say(1, 7, 8), judged("correct", 7, 8, 56), say(2, 6, 4), { type: "phase", name: "speech" });
  assert.equal(moodOf(over), "listening", "the child has begun to answer over the praise");
  const next = reduce(play(say(1, 7, 8), judged("correct", 7, 8, 56), say(2, 6, 4)), clip(2, 800));
  assert.equal(moodOf(next), "speaking", "the next question has begun");
  assert.equal(moodOf(play({ type: "phase", name: "sleep" })), "asleep");
});

test("the server's complaint ends with the next say, the microphone's does not", () => {
  const state = play({ type: "notice", source: "server", code: "too_fast", message: "!" },
    { type: "notice", source: "microphone", code: "no_microphone" }, say(1, 7, 8));
  assert.equal(topNotice(state).code, "no_microphone");
});

test("a new drill begins clean, an unknown event changes nothing", () => {
  const state = play(say(1, 7, 8), judged("correct", 7, 8, 56), { type: "begin" });
  assert.deepEqual(state, { ...initialState, screen: "drill" });
  assert.equal(reduce(state, { type: "toString" }), state);
});

test("without feedback neither the verdict is shown, nor the question during the gap", () => {
  const untold = { told: false, gap_ms: 3000, question_at_ms: 0 };
  const state = play(say(1, 7, 8, untold), { type: "played", id: 1 },
    { type: "verdict", turn: 1, left: 7, right: 8, heard: 54, verdict: "wrong", answer: null, told: false, score: { correct: 0, total: 1 } },
    say(2, 3, 4, untold));
  assert.equal(state.verdict, null);
  assert.deepEqual([state.show.left, state.show.right, state.show.answer], [7, 8, null]);
  const shown = reduce(state, { type: "clip", id: 2, atMs: 0 });
  assert.deepEqual([shown.show.left, shown.show.right], [3, 4]);
});

test("a fact that was not understood is not told when the drill goes on to the next", () => {
  const unsure = judged("unsure", 7, 8, null);
  const state = play(say(1, 7, 8), unsure, say(2, 7, 8), unsure, say(3, 6, 4));
  assert.deepEqual(fact(state), [7, 8, null]);
  assert.equal(state.verdict, null, "once more is not asked for");
  assert.deepEqual(fact(reduce(state, { type: "played", id: 3 })), [6, 4, null]);
  // Skipped, it is told.
  assert.deepEqual(fact(play(say(1, 7, 8), unsure, say(2, 7, 8), say(3, 6, 4))), [7, 8, 56]);
});

test("the end shows the facts that could not be heard", () => {
  const unheard = [{ left: 7, right: 8, answer: 56 }];
  assert.deepEqual(play(say(1, 7, 8), { type: "finished", unheard }).unheard, unheard);
  assert.deepEqual(play(say(1, 7, 8), { type: "finished" }).unheard, [], "of a server that does not tell");
});

test("the end shows score and facts, the most troublesome first", () => {
  const facts = [{ left: 2, right: 3, correct: 1, wrong: 1 }, { left: 7, right: 8, correct: 0, wrong: 2 }, { left: 2, right: 2, correct: 2, wrong: 0 }];
  const state = play(say(1, 7, 8), { type: "finished", score: { correct: 3, total: 6 }, facts });
  assert.equal(state.screen, "finished");
  assert.deepEqual(state.placed, []);
  assert.deepEqual(factsToPractise(state).map(({ left }) => left), [7, 2]);
});

test("a recited table is shown until the page is on its first screen again", () => {
  const lines = [{ left: 7, right: 1, answer: 7, mark: "right" }, { left: 7, right: 2, answer: 14, mark: "open" }];
  const state = play({ type: "begin" }, { type: "ladder", lines, current: 1, digits: "deva" }, say(1, 7, 2));
  assert.deepEqual(state.ladder, { lines, current: 1, digits: "deva" });
  assert.equal(reduce(state, { type: "begin" }).ladder, null);
  assert.equal(reduce(state, { type: "home" }).ladder, null);
  assert.equal(play({ type: "begin" }, say(1, 7, 2)).ladder, null, "a drill has none");
});

test("after a recitation the lines that went badly make a short drill of two lines at least", () => {
  const fact = (right, wrong) => ({ left: 7, right, answer: 7 * right, correct: 1 - wrong, wrong });
  const recited = (facts) => play(say(1, 7, 1), { type: "ladder", lines: [], current: null, digits: "latn" }, { type: "finished", facts });
  assert.deepEqual(weakDrill(recited([fact(8, 1), fact(2, 0), fact(3, 1)])), { tables: [7], only_lines: [3, 8], questions: 6, minutes: null });
  assert.deepEqual(weakDrill(recited([fact(1, 1)])).only_lines, [1, 2]);
  assert.deepEqual(weakDrill(recited([fact(10, 1)])).only_lines, [9, 10]);
  assert.equal(weakDrill(recited([fact(2, 0)])), null);
  assert.equal(weakDrill(play(say(1, 7, 1), { type: "finished", facts: [fact(3, 1)] })), null, "a drill has its own way to come back");
});
