// Press and hold, by finger, mouse or keyboard: a child's accidental touch must not be enough.

import { TIMERS } from "./timers.js";

export const HOLD_MS = 2000;

/** Calls `onHeld()` once the button has been held for HOLD_MS. */
export function onHold(button, onHeld, timers = TIMERS) {
  let timer = null;

  function begin() {
    if (timer !== null) return;
    button.dataset.held = "yes";
    timer = timers.set(() => {
      end();
      onHeld();
    }, HOLD_MS);
  }

  function end() {
    timers.clear(timer);
    timer = null;
    delete button.dataset.held;
  }

  const isKey = ({ key }) => key === "Enter" || key === " ";
  button.addEventListener("pointerdown", begin);
  for (const type of ["pointerup", "pointerleave", "pointercancel", "blur"]) button.addEventListener(type, end);
  button.addEventListener("keydown", (event) => isKey(event) && begin());   // it repeats while held; once is enough
  button.addEventListener("keyup", (event) => isKey(event) && end());
  button.addEventListener("contextmenu", (event) => event.preventDefault());   // the menu of a long touch
}
