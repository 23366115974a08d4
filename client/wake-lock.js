// Keeps the screen lit during a drill, if the browser can: a child who only talks never touches it.

export function createWakeLock() {
  let lock = null;
  let wanted = false;
  let asking = null;

  /** May be called again and again: one lock is held. */
  function hold() {
    wanted = true;
    asking ??= ask().finally(() => { asking = null; });
    return asking;
  }

  async function ask() {
    if (lock && !lock.released) return;
    try {
      const given = await navigator.wakeLock.request("screen");
      if (wanted) lock = given;
      else await given.release();
    } catch { /* an older browser, a low battery, a hidden page */ }
  }

  function release() {
    wanted = false;
    lock?.release().catch(() => {});
    lock = null;
  }

  /** The browser releases the lock of a hidden page. */
  document.addEventListener("visibilitychange", () => wanted && !document.hidden && hold());
  return { hold, release };
}
