// The microphone on the audio thread: any rate and channel count in, 60 ms chunks of mono int16 out, at 16 kHz or another rate.
// It imports nothing: older browsers load no modules into an AudioWorklet.

const USUAL_RATE = 16000;
const CHUNK_MS = 60;
const LOBES = 24;               // zero crossings of the sinc on each side: narrow enough to keep 6.7 kHz and stop 8.5 kHz
const KAISER_BETA = 7.5;        // about 75 dB below the passband
const LONGEST_BLOCK = 2048;     // render blocks have 128 frames today, and may grow

const gcd = (a, b) => (b === 0 ? a : gcd(b, a % b));

/** Zeroth-order modified Bessel function, which shapes the Kaiser window. */
function bessel(x) {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-12; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

/** One filter for each fractional position that an output sample can have between two input samples. */
function polyphase(rate, outRate, phases, half) {
  const cutoff = (0.47 * Math.min(rate, outRate)) / rate;
  const taps = 2 * half;
  const table = new Float32Array(phases * taps);
  for (let phase = 0; phase < phases; phase++) {
    const row = table.subarray(phase * taps, (phase + 1) * taps);
    let sum = 0;
    for (let tap = 0; tap < taps; tap++) {
      const x = tap - half + 1 - phase / phases;
      const edge = Math.max(0, 1 - (x / half) ** 2);
      const window = bessel(KAISER_BETA * Math.sqrt(edge)) / bessel(KAISER_BETA);
      const sinc = x === 0 ? 2 * cutoff : Math.sin(2 * Math.PI * cutoff * x) / (Math.PI * x);
      row[tap] = sinc * window;
      sum += row[tap];
    }
    for (let tap = 0; tap < taps; tap++) row[tap] /= sum;   // the same loudness at every position
  }
  return table;
}

/** Windowed-sinc resampler. Positions are integers (index and phase), so it never drifts. */
class Resampler {
  constructor(rate, outRate) {
    const common = gcd(rate, outRate);
    this.phases = outRate / common;
    this.step = rate / common;                              // input advance per output sample, in units of 1/phases
    this.half = Math.ceil(LOBES * Math.max(1, rate / outRate));
    this.table = polyphase(rate, outRate, this.phases, this.half);
    this.buffer = new Float32Array(4 * this.half + Math.ceil(rate / outRate) + LONGEST_BLOCK);
    this.length = this.half;                                // silence before the first sample
    this.index = this.half;                                 // input sample at or before the next output sample
    this.phase = 0;
  }

  /** Calls `emit(sample, offset)` for each output; `offset` is its place in input frames from this block's start. */
  push(block, emit) {
    const { buffer, half, phases, table } = this;
    const before = this.length;
    buffer.set(block, this.length);
    this.length += block.length;
    while (this.index + half < this.length) {
      const row = this.phase * 2 * half;
      const from = this.index - half + 1;
      let sum = 0;
      for (let tap = 0; tap < 2 * half; tap++) sum += buffer[from + tap] * table[row + tap];
      emit(sum, this.index + this.phase / phases - before);
      const advanced = this.phase + this.step;
      this.index += Math.floor(advanced / phases);
      this.phase = advanced % phases;
    }
    const used = Math.min(this.index - half, this.length);
    buffer.copyWithin(0, used, this.length);
    this.length -= used;
    this.index -= used;
  }
}

class ChunkCapture extends AudioWorkletProcessor {
  constructor(options) {
    super();
    const rate = options?.processorOptions?.rate ?? USUAL_RATE;
    this.chunkSamples = (rate * CHUNK_MS) / 1000;
    this.resampler = sampleRate === rate ? null : new Resampler(sampleRate, rate);
    this.mono = new Float32Array(128);
    this.lastMs = -1;
    this.stopped = false;
    this.emit = (sample, offset) => this.take(sample, offset);
    this.clear();
    this.port.onmessage = ({ data }) => { this.stopped = data === "stop"; };
  }

  clear() {
    this.pcm = new Int16Array(this.chunkSamples);   // every platform with a browser is little-endian
    this.filled = 0;
    this.energy = 0;
    this.peak = 0;
  }

  process([channels]) {
    if (this.stopped) return false;
    if (!channels || channels.length === 0) return true;
    const block = this.mix(channels);
    if (this.resampler) this.resampler.push(block, this.emit);
    else for (let i = 0; i < block.length; i++) this.take(block[i], i);
    return true;
  }

  mix(channels) {
    if (channels.length === 1) return channels[0];
    const frames = channels[0].length;
    if (this.mono.length !== frames) this.mono = new Float32Array(frames);
    for (let i = 0; i < frames; i++) {
      let sum = 0;
      for (const channel of channels) sum += channel[i];
      this.mono[i] = sum / channels.length;
    }
    return this.mono;
  }

  take(sample, offset) {
    if (this.filled === 0) {
      const atMs = Math.round((currentTime + offset / sampleRate) * 1000);
      this.lastMs = Math.max(this.lastMs + 1, atMs);
    }
    this.pcm[this.filled++] = Math.max(-32768, Math.min(32767, Math.round(sample * 32768)));
    this.energy += sample * sample;
    this.peak = Math.max(this.peak, Math.abs(sample));
    if (this.filled < this.chunkSamples) return;
    const message = {
      pcm: this.pcm.buffer, capturedMs: this.lastMs, rms: Math.sqrt(this.energy / this.chunkSamples), peak: this.peak,
    };
    this.port.postMessage(message, [message.pcm]);
    this.clear();
  }
}

registerProcessor("chunk-capture", ChunkCapture);
