// The microphone of this browser: permission, capture in the worklet, and what can happen to it during a drill.

import { codeOfFailure, createHealth } from "./microphone-health.js";

const WORKLET = new URL("./capture-worklet.js", import.meta.url);

/**
 * @param {{onChunk: (chunk) => void, onTrouble: (code: string|null) => void, onRestart: () => void}} handlers
 *   `onRestart`: the audio clock jumped; `onTrouble`: an error code, or null when the microphone is well
 * @param {{rate: number, touchedUp: boolean}} sound  of the chunks; `touchedUp` by the browser, against echo and noise
 */
export function createMicrophone({ onChunk, onTrouble, onRestart }, { rate, touchedUp } = { rate: 16000, touchedUp: true }) {
  const wantedAudio = {
    audio: { echoCancellation: touchedUp, noiseSuppression: touchedUp, autoGainControl: touchedUp, channelCount: 1 },
  };
  const health = createHealth(onTrouble);
  let context = null;
  let stream = null;
  let node = null;
  let wanted = false;
  let opening = null;

  /** Must run inside a tap: iOS starts no audio context elsewhere. */
  function prepare() {
    wanted = true;
    if (!context || context.state === "closed") context = createContext(true);
    wake();
  }

  function createContext(atRate) {
    let made;
    try {
      made = new AudioContext(atRate ? { sampleRate: rate } : {});
    } catch {
      made = new AudioContext();
    }
    made.onstatechange = () => {
      if (made.state === "running") onRestart();
      else if (wanted) wake();   // a phone call has ended, or Start came while the last drill was being put away
    };
    return made;
  }

  function wake() {
    if (context && context.state !== "running" && context.state !== "closed") context.resume().catch(() => {});
  }

  /** Asks for the microphone and starts capture. Resolves in any case; trouble is told through `onTrouble`. */
  function open() {
    wanted = true;
    opening ??= tryOpen().finally(() => { opening = null; });
    return opening;
  }

  async function tryOpen() {
    if (!window.isSecureContext || !navigator.mediaDevices) return health.failed("insecure_page");
    release();
    try {
      const granted = await navigator.mediaDevices.getUserMedia(wantedAudio);
      if (!wanted) return stopTracks(granted);   // the child stopped while the browser asked
      stream = granted;
      await capture(granted);
      watch(granted.getAudioTracks()[0]);
    } catch (failure) {
      release();
      health.failed(codeOfFailure(failure));
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
      wake();
      source = context.createMediaStreamSource(granted);
    }
    await context.audioWorklet.addModule(WORKLET);
    node = new AudioWorkletNode(context, "chunk-capture", {
      numberOfInputs: 1, outputChannelCount: [1], processorOptions: { rate },
    });
    node.port.onmessage = ({ data }) => {
      health.chunk(data.peak);
      onChunk(data);
    };
    onRestart();
    source.connect(node).connect(context.destination);   // its output is silence; Safari runs only nodes that lead somewhere
  }

  function watch(track) {
    track.onmute = () => health.muted(true);
    track.onunmute = () => health.muted(false);
    track.onended = () => {
      health.failed("microphone_lost");
      release();
    };
    if (track.readyState === "ended") track.onended();
    else health.opened(track.muted);
  }

  function release() {
    node?.port.postMessage("stop");
    node?.disconnect();
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

  function retry() {
    if (wanted && health.needsReopening) open();
  }

  navigator.mediaDevices?.addEventListener("devicechange", retry);
  navigator.permissions?.query({ name: "microphone" }).then((permission) => {
    permission.onchange = () => permission.state === "granted" && retry();
  }).catch(() => { /* an older browser cannot be asked */ });

  return { prepare, open, close, retry, wake, get isOpen() { return node !== null; } };
}

function stopTracks(stream) {
  for (const track of stream.getTracks()) {
    track.onended = null;
    track.stop();
  }
}
