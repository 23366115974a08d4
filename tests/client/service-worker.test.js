// The service worker in a world of its own: caches that are maps, and a server that can sleep.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { runInNewContext } from "node:vm";

const SOURCE = readFileSync(new URL("../../client/service-worker.js", import.meta.url), "utf8");
const ORIGIN = "https://paadas.school";
const WAITING = ["/waiting.html", "/waiting.json"];

function world({ version = "1", stores = new Map(), root = "/" } = {}) {
  const listeners = {};
  const pathOf = (request) => new URL(request.url ?? request, ORIGIN).href.slice(ORIGIN.length);
  const open = async (name) => {
    if (!stores.has(name)) stores.set(name, new Map());
    const store = stores.get(name);
    return {
      addAll: async (requests) => { for (const request of requests) store.set(pathOf(request), await here.fetch(request)); },
      put: async (request, answer) => {
        if (here.full) throw new Error("QuotaExceededError");
        store.set(pathOf(request), answer);
      },
      match: async (request) => store.get(pathOf(request)),
      keys: async () => [...store.keys()],
      delete: async (request) => store.delete(pathOf(request)),
    };
  };
  const here = {
    stores, asleep: false, asked: [],
    fetch: async (request) => {
      here.asked.push(pathOf(request));
      if (here.asleep) throw new TypeError("no server");
      return new Response(`${pathOf(request)} of ${version}`, { status: here.status ?? 200 });
    },
    kept: () => [...stores.values()].flatMap((store) => [...store.keys()]),
  };
  const self = {
    addEventListener: (type, action) => { listeners[type] = action; }, location: { origin: ORIGIN, href: `${ORIGIN}${root}service-worker.js` },
    skipWaiting: async () => {}, clients: { claim: async () => {} },
  };
  const caches = {
    open, keys: async () => [...stores.keys()], delete: async (name) => stores.delete(name),
    match: async (path) => [...stores.values()].map((store) => store.get(path)).find(Boolean),
  };
  class Request {
    constructor(url) { this.url = ORIGIN + url; }
  }
  runInNewContext(`const VERSION = "${version}"; const WAITING = ${JSON.stringify(WAITING)};\n${SOURCE}`,
    { self, caches, Request, Response, URL, Promise, setTimeout: (action, ms) => setTimeout(action, ms).unref(), fetch: here.fetch });
  const extend = async (type) => {
    let work = null;
    listeners[type]({ waitUntil: (promise) => { work = promise; } });
    await work;
  };
  here.begin = async () => {
    await extend("install");
    await extend("activate");
  };
  /** The response that the page gets, or null if the worker does not handle the request. */
  here.get = async (path, { mode = "cors", method = "GET", origin = ORIGIN } = {}) => {
    let answer = null;
    listeners.fetch({ request: { url: origin + path, mode, method }, respondWith: (promise) => { answer = promise; } });
    return answer && (await answer).clone().text();
  };
  return here;
}

test("a server that is there is asked first: no page is old", async () => {
  const here = world();
  await here.begin();
  assert.equal(await here.get("/", { mode: "navigate" }), "/ of 1");
  assert.equal(await here.get("/client/app.js"), "/client/app.js of 1");
  const next = world({ version: "2", stores: here.stores });
  await next.begin();
  assert.equal(await next.get("/client/app.js"), "/client/app.js of 2");
  assert.deepEqual([...here.stores.keys()].filter((name) => name.includes("shell")), ["paadas-shell-2"]);
});

test("while it sleeps: the waiting page, and cached files", async () => {
  const here = world();
  await here.begin();
  await here.get("/client/app.js");
  here.asleep = true;
  for (const page of ["/", "/kiosk"]) assert.equal(await here.get(page, { mode: "navigate" }), "/waiting.html of 1");
  assert.equal(await here.get("/client/app.js"), "/client/app.js of 1");
  assert.equal(await here.get("/waiting.json"), "/waiting.json of 1");
});

test("a proxy before a server that sleeps is no page either", async () => {
  const here = world();
  await here.begin();
  here.status = 502;
  assert.equal(await here.get("/", { mode: "navigate" }), "/waiting.html of 1");
  assert.equal(await here.get("/waiting.json"), "/waiting.json of 1");
});

test("prompts that name their content are fetched once, and a limited number is kept", async () => {
  const here = world();
  await here.begin();
  assert.equal(await here.get("/audio/mr/gauri/a.mp3?v=1"), "/audio/mr/gauri/a.mp3?v=1 of 1");
  await here.get("/audio/mr/gauri/a.mp3?v=1");
  assert.equal(here.asked.filter((path) => path.startsWith("/audio")).length, 1);
  const prompts = here.stores.get("paadas-prompts");
  for (let i = 1; i < 1500; i++) prompts.set(`/audio/mr/gauri/${i}.mp3?v=1`, new Response());
  await here.get("/audio/mr/gauri/b.mp3?v=1");
  assert.equal(prompts.size, 1500);
  assert.ok(prompts.has("/audio/mr/gauri/b.mp3?v=1") && !prompts.has("/audio/mr/gauri/a.mp3?v=1"));
});

test("on a device that is full nothing more is kept, and all that comes is used", async () => {
  const here = world();
  await here.begin();
  here.full = true;
  const before = here.kept().length;
  assert.equal(await here.get("/client/app.js"), "/client/app.js of 1");
  assert.equal(await here.get("/audio/mr/gauri/a.mp3?v=1"), "/audio/mr/gauri/a.mp3?v=1 of 1");
  assert.equal(here.kept().length, before);
});

test("nothing personal is touched, let alone kept", async () => {
  const here = world();
  await here.begin();
  const before = here.kept().length;
  const elsewhere = ["/teacher", "/teacher/learners/7", "/learners.json", "/languages.json", "/socket.io/?EIO=4", "/metrics", "/healthz", "/kiosk.json",
    "/voices", "/audio/mr/gauri/a.mp3", "/service-worker.js", "/manifest.webmanifest"];
  for (const path of elsewhere) assert.equal(await here.get(path), null, path);
  assert.equal(await here.get("/teacher", { mode: "navigate" }), null);
  assert.equal(await here.get("/learners.json", { method: "POST" }), null);
  assert.equal(await here.get("/client/app.js", { origin: "https://elsewhere.org" }), null);
  assert.equal(here.kept().length, before);
});

test("below the prefix of a proxy it does the same there, and leaves alone what its neighbours keep", async () => {
  const stores = new Map([["paadas-shell-0", new Map()], ["paadas/paadas-shell-0", new Map()], ["another program", new Map()]]);
  const here = world({ root: "/paadas/", stores });
  await here.begin();
  assert.deepEqual([...stores.keys()].sort(), ["another program", "paadas-shell-0", "paadas/paadas-shell-1"]);
  assert.equal(await here.get("/paadas/client/app.js"), "/paadas/client/app.js of 1");
  assert.equal(await here.get("/paadas/audio/mr/gauri/a.mp3?v=1"), "/paadas/audio/mr/gauri/a.mp3?v=1 of 1");
  for (const path of ["/", "/kiosk", "/client/app.js", "/paadas/learners.json"]) assert.equal(await here.get(path, { mode: "navigate" }), null, path);
  here.asleep = true;
  for (const page of ["/paadas/", "/paadas/kiosk"]) {
    assert.equal(await here.get(page, { mode: "navigate" }), "/paadas/waiting.html of 1");
  }
});
