/* global VERSION, WAITING */
// The server puts VERSION, which changes with the page, and WAITING, the files of the waiting page, before this file.
// A running server is always asked first: no page is ever outdated. The cache is used only while the server sleeps.
// It holds nothing personal, only the files named here.

const ROOT = new URL("./", self.location.href).pathname;   // a proxy may have put Paadas below a prefix
// Other programs of the same host keep things here, too: only ours are cleared away.
const OURS = `${ROOT.slice(1)}paadas-`;
const SHELL = `${OURS}shell-${VERSION}`;
const PROMPTS = `${OURS}prompts`;
const MOST_PROMPTS = 1500;
const PATIENCE_MS = 5000;
const PAGES = ["/", "/kiosk"];
const pathOf = ({ pathname }) => (pathname.startsWith(ROOT) ? pathname.slice(ROOT.length - 1) : "");
const addressOf = (path) => ROOT + path.slice(1);
const isShell = (path) => WAITING.includes(path) || /^\/(client|vendor)\//.test(path);
const isPrompt = (url) => pathOf(url).startsWith("/audio/") && url.searchParams.has("v");

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELL).then((shell) => shell.addAll(WAITING.map((path) => new Request(addressOf(path), { cache: "no-cache" }))))
    .then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(caches.keys()
    .then((names) => Promise.all(names.filter((name) => name.startsWith(OURS) && name !== SHELL && name !== PROMPTS).map((name) => caches.delete(name))))
    .then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (event.request.mode === "navigate" && PAGES.includes(pathOf(url))) event.respondWith(page(event.request));
  else if (isPrompt(url)) event.respondWith(prompt(event.request));
  else if (isShell(pathOf(url))) event.respondWith(shell(event.request));
});

/** The page itself, or the waiting page. */
async function page(request) {
  return await asked(request) ?? caches.match(addressOf("/waiting.html"));
}

async function shell(request) {
  const cache = await caches.open(SHELL);
  const answer = await asked(request);
  if (answer?.ok) await keep(cache, request, answer);
  return answer ?? await cache.match(request) ?? Response.error();
}

/** The address of a prompt names its content: it never changes. */
async function prompt(request) {
  const cache = await caches.open(PROMPTS);
  const kept = await cache.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.status === 200) {
    await keep(cache, request, answer);
    const all = await cache.keys();
    await Promise.all(all.slice(0, Math.max(0, all.length - MOST_PROMPTS)).map((oldest) => cache.delete(oldest)));
  }
  return answer;
}

/** A full device stores nothing more; the response is still used. */
async function keep(cache, request, answer) {
  await cache.put(request, answer.clone()).catch(() => {});
}

/** The server's response, or null if it does not answer in time, or only its proxy does. */
async function asked(request) {
  const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, null));
  const answer = await Promise.race([fetch(request).catch(() => null), patience]);
  return answer && answer.status < 500 ? answer : null;
}
