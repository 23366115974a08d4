// A child who only talks never touches the screen: keep it lit during a drill, where the browser can.

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

  /** The browser takes the lock away from hidden pages. */
  document.addEventListener("visibilitychange", () => wanted && !document.hidden && hold());
  return { hold, release };
}
