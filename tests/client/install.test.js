import assert from "node:assert/strict";
import test from "node:test";
import { installWorker } from "../../client/install.js";

/** A browser whose page has this service worker, or none; `update` lets a new one take over. */
function browser(controller) {
  const offers = { controller, register: async () => {}, getRegistration: async () => undefined };
  const workers = Object.assign(new EventTarget(), offers);
  let loads = 0;
  Object.defineProperty(globalThis, "navigator", { value: { serviceWorker: workers }, configurable: true });
  Object.defineProperty(globalThis, "location", { value: { reload: () => loads++ }, configurable: true });
  return {
    get loads() { return loads; },
    update(next) {
      workers.controller = next;
      workers.dispatchEvent(new Event("controllerchange"));
    },
  };
}

test("a page is loaded anew when a newer worker takes over, but not for the first", () => {
  const here = browser(null);
  installWorker(() => true);
  here.update("first");
  assert.equal(here.loads, 0, "the page is as new as its first worker");
  here.update("second");
  assert.equal(here.loads, 1);
});

test("no drill is interrupted: it waits until the page is free", () => {
  const here = browser("old");
  let isFree = false;
  const worker = installWorker(() => isFree);
  here.update("new");
  assert.equal(here.loads, 0);
  isFree = true;
  worker.refresh();
  assert.equal(here.loads, 1);
});
