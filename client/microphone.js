// The microphone of this browser: permission, capture in the worklet, and what can happen to it during a drill.

import { codeOfFailure, createHealth } from "./microphone-health.js";

const WORKLET = new URL("./capture-worklet.js", import.meta.url);
const CHUNK_MS = 60;
const PULSE_MS = 1000;
const FOR_THE_DRILL = { rate: 16000, touchedUp: true };

/** What this browser has; tests bring their own. `every` returns what stops it. */
const thisBrowser = () => ({
  isSecure: window.isSecureContext, devices: navigator.mediaDevices, permissions: navigator.permissions,
  makeContext: (options) => new AudioContext(options),
  makeNode: (context, options) => new AudioWorkletNode(context, "chunk-capture", options),
  every(ms, action) {
    const timer = setInterval(action, ms);
    return () => clearInterval(timer);
  },
});

/**
 * @param {{onChunk: (chunk) => void, onTrouble: (code: string|null) => void, onRestart: () => void}} handlers
 *   `onChunk`: {pcm, capturedMs, rms, peak, ageMs}, the last being how long it lay before it came here; `onRestart`: the
 *   audio clock jumped; `onTrouble`: an error code, or null when the microphone is well
 * @param {{rate: number, touchedUp: boolean}} sound  of the chunks; `touchedUp` by the browser, against echo and noise
 */
export function createMicrophone({ onChunk, onTrouble, onRestart }, { rate, touchedUp } = FOR_THE_DRILL, browser = thisBrowser()) {
  const wantedAudio = {
    audio: { echoCancellation: touchedUp, noiseSuppression: touchedUp, autoGainControl: touchedUp, channelCount: 1 },
  };
  const health = createHealth(onTrouble);
  let context = null;
  let stream = null;
  let node = null;
  let wanted = false;
  let opening = null;
  let usual = null;         // which microphone was the usual one when this was opened
  let stopPulse = () => {};

  /** Must run inside a tap: iOS starts no audio context elsewhere. */
  function prepare() {
    wanted = true;
    if (!context || context.state === "closed") context = createContext(true);
    resume();
  }

  function createContext(atRate) {
    let made;
    try {
      made = browser.makeContext(atRate ? { sampleRate: rate } : {});
    } catch {
      made = browser.makeContext({});
    }
    made.onstatechange = () => {
      if (made.state === "running") onRestart();
      else if (wanted) resume();   // a phone call has ended, or Start came while the last drill was being put away
    };
    return made;
  }

  function resume() {
    if (context && context.state !== "running" && context.state !== "closed") context.resume().catch(() => {});
  }

  /** Somebody is here again: the page is shown, or was touched. */
  function wake() {
    resume();
    if (wanted && health.mayHaveHealed) open();
  }

  /** Asks for the microphone and starts capture. Resolves in any case; trouble is told through `onTrouble`. */
  function open() {
    wanted = true;
    opening ??= tryOpen().finally(() => { opening = null; });
    return opening;
  }

  async function tryOpen() {
    if (!browser.isSecure) return health.failed("insecure_page");
    if (!browser.devices) return health.failed("microphone_unsupported");
    const hadOne = stream !== null || health.mayHaveHealed;
    release();
    try {
      const granted = await browser.devices.getUserMedia(wantedAudio);
      if (!wanted) return stopTracks(granted);   // the child stopped while the browser asked
      stream = granted;
      usual = await usualMicrophone();
      await capture(granted);
      if (stream !== granted) return wanted ? tryOpen() : release();   // that drill is over, and perhaps the next one begun
      watch(granted.getAudioTracks()[0]);
    } catch (failure) {
      release();
      if (wanted) health.failed(codeOfFailure(failure, hadOne));
    }
  }

  async function capture(granted) {
    let source;
    try {
      source = context.createMediaStreamSource(granted);
    } catch {
      // Firefox joins no 48 kHz microphone to a 16 kHz context: take the default rate, the worklet resamples.
      await context.close();
      context = createContext(false);
      resume();
      source = context.createMediaStreamSource(granted);
    }
    const clock = context;
    await clock.audioWorklet.addModule(WORKLET);
    node = browser.makeNode(clock, { numberOfInputs: 1, outputChannelCount: [1], processorOptions: { rate } });
    node.port.onmessage = ({ data }) => {
      health.chunk(data.peak);
      onChunk({ ...data, ageMs: clock.currentTime * 1000 - data.capturedMs - CHUNK_MS });
    };
    onRestart();
    source.connect(node).connect(clock.destination);   // its output is silence; Safari runs only nodes that lead somewhere
  }

  function watch(track) {
    track.onmute = () => health.muted(true);
    track.onunmute = () => health.muted(false);
    track.onended = () => {
      if (health.ended()) open();   // a tablet has one of its own, when the headset is gone
      else release();
    };
    if (track.readyState === "ended") throw new DOMException("gone already", "NotFoundError");
    health.opened(track.muted);
    stopPulse = browser.every(PULSE_MS, pulse);
  }

  /** A device that slept or a driver that gave up tells nobody: nothing comes any more. */
  function pulse() {
    const help = health.pulse(context.state === "running");
    if (help === "wake") resume();
    if (help === "reopen") open();
  }

  function release() {
    stopPulse();
    stopPulse = () => {};
    node?.port.postMessage("stop");
    node?.disconnect();
    if (node) node.port.onmessage = null;
    node = null;
    if (stream) stopTracks(stream);
    stream = null;
  }

  /** The drill is over: let go of the device, so that the browser's recording sign goes out. */
  function close() {
    wanted = false;
    release();
    health.forget();
    context?.suspend().catch(() => {});
  }

  /** Something was plugged in or out. A headset that is the usual microphone from now on is the one that the child speaks into. */
  async function devicesChanged() {
    if (!wanted) return;
    if (health.needsReopening) return open();
    if (stream && !opening && await usualMicrophone() !== usual && wanted) open();
  }

  /** The one that the browser gives when none is asked for: it stands first. */
  async function usualMicrophone() {
    const devices = await browser.devices.enumerateDevices().catch(() => []);
    const first = devices.find(({ kind }) => kind === "audioinput");
    return first ? `${first.deviceId} ${first.groupId} ${first.label}` : null;
  }

  browser.devices?.addEventListener("devicechange", devicesChanged);
  browser.permissions?.query({ name: "microphone" }).then((permission) => {
    permission.onchange = () => permission.state === "granted" && wanted && health.needsReopening && open();
  }).catch(() => { /* an older browser cannot be asked */ });

  return {
    prepare, open, close, wake,
    get isOpen() { return node !== null; },
    /** The code told last; null when it is well, or closed. */
    get trouble() { return health.code; },
  };
}

function stopTracks(stream) {
  for (const track of stream.getTracks()) {
    track.onended = null;
    track.stop();
  }
}
