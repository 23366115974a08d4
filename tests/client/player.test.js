import assert from "node:assert/strict";
import test from "node:test";
import { createClipCache, createPlayer } from "../../client/player.js";

/** An audio context and timers that share one hand-wound clock. */
function fakeStage({ latencyS = 0 } = {}) {
  const timers = [];
  /** @type {any} */
  const context = {
    currentTime: 10, destination: {}, sources: [],
    createBufferSource() {
      const source = {
        connect(node) { this.into = node; }, start(at) { this.at = at; },
        stop(at) { [this.stopped, this.silentS] = [true, at]; },
      };
      this.sources.push(source);
      return source;
    },
    createGain: () => ({
      gain: {
        ramps: [],
        setValueAtTime(value, at) { this.ramps.push([value, at]); },
        linearRampToValueAtTime(value, at) { this.ramps.push([value, at]); },
      },
      connect(node) { this.into = node; },
    }),
  };
  const log = [];
  const sounding = [];   // [id, when]
  const clips = { "a.mp3": { duration: 1 }, "b.mp3": { duration: 0.5 } };
  const player = createPlayer({
    context, outputLatencyS: () => latencyS, load: async (url) => clips[url] ?? Promise.reject(new Error("404")),
    onClip: (id, atMs) => log.push(`clip ${id} at ${atMs}`), onSounding: (id) => sounding.push([id, context.currentTime]),
    onEnded: (id) => log.push(`ended ${id}`), onFailed: (url) => log.push(`failed ${url}`),
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
  return { context, player, log, sounding, run };
}

/** A player whose timers fire by hand, all that are not for the end; its audio clock stands still. */
function fakeStill() {
  let waits = [];
  const sounding = [];
  const node = { connect() {}, start() {}, stop() {} };
  /** @type {any} */
  const context = { currentTime: 10, createBufferSource: () => ({ ...node }), createGain: () => node };
  const player = createPlayer({
    context, output: /** @type {any} */ ({}), load: async () => /** @type {any} */ ({ duration: 1 }), onClip() {}, onEnded() {}, onFailed() {},
    onSounding: (id) => sounding.push(id),
    timers: { set(action, ms) { if (ms < 1000) waits.push(action); }, clear() {} },
  });
  function fire() {
    const due = waits;
    waits = [];
    due.forEach((action) => action());
  }
  return { context, sounding, fire, play: () => player.play({ id: 1, clips: ["a.mp3"], duration_ms: 1000 }) };
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

test("the first clip's sounding is told once, when the loudspeaker has come to it", async () => {
  for (const latencyS of [0, 0.02, 0.2]) {
    const { context, player, sounding, run } = fakeStage({ latencyS });
    await player.play({ id: 1, clips: ["a.mp3", "b.mp3"], duration_ms: 1500, gap_ms: 700 });
    run(5);
    assert.equal(sounding.length, 1);
    const [[id, atS]] = sounding;
    assert.equal(id, 1);
    assert.ok(Math.abs(atS - context.sources[0].at - latencyS) < 1e-6, `${atS}`);
  }
});

test("a say whose first clip is missing begins to sound where that clip would, and one without clips never", async () => {
  const { player, sounding, run } = fakeStage();
  await player.play({ id: 1, clips: ["missing.mp3", "b.mp3"], duration_ms: 2000 });
  run(5);
  await player.play({ id: 2, clips: [], duration_ms: 0 });
  run(5);
  assert.deepEqual(sounding.map(([id]) => id), [1]);
  assert.ok(Math.abs(sounding[0][1] - 10.03) < 1e-6);
});

test("nothing is told to sound while the audio clock stands still", async () => {
  const { context, play, fire, sounding } = fakeStill();
  await play();
  for (let times = 0; times < 5; times++) fire();   // time passes, the audio clock does not
  assert.deepEqual(sounding, []);
  context.currentTime += 0.03;
  fire();
  assert.deepEqual(sounding, [1]);
});

test("an interrupted say fades out at once, without a click, and is never told as ended", async () => {
  const { context, player, log, sounding, run } = fakeStage();
  await player.play({ id: 1, clips: ["a.mp3", "b.mp3"], duration_ms: 1500 });
  run(0.4);
  assert.equal(player.interrupt(1), true);
  const [a, b] = context.sources;
  for (const source of [a, b]) {
    const [[from, fromS], [to, toS]] = source.into.gain.ramps;
    assert.deepEqual([from, to, fromS], [1, 0, 10.4]);
    assert.ok(toS - fromS >= 0.01 && toS - fromS <= 0.02, `${toS - fromS}`);
    assert.ok(source.stopped && source.silentS >= toS, "it goes on until it cannot be heard");
    assert.equal(source.into.into, context.destination);
  }
  assert.equal(player.playing, null);
  run(5);
  assert.deepEqual(log, ["clip 1 at 0"]);
  assert.equal(sounding.length, 1);
});

test("an interrupt that comes late is about nothing that plays", async () => {
  const { context, player, log, run } = fakeStage();
  assert.equal(player.interrupt(1), false);
  await player.play({ id: 1, clips: ["a.mp3"], duration_ms: 1000 });
  await player.play({ id: 2, clips: ["b.mp3"], duration_ms: 500 });
  assert.equal(player.interrupt(1), false);
  assert.equal(context.sources[1].stopped, undefined);
  run(5);
  assert.equal(player.interrupt(2), false);
  assert.ok(log.includes("ended 2"));
});

test("a say that is interrupted while its clips still load never sounds", async () => {
  const { context, player, log, sounding, run } = fakeStage();
  const loading = player.play({ id: 1, clips: ["a.mp3"], duration_ms: 1000 });
  assert.equal(player.interrupt(1), true);
  await loading;
  run(5);
  assert.deepEqual([context.sources.length, log, sounding], [0, [], []]);
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

test("the cache forgets the least recently used clip", async () => {
  const fetched = [];
  const load = createClipCache(async (url) => { fetched.push(url); return url; }, async (x) => x, 2);
  for (const url of ["a", "b", "a", "c", "a", "b"]) await load(url);
  assert.deepEqual(fetched, ["a", "b", "c", "b"]);
});
