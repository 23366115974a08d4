// Decides from the microphone's signs of life which message the child needs, if any, and what may help. Time is counted
// in chunks and pulses: clocks jump while the device sleeps.

const DEAF_MS = 5000;       // a room is never digitally silent; a muted headset is
const PATIENT_PULSES = 3;   // the longest time without a chunk
const REOPENINGS = 2;
const MAY_HEAL = ["microphone_lost", "microphone_busy"];

/** @param {(code: string|null) => void} onChange  called with an error code, or null when all is well again */
export function createHealth(onChange, chunkMs = 60) {
  let failure = null;      // it could not be opened, or was unplugged
  let paused = false;      // the browser has stopped all sound, as iOS does during a call
  let muted = false;
  let silentMs = 0;
  let pulses = 0;          // since the last chunk
  let reopenings = 0;      // without a chunk
  let told = null;

  function tell() {
    const silenced = muted || silentMs >= DEAF_MS ? "microphone_muted" : null;
    const code = failure ?? (paused ? "sound_paused" : silenced);
    if (code === told) return;
    told = code;
    onChange(code);
  }

  /** Asking for the microphone again may help a few times in a row; then a person has to look at it. */
  function reopen() {
    if (reopenings === REOPENINGS) failure = "microphone_lost";
    else reopenings++;
    tell();
    return failure === null;
  }

  return {
    opened(isMuted) {
      failure = null;
      muted = isMuted;
      [silentMs, pulses, paused] = [0, 0, false];
      tell();
    },
    failed(code) {
      failure = code;
      tell();
    },
    muted(isMuted) {
      muted = isMuted;
      tell();
    },
    chunk(peak) {
      silentMs = peak === 0 ? silentMs + chunkMs : 0;
      [pulses, reopenings, paused, failure] = [0, 0, false, null];
      tell();
    },
    /** Called each second while it is open. Returns what may help: "wake", "reopen" or null. */
    pulse(isRunning) {
      pulses++;
      if (pulses < PATIENT_PULSES || failure !== null) return null;
      paused = !isRunning;
      pulses = 0;
      if (!paused) return reopen() ? "reopen" : null;
      tell();
      return "wake";
    },
    /** The browser reports that it is gone. Returns whether to ask for another one. */
    ended: reopen,
    forget() {
      [failure, told] = [null, null];
      [paused, muted] = [false, false];
      [silentMs, pulses, reopenings] = [0, 0, 0];
    },
    get code() { return told; },
    get needsReopening() { return failure !== null; },
    /** The microphone may be back by itself: plugged in again, or a call has ended. */
    get mayHaveHealed() { return MAY_HEAL.includes(failure); },
  };
}

const CODES = {
  NotAllowedError: "permission_denied", SecurityError: "permission_denied",
  NotReadableError: "microphone_busy", AbortError: "microphone_busy",
};

/** Our error code for a DOMException of getUserMedia. `hadOne`: there was a microphone a moment ago. */
export function codeOfFailure({ name }, hadOne = false) {
  return CODES[name] ?? (hadOne ? "microphone_lost" : "no_microphone");
}
