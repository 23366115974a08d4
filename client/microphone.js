// The browser's microphone: permission, capture in the worklet, and faults during a drill.

import { codeOfFailure, createHealth } from "./microphone-health.js";

const WORKLET = new URL("./capture-worklet.js", import.meta.url);
const CHUNK_MS = 60;
const PULSE_MS = 1000;
const FOR_THE_DRILL = { rate: 16000, touchedUp: true };

/** The browser's functions; tests bring their own. `every` returns a function that stops it. */
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
 *   `onChunk`: {pcm, capturedMs, rms, peak, ageMs}; `ageMs`: its delay up to here. `onRestart`: the audio clock jumped.
 *   `onTrouble`: an error code, or null when the microphone works
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
  let usual = null;         // the default microphone when this one was opened
  let stopPulse = () => {};

  /** Must run in a tap's handler: iOS starts no audio context elsewhere. */
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
      else if (wanted) resume();   // a phone call has ended, or Start came while the last drill was closing
    };
    return made;
  }

  function resume() {
    if (context && context.state !== "running" && context.state !== "closed") context.resume().catch(() => {});
  }

  /** The page is visible again, or was touched. */
  function wake() {
    resume();
    if (wanted && health.mayHaveHealed) open();
  }

  /** Asks for the microphone and starts capture. Always resolves; trouble goes to `onTrouble`. */
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
      if (stream !== granted) return wanted ? tryOpen() : release();   // that drill is over; perhaps the next one has begun
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
      if (health.ended()) open();   // the headset is gone; a tablet has a microphone of its own
      else release();
    };
    if (track.readyState === "ended") throw new DOMException("gone already", "NotFoundError");
    health.opened(track.muted);
    stopPulse = browser.every(PULSE_MS, pulse);
  }

  /** Checks for chunks: after sleep or a driver's failure they just stop coming. */
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

  /** The drill is over: releases the device, and the browser's recording sign goes out. */
  function close() {
    wanted = false;
    release();
    health.forget();
    context?.suspend().catch(() => {});
  }

  /** A device was added or removed. A headset that is now the default microphone is the one the child uses. */
  async function devicesChanged() {
    if (!wanted) return;
    if (health.needsReopening) return open();
    if (stream && !opening && await usualMicrophone() !== usual && wanted) open();
  }

  /** The browser's default microphone, the first of the list. */
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
    /** The last trouble's code; null if it works, or is closed. */
    get trouble() { return health.code; },
  };
}

function stopTracks(stream) {
  for (const track of stream.getTracks()) {
    track.onended = null;
    track.stop();
  }
}
