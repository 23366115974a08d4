import assert from "node:assert/strict";
import test from "node:test";
import { createMicrophone } from "../../client/microphone.js";

const CHUNK = { pcm: new ArrayBuffer(1920), rms: 0.1, peak: 0.2 };
const settled = () => new Promise((resolve) => { setImmediate(resolve); });

/** A browser that the test controls: its microphones, its audio contexts, and its timer. */
function fakeBrowser() {
  const listeners = {};
  const log = { tracks: [], contexts: [], nodes: [], pulses: [], asked: 0 };
  const devices = {
    plugged: ["built-in"], refusal: null,
    async getUserMedia() {
      log.asked++;
      if (devices.refusal) throw Object.assign(new Error(), { name: devices.refusal });
      if (devices.plugged.length === 0) throw Object.assign(new Error(), { name: "NotFoundError" });
      const track = { label: devices.plugged[0], muted: false, readyState: "live", stop() { Object.assign(track, { stopped: true, readyState: "ended" }); } };
      log.tracks.push(track);
      return { getTracks: () => [track], getAudioTracks: () => [track] };
    },
    enumerateDevices: async () => devices.plugged.map((label) => ({ kind: "audioinput", deviceId: "default", groupId: label, label })),
    addEventListener(type, action) { listeners[type] = action; },
  };
  /** @type {any} */
  const browser = {
    isSecure: true, devices, permissions: { query: async () => ({}) },
    makeContext() {
      const context = {
        state: "running", currentTime: 0, destination: {}, resumes: 0, mayResume: true, audioWorklet: { addModule: async () => {} },
        createMediaStreamSource: () => ({ connect: (node) => node }),
        async resume() {
          context.resumes++;
          if (!context.mayResume) throw new Error("not now");
          change(context, "running");
        },
        async suspend() { change(context, "suspended"); },
        async close() { change(context, "closed"); },
      };
      log.contexts.push(context);
      return context;
    },
    makeNode() {
      const node = { port: { postMessage() {} }, connect: () => ({}), disconnect() {} };
      log.nodes.push(node);
      return node;
    },
    every(ms, action) {
      log.pulses.push(action);
      return () => { log.pulses.splice(log.pulses.indexOf(action), 1); };
    },
  };
  return { browser, devices, log, plug: (...labels) => { devices.plugged = labels; return listeners.devicechange(); } };
}

function change(context, state) {
  if (context.state === state) return;
  context.state = state;
  context.onstatechange?.();
}

/** @param {(devices: any, browser: any) => void} [set] */
async function openMicrophone(set = () => {}) {
  const fake = fakeBrowser();
  const { log } = fake;
  set(fake.devices, fake.browser);
  const [told, heard, restarts] = [[], [], []];
  const microphone = createMicrophone({
    onTrouble: (code) => told.push(code), onChunk: (chunk) => heard.push(chunk), onRestart: () => restarts.push(1),
  }, undefined, fake.browser);
  microphone.prepare();
  await microphone.open();
  return {
    ...fake, microphone, told, heard, restarts,
    track: () => log.tracks.at(-1), context: () => log.contexts.at(-1),
    chunk: (more = {}) => log.nodes.at(-1).port.onmessage?.({ data: { ...CHUNK, capturedMs: 0, ...more } }),
    pulse: async (times) => {
      for (let i = 0; i < times; i++) {
        log.pulses.forEach((action) => action());
        await settled();
      }
    },
  };
}

test("when the headset is pulled out, the tablet's own microphone goes on", async () => {
  const { log, told, track, devices } = await openMicrophone((devices) => { devices.plugged = ["headset", "built-in"]; });
  devices.plugged = ["built-in"];
  track().onended();
  await settled();
  assert.deepEqual(log.tracks.map(({ label }) => label), ["headset", "built-in"]);
  assert.deepEqual(told, []);
});

test("when there is no other, the child is told, and it goes on by itself when one is plugged in", async () => {
  const { told, track, plug, devices } = await openMicrophone();
  devices.plugged = [];
  track().onended();
  await settled();
  assert.deepEqual(told, ["microphone_lost"]);
  await plug("another");
  await settled();
  assert.deepEqual(told, ["microphone_lost", null]);
  assert.equal(track().label, "another");
});

test("a headset that becomes the usual microphone is the one that listens; a camera changes nothing", async () => {
  const { log, plug, told } = await openMicrophone();
  await plug("built-in", "camera");
  await settled();
  assert.equal(log.tracks.length, 1);
  await plug("headset", "built-in");
  await settled();
  assert.deepEqual(log.tracks.map(({ label, stopped }) => [label, Boolean(stopped)]), [["built-in", true], ["headset", false]]);
  assert.deepEqual(told, []);
});

test("a microphone that another program holds is not called missing, and is tried again when the child comes back", async () => {
  const { told, devices, microphone } = await openMicrophone((devices) => { devices.refusal = "NotReadableError"; });
  assert.deepEqual(told, ["microphone_busy"]);
  devices.refusal = null;
  microphone.wake();
  await settled();
  assert.deepEqual(told, ["microphone_busy", null]);
});

test("a refusal is not asked about again and again", async () => {
  const { log, told, microphone } = await openMicrophone((devices) => { devices.refusal = "NotAllowedError"; });
  microphone.wake();
  await settled();
  assert.equal(log.asked, 1);
  assert.deepEqual(told, ["permission_denied"]);
});

