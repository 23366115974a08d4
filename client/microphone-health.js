// Is anything to be heard? Decides from the microphone's signs of life which message the child needs, if any.

const DEAF_MS = 5000;   // a room is never digitally silent; a muted headset is

/** @param {(code: string|null) => void} onChange  called with an error code, or null when all is well again */
export function createHealth(onChange, chunkMs = 60) {
  let failure = null;      // it could not be opened, or was unplugged
  let muted = false;
  let silentMs = 0;
  let told = null;

  function tell() {
    const code = failure ?? (muted || silentMs >= DEAF_MS ? "microphone_muted" : null);
    if (code === told) return;
    told = code;
    onChange(code);
  }

  return {
    opened(isMuted) {
      failure = null;
      muted = isMuted;
      silentMs = 0;
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
      tell();
    },
    forget() {
      failure = null;
      muted = false;
      silentMs = 0;
      told = null;
    },
    get code() { return told; },
    get needsReopening() { return failure !== null; },
  };
}

/** Our error code for a DOMException of getUserMedia. */
export function codeOfFailure({ name }) {
  return name === "NotAllowedError" || name === "SecurityError" ? "permission_denied" : "no_microphone";
}
