import assert from "node:assert/strict";
import test from "node:test";
import { createClipCache, createPlayer } from "../../client/player.js";

/** An audio context and timers that share one hand-wound clock. */
function fakeStage({ latencyS = 0 } = {}) {
  const timers = [];
  const context = {
    currentTime: 10, destination: {}, sources: [],
    createBufferSource() {
      const source = { connect() {}, start(at) { this.at = at; }, stop() { this.stopped = true; } };
      this.sources.push(source);
      return source;
    },
  };
  const log = [];
  const clips = { "a.mp3": { duration: 1 }, "b.mp3": { duration: 0.5 } };
  const player = createPlayer({
    context, outputLatencyS: () => latencyS, load: async (url) => clips[url] ?? Promise.reject(new Error("404")),
    onClip: (id, atMs) => log.push(`clip ${id} at ${atMs}`), onEnded: (id) => log.push(`ended ${id}`), onFailed: (url) => log.push(`failed ${url}`),
    timers: {
      set(action, ms) { const timer = { action, at: context.currentTime + ms / 1000 }; timers.push(timer); return timer; },
      clear(timer) { timers.splice(timers.indexOf(timer), 1); },
    },
  });
  /** Lets time pass; sources end by themselves unless the context stands still. */
  function run(seconds, { frozen = false } = {}) {
    const until = context.currentTime + seconds;
    for (;;) {
      const next = timers.filter((timer) => timer.at <= until + 1e-9).sort((a, b) => a.at - b.at)[0];
      const source = frozen ? undefined : context.sources.find((s) => s.onended && !s.stopped && s.at + s.buffer.duration <= until + 1e-9);
      if (!next && !source) break;
      if (source && (!next || source.at + source.buffer.duration <= next.at)) {
        context.currentTime = source.at + source.buffer.duration;
        const ended = source.onended;
        source.onended = null;
        ended();
      } else {
        timers.splice(timers.indexOf(next), 1);
        context.currentTime = Math.max(context.currentTime, next.at);
        next.action();
      }
    }
    context.currentTime = until;
  }
  return { context, player, log, run };
}

test("clips follow each other without a gap, and the end is told once", async () => {
  const { context, player, log, run } = fakeStage();
  await player.play({ id: 1, clips: ["a.mp3", "b.mp3"], duration_ms: 1500 });
  const [a, b] = context.sources;
  assert.equal(b.at, a.at + 1);
  run(1.2);
  assert.deepEqual(log, ["clip 1 at 0", "clip 1 at 1000"]);
  run(5);
  assert.deepEqual(log, ["clip 1 at 0", "clip 1 at 1000", "ended 1"]);
});

test("a gap is kept before the first clip", async () => {
  const { context, player, log, run } = fakeStage();
  await player.play({ id: 1, clips: ["b.mp3"], duration_ms: 500, gap_ms: 3000 });
  assert.ok(context.sources[0].at >= 13);
  run(2.9);
  assert.deepEqual(log, []);
  run(5);
  assert.deepEqual(log, ["clip 1 at 0", "ended 1"]);
});

test("a new say silences the old one for good", async () => {
  const { context, player, log, run } = fakeStage();
  await player.play({ id: 1, clips: ["a.mp3"], duration_ms: 1000 });
  run(0.2);
  await player.play({ id: 2, clips: ["b.mp3"], duration_ms: 500 });
  assert.equal(context.sources[0].stopped, true);
  run(5);
  assert.deepEqual(log.filter((line) => line.startsWith("ended")), ["ended 2"]);
});

test("a say that is replaced while its clips still load never sounds", async () => {
  const { context, player, log, run } = fakeStage();
  const first = player.play({ id: 1, clips: ["a.mp3"], duration_ms: 1000 });
  await Promise.all([first, player.play({ id: 2, clips: ["b.mp3"], duration_ms: 500 })]);
  assert.equal(context.sources.length, 1);
  run(5);
  assert.deepEqual(log, ["clip 2 at 0", "ended 2"]);
});

test("a missing clip is told, takes its share of time, and stops nothing", async () => {
  const { context, player, log, run } = fakeStage();
  await player.play({ id: 1, clips: ["missing.mp3", "b.mp3"], duration_ms: 2000 });
  assert.ok(Math.abs(context.sources[0].at - 11.03) < 1e-6);
  run(5);
  assert.deepEqual(log, ["failed missing.mp3", "clip 1 at 0", "clip 1 at 1000", "ended 1"]);
});

test("when the last clip is missing the end still comes, in its time", async () => {
  const { player, log, run } = fakeStage();
  await player.play({ id: 1, clips: ["b.mp3", "missing.mp3"], duration_ms: 2000 });
  run(1.4);
  assert.ok(!log.includes("ended 1"));
  run(0.2);
  assert.ok(log.includes("ended 1"));
});

test("a say without clips ends at once", async () => {
  const { player, log, run } = fakeStage();
  await player.play({ id: 1, clips: [], duration_ms: 0 });
  run(0.1);
  assert.deepEqual(log, ["ended 1"]);
});

test("the end waits for slow loudspeakers", async () => {
  const { player, log, run } = fakeStage({ latencyS: 0.2 });
  await player.play({ id: 1, clips: ["b.mp3"], duration_ms: 500 });
  run(0.6);
  assert.ok(!log.includes("ended 1"));
  run(0.2);
  assert.ok(log.includes("ended 1"));
});

test("a context that stands still does not stop the drill", async () => {
  const { player, log, run } = fakeStage();
  await player.play({ id: 1, clips: ["b.mp3"], duration_ms: 500 });
  run(3, { frozen: true });
  assert.ok(log.includes("ended 1"));
  assert.equal(player.playing, null);
});

test("cancelling is silent", async () => {
  const { player, log, run } = fakeStage();
  await player.play({ id: 1, clips: ["a.mp3"], duration_ms: 1000 });
  player.cancel();
  run(5);
  assert.deepEqual(log, []);
});

test("each clip is fetched once, and again only after it failed", async () => {
  const fetched = [];
  let broken = true;
  const load = createClipCache(async (url) => {
    fetched.push(url);
    if (url === "bad" && broken) throw new Error("offline");
    return url;
  }, async (bytes) => `decoded ${bytes}`);
  assert.deepEqual(await Promise.all([load("a"), load("a")]), ["decoded a", "decoded a"]);
  await assert.rejects(load("bad"));
  broken = false;
  assert.equal(await load("bad"), "decoded bad");
  assert.deepEqual(fetched, ["a", "bad", "bad"]);
});

test("the cache forgets what was not used for longest", async () => {
  const fetched = [];
  const load = createClipCache(async (url) => { fetched.push(url); return url; }, async (x) => x, 2);
  for (const url of ["a", "b", "a", "c", "a", "b"]) await load(url);
  assert.deepEqual(fetched, ["a", "b", "c", "b"]);
});
