// The service worker: it shows a waiting page while the server sleeps. Only secure pages can have one.

import { urlOf } from "./urls.js";

/** `isFree()`: whether the page may be loaded anew, because a newer one has come. */
export function installWorker(isFree = () => false) {
  const workers = navigator.serviceWorker;
  let known = workers?.controller ?? null;
  let stale = false;
  workers?.register(urlOf("/service-worker.js")).catch(() => { /* a browser that keeps nothing: then it waits by itself */ });
  workers?.addEventListener("controllerchange", () => {
    stale ||= known !== null;
    known = workers.controller;
    reload();
  });

  function reload() {
    if (stale && isFree()) location.reload();
  }

  return {
    /** From time to time, in a page that stays open for weeks. */
    refresh() {
      reload();
      workers?.getRegistration().then((registration) => registration?.update()).catch(() => { /* the server is away */ });
    },
  };
}
