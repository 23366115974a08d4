// A child who only talks never touches the screen: keep it lit during a drill, where the browser can.

export function createWakeLock() {
  let lock = null;
  let wanted = false;

  async function hold() {
    wanted = true;
    if (lock && !lock.released) return;
    try {
      lock = await navigator.wakeLock.request("screen");
      if (!wanted) await lock.release();
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
