// A child for browser tests: a microphone made of recordings, which answers as soon as the page listens.
// `answerTo(left, right)`, given by the test, resolves to base64 of int16 samples at 16 kHz, or null for silence.
{
  const RATE = 16000;
  const THOUGHT_MS = 150;
  const ROOM = 0.0002;   // a room is never wholly silent
  let context = null;
  let out = null;
  let speaking = false;
  let plugged = true;

  const child = { microphones: [], say };
  window.child = child;

  navigator.mediaDevices.getUserMedia = async () => {
    if (!plugged) throw new DOMException("no microphone", "NotFoundError");
    context ??= new AudioContext({ sampleRate: RATE });
    await context.resume();
    out = context.createMediaStreamDestination();
    const room = context.createBufferSource();
    room.buffer = bufferOf(Float32Array.from({ length: 4 * RATE }, () => ROOM * (2 * Math.random() - 1)));
    room.loop = true;
    room.connect(out);
    room.start();
    child.microphones.push(out.stream.getAudioTracks()[0]);
    return out.stream;
  };

  /** Pulls the plug: `stop` alone fires no event. */
  child.unplug = () => {
    plugged = false;
    const track = child.microphones.at(-1);
    track.stop();
    track.dispatchEvent(new Event("ended"));
  };

  child.plugIn = () => {
    plugged = true;
    navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
  };

  /** From now on the microphone hears what the page plays, so much later and softer. */
  child.hearLoudspeaker = (delayMs, gain) => {
    const start = AudioBufferSourceNode.prototype.start;
    AudioBufferSourceNode.prototype.start = function (atS = 0) {
      if (context && this.context !== context && this.context instanceof AudioContext) {
        const volume = new GainNode(context, { gain });
        const echo = new AudioBufferSourceNode(context, { buffer: this.buffer });
        echo.connect(volume).connect(out);
        start.call(echo, context.currentTime + atS - this.context.currentTime + delayMs / 1000);
      }
      return start.call(this, atS);
    };
  };

  function bufferOf(samples) {
    const buffer = context.createBuffer(1, samples.length, RATE);
    buffer.copyToChannel(samples, 0);
    return buffer;
  }

  function say(base64) {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const voice = context.createBufferSource();
    voice.buffer = bufferOf(Float32Array.from(new Int16Array(bytes.buffer), (sample) => sample / 32768));
    voice.connect(out);
    voice.onended = () => { speaking = false; };
    voice.start(context.currentTime + THOUGHT_MS / 1000);
    speaking = true;
  }

  async function listened() {
    const read = (id) => document.getElementById(id).textContent;
    if (document.body.dataset.phase !== "listen" || speaking) return;
    const samples = await window.answerTo(read("left"), read("right"));
    if (samples) say(samples);
  }

  new MutationObserver(listened).observe(document, { subtree: true, attributeFilter: ["data-phase"] });
}