test("muted by the system: told, and taken back", async () => {
  const { told, track } = await openMicrophone();
  track().onmute();
  track().onunmute();
  assert.deepEqual(told, ["microphone_muted", null]);
});

test("interrupted by a call: the child is told how to go on, and the touch helps", async () => {
  const { told, context, chunk, pulse, microphone, restarts } = await openMicrophone();
  chunk();
  context().mayResume = false;
  change(context(), "interrupted");
  await pulse(3);
  assert.deepEqual(told, ["sound_paused"]);
  const before = restarts.length;
  context().mayResume = true;
  microphone.wake();
  await settled();
  assert.equal(restarts.length, before + 1, "the audio clock stood still");
  chunk();
  assert.deepEqual(told, ["sound_paused", null]);
});

test("an interruption that ends by itself needs no touch", async () => {
  const { told, context, chunk, pulse } = await openMicrophone();
  change(context(), "interrupted");
  await settled();
  chunk();
  await pulse(2);
  assert.deepEqual(told, []);
  assert.equal(context().state, "running");
});

test("after the device slept nothing comes any more: the microphone is asked for again", async () => {
  const { log, told, chunk, pulse } = await openMicrophone();
  chunk();
  await pulse(2);
  assert.equal(log.asked, 1);
  await pulse(1);
  assert.equal(log.asked, 2);
  chunk();
  assert.deepEqual(told, []);
  assert.equal(log.pulses.length, 1, "one watch, not two");
});

test("asking for the microphone in vain ends after a few times", async () => {
  const { log, told, chunk, pulse } = await openMicrophone();
  await pulse(30);
  assert.equal(log.asked, 3);
  assert.deepEqual(told, ["microphone_lost"]);
  chunk();   // it comes to itself
  assert.deepEqual(told, ["microphone_lost", null]);
});

test("a microphone that is gone each time at once is not asked for without end", async () => {
  const { log, told, track } = await openMicrophone();
  for (let i = 0; i < 5; i++) {
    track().onended?.();
    await settled();
  }
  assert.equal(log.asked, 3);
  assert.equal(told.at(-1), "microphone_lost");
});

test("a chunk says how long it lay, by the clock that made it", async () => {
  const { heard, context, chunk } = await openMicrophone();
  context().currentTime = 10;
  chunk({ capturedMs: 9940 });
  chunk({ capturedMs: 7000 });
  assert.deepEqual(heard.map(({ ageMs }) => ageMs), [0, 2940]);
});

test("late chunks of an old microphone are ignored", async () => {
  const { log, heard, track } = await openMicrophone();
  const old = log.nodes[0];
  track().onended();
  await settled();
  assert.equal(old.port.onmessage, null);
  assert.equal(heard.length, 0);
});

test("after the drill the microphone is let go, and nothing brings it back", async () => {
  const { log, track, microphone, plug, pulse, context } = await openMicrophone();
  microphone.close();
  assert.equal(track().stopped, true);
  await plug("headset");
  await pulse(5);
  microphone.wake();
  await settled();
  assert.equal(log.asked, 1);
  assert.equal(log.pulses.length, 0);
  assert.equal(context().resumes, 1, "the touch that wakes a page");
});

test("a page without https says so before it asks", async () => {
  const { log, told } = await openMicrophone((_, browser) => { browser.isSecure = false; });
  assert.deepEqual([log.asked, told], [0, ["insecure_page"]]);
});

test("a browser that knows no microphones does not blame the page", async () => {
  const { told } = await openMicrophone((_, browser) => { browser.devices = undefined; });
  assert.deepEqual(told, ["microphone_unsupported"]);
});

/** A microphone on a device that takes its time to load the worklet, until it is told to `load()`. */
function slowMicrophone() {
  const { browser, log } = fakeBrowser();
  const [told, loading] = [[], []];
  const makeContext = browser.makeContext;
  const audioWorklet = { addModule: () => new Promise((resolve) => { loading.push(resolve); }) };
  browser.makeContext = () => Object.assign(makeContext(), { audioWorklet });
  const microphone = createMicrophone({ onTrouble: (code) => told.push(code), onChunk() {}, onRestart() {} }, undefined, browser);
  const load = async () => {
    await settled();
    loading.shift()();
  };
  return { microphone, log, told, load };
}

test("a drill that ends while the microphone is still being opened leaves no trouble behind", async () => {
  const { microphone, log, told, load } = slowMicrophone();
  microphone.prepare();
  const opening = microphone.open();
  await settled();
  microphone.close();
  await load();
  await opening;
  assert.deepEqual([told, microphone.isOpen, log.pulses.length], [[], false, 0]);
  assert.ok(log.tracks.every(({ stopped }) => stopped));
});

test("a drill that begins while the last one's microphone is still being opened has one of its own", async () => {
  const { microphone, log, told, load } = slowMicrophone();
  microphone.prepare();
  const first = microphone.open();
  await settled();
  microphone.close();
  microphone.prepare();
  const second = microphone.open();
  await load();
  await load();
  await Promise.all([first, second]);
  assert.deepEqual([told, microphone.isOpen, log.pulses.length], [[], true, 1]);
  assert.deepEqual(log.tracks.map(({ stopped }) => Boolean(stopped)), [true, false]);
});
