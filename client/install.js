// The service worker: it shows a waiting page while the server sleeps. Only secure pages can have one.

import { urlOf } from "./urls.js";

/** `isFree()`: whether the page may reload itself for a newer version. */
export function installWorker(isFree = () => false) {
  const workers = navigator.serviceWorker;
  let known = workers?.controller ?? null;
  let stale = false;
  workers?.register(urlOf("/service-worker.js")).catch(() => { /* a browser that stores nothing: it shows its own error page */ });
  workers?.addEventListener("controllerchange", () => {
    stale ||= known !== null;
    known = workers.controller;
    reload();
  });

  function reload() {
    if (stale && isFree()) location.reload();
  }

  return {
    /** Called from time to time: a page may stay open for weeks. */
    refresh() {
      reload();
      workers?.getRegistration().then((registration) => registration?.update()).catch(() => { /* the server is away */ });
    },
  };
}
