import assert from "node:assert/strict";
import test from "node:test";
import { createWakeLock } from "../../client/wake-lock.js";

/** A page that can be hidden, which releases its lock, and a screen that counts its locks. */
function fakePage(t) {
  const page = { hidden: false, lit: 0 };
  const document = {
    get hidden() { return page.hidden; },
    addEventListener(type, action) { page[type] = action; },
  };
  async function request() {
    if (page.hidden) throw new Error("not while hidden");
    page.lit++;
    const lock = { released: false, release: async () => { if (!lock.released) page.lit--; lock.released = true; } };
    page.lock = lock;
    return lock;
  }
  for (const [name, value] of Object.entries({ document, navigator: { wakeLock: { request } } })) {
    const before = Object.getOwnPropertyDescriptor(globalThis, name);
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    t.after(() => (before ? Object.defineProperty(globalThis, name, before) : delete globalThis[name]));
  }
  page.show = (shown) => {
    page.hidden = !shown;
    if (!shown) page.lock?.release();
    page.visibilitychange();
  };
  return page;
}

const settled = () => new Promise((resolve) => { setImmediate(resolve); });

test("however often it is asked for, one lock is held, and let go", async (t) => {
  const page = fakePage(t);
  const lock = createWakeLock();
  await Promise.all([lock.hold(), lock.hold(), lock.hold()]);
  assert.equal(page.lit, 1);
  lock.release();
  await settled();
  assert.equal(page.lit, 0);
});

test("a lock that comes too late is released", async (t) => {
  const page = fakePage(t);
  const lock = createWakeLock();
  const held = lock.hold();
  lock.release();
  await held;
  assert.equal(page.lit, 0);
  await lock.hold();
  assert.equal(page.lit, 1);
});

test("a page that was hidden keeps the screen lit again when it is shown, as long as the drill lasts", async (t) => {
  const page = fakePage(t);
  const lock = createWakeLock();
  await lock.hold();
  assert.equal(page.lit, 1);
  page.show(false);
  await settled();
  assert.equal(page.lit, 0);
  page.show(true);
  await settled();
  assert.equal(page.lit, 1);
  lock.release();
  await settled();
  page.show(true);
  await settled();
  assert.equal(page.lit, 0);
});
