import assert from "node:assert/strict";
import test from "node:test";
import { CheckError, askServer, lineDelay, runCheck } from "../../../client/check/run.js";
import { RATE } from "../../../client/check/measure.js";
import { urlOf } from "../../../client/urls.js";

/** All parts of a check of half a second, which the test controls. `sound(fromMs, toMs)` is what the microphone hears. */
function parts(given = {}) {
  let nowMs = 0;
  const steps = [];
  const controller = new AbortController();
  const asked = [];
  return {
    steps, asked, controller,
    language: "mr", voice: "aai", signal: controller.signal,
    onStep(step, ms, caption) { steps.push(caption ? `${step}: ${caption}` : step); },
    now: () => (nowMs += 10),
    timers: { set: (action) => setImmediate(action), clear: clearImmediate },   // time passes at once
    microphone: { open: async () => {}, trouble: null },
    recording: { wasCut: false, isEmpty: false, slice: (from, to) => new Float32Array(Math.round(((to - from) * RATE) / 1000)).fill(0.001) },
    loudspeaker: {
      load: async () => ({ buffer: {}, samples: new Float32Array(RATE) }),
      play: async () => ({ startMs: nowMs, endMs: nowMs + 50 }),
    },
    server: {
      prompt: async (...query) => (asked.push(query), { url: "/a.mp3", text: "ऐक" }),
      ping: async () => {},
      hear: async (language, samples) => (asked.push([language, samples.length]), { number: 7, sure: 0.9 }),
    },
    ...given,
  };
}

test("a check goes through its steps, shows what is spoken, and asks in the language and voice of the page", async () => {
  const check = parts();
  const found = await runCheck(check);
  assert.deepEqual(check.steps, ["opening", "quiet", "prompt: ऐक", "number", "thinking"]);
  assert.deepEqual(check.asked[0], ["mr", "aai"]);
  const [language, samples] = check.asked[1];
  assert.ok(language === "mr" && samples > 2 * RATE && samples <= 4 * RATE, `${samples}`);
  assert.deepEqual([found.heard.number, found.lineMs, found.advice], [7, 10, "nobody"]);
});

for (const [code, given] of [
  ["permission_denied", { microphone: { open: async () => {}, trouble: "permission_denied" } }],
  ["sound_paused", { recording: { wasCut: true } }],
  ["sound_failed", { loudspeaker: { load: async () => { throw new Error("404"); } } }],
  ["sound_paused", { loudspeaker: { load: async () => ({}), play: async () => { throw new Error("suspended"); } } }],
  ["microphone_muted", { recording: { isEmpty: true } }],
  ["engine_failed", { server: { ...parts().server, hear: async () => { throw new CheckError("engine_failed"); } } }],
  ["connection_lost", { server: { ...parts().server, ping: async () => { throw new Error(); } } }],
]) {
  test(`${code} ends a check: ${Object.keys(given)}`, async () => {
    await assert.rejects(runCheck(parts(given)), { code });
  });
}

test("a check that is left asks nothing more", async () => {
  const check = parts();
  check.onStep = (step) => {
    if (step === "number") check.controller.abort();
  };
  await assert.rejects(runCheck(check), { name: "AbortError" });
  assert.equal(check.asked.length, 1);
});

test("the delay of the connection is the median of those that came back", async () => {
  let nowMs = 0;
  const took = [40, 8, 900, 9, null];
  const ping = async () => {
    const ms = took.shift();
    if (ms === null) throw new Error("lost");
    nowMs += ms;
  };
  assert.equal(await lineDelay(ping, () => nowMs), 40);
});

test("the server is asked with 16-bit samples, and its refusals are told by their code", async () => {
  const requests = [];
  const answers = [{ ok: true, json: async () => ({ number: 7, sure: 0.9 }) }, { ok: false, json: async () => ({ code: "too_fast" }) }];
  const server = askServer(async (url, options) => {
    requests.push({ url, ...options });
    return answers.shift() ?? Promise.reject(new TypeError("offline"));
  });
  assert.deepEqual(await server.hear("hi", Float32Array.of(0, 0.5, -1, 1)), { number: 7, sure: 0.9 });
  assert.equal(requests[0].url, urlOf("/check/hear?language=hi"));
  assert.deepEqual([...requests[0].body], [0, 16384, -32768, 32767]);
  await assert.rejects(server.hear("hi", new Float32Array(1)), { code: "too_fast" });
  await assert.rejects(server.prompt("hi", null), { code: "connection_lost" });
  assert.equal(requests[2].url, urlOf("/check/prompt.json?language=hi"));
});
