// Measures a check's recording. Pure: samples in, figures and one piece of advice out.

export const RATE = 16000;
const FRAME = RATE / 50;             // 20 ms
const QUIETEST_DB = -96;             // one step of 16 bits
const CLIPPED = 0.985;               // of full scale; converters flatten a little below it

// Echo: correlated at 4 kHz, where speech has its energy and the clocks of two sound cards do not drift apart in a few seconds.
const DECIMATION = 4;
const LOW_RATE = RATE / DECIMATION;
export const LONGEST_ECHO_MS = 1000;
const SHORTEST_PROMPT_S = 0.3;       // less sound than this proves nothing
const SURE_ECHO = 9;                 // times the usual correlation: of 180 pieces of the same voices one reached 8; an echo in a lively room reaches 10
const FAINTEST_ECHO = 0.05;          // of a perfect copy

// Voice: frames this far above the noise; shorter sounds are knocks.
const VOICE_OVER_NOISE_DB = 8;
const SHORTEST_VOICE_FRAMES = 8;
const AFTER_ECHO_MS = 160;           // the room's own reverberation

/** The limits of the advice, with their reasons. */
export const LIMITS = {
  silentDb: -75,          // peak: a room with a live microphone is louder
  noiseDb: -38,           // hum and voices at this level open the voice detector by themselves
  voiceOverNoiseDb: 12,   // the voice detector is good from 10 dB on; a child is softer than an adult
  echoOverVoiceDb: 0,     // answers over an echo as loud as they are still understood
  lateMs: 200,            // the drill listens again 250 ms after a prompt
  lineMs: 300,            // a verdict should come within half a second
  sure: 0.6,              // an answer heard with less is asked for again
};

const toDb = (power) => (power > 0 ? Math.max(QUIETEST_DB, 10 * Math.log10(power)) : QUIETEST_DB);

function powerOf(samples, from = 0, to = samples.length) {
  let sum = 0;
  for (let i = from; i < to; i++) sum += samples[i] ** 2;
  return to > from ? sum / (to - from) : 0;
}

function framePowers(samples) {
  return Array.from({ length: Math.floor(samples.length / FRAME) }, (_, i) => powerOf(samples, i * FRAME, (i + 1) * FRAME));
}

function peakOf(samples) {
  let peak = 0;
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  return peak;
}

const mean = (values) => (values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : 0);

/** Mean power without the loudest tenth: one knock is not the room. */
function noisePower(samples) {
  const sorted = framePowers(samples).sort((a, b) => a - b);
  return mean(sorted.slice(0, Math.max(1, Math.ceil(sorted.length * 0.9))));
}

/** Differences flatten the spectrum of speech; else its pitch would look like an echo. */
function lowRate(samples) {
  const low = new Float32Array(Math.floor(samples.length / DECIMATION));
  let before = 0;
  for (let i = 0; i < low.length; i++) {
    let sum = 0;
    for (let j = 0; j < DECIMATION; j++) sum += samples[i * DECIMATION + j];
    low[i] = sum - before;
    before = sum;
  }
  return low;
}

/** The prompt's echo in the recording, relative to the prompt: {delayMs, levelDb}; null without one. */
export function findEcho(heard, prompt, noise) {
  const lags = (LONGEST_ECHO_MS * LOW_RATE) / 1000;
  const [mine, played] = [lowRate(heard), lowRate(prompt)];
  const length = Math.min(played.length, mine.length - lags);
  const promptPower = powerOf(played, 0, Math.max(0, length));
  if (length < SHORTEST_PROMPT_S * LOW_RATE || promptPower === 0) return null;
  const correlations = new Float32Array(lags);
  let [best, energy] = [0, powerOf(mine, 0, length) * length];
  for (let lag = 0; lag < lags; lag++) {
    let sum = 0;
    for (let i = 0; i < length; i++) sum += played[i] * mine[i + lag];
    correlations[lag] = Math.abs(sum) / Math.sqrt(promptPower * length * Math.max(energy, 1e-9));
    if (correlations[lag] > correlations[best]) best = lag;
    energy += mine[lag + length] ** 2 - mine[lag] ** 2;
  }
  const peak = correlations[best];
  if (peak < FAINTEST_ECHO || peak < SURE_ECHO * Math.sqrt(powerOf(correlations))) return null;
  const from = best * DECIMATION;
  const power = powerOf(heard, from, from + length * DECIMATION) - noise;
  const levelDb = toDb(power) - toDb(powerOf(prompt, 0, length * DECIMATION));
  return { delayMs: Math.round((best * 1000) / LOW_RATE), levelDb, heardDb: toDb(power) };
}

/** Level of the voiced frames, or null without any. */
function voiceOf(samples, noise) {
  const limit = Math.max(noise, 1e-9) * 10 ** (VOICE_OVER_NOISE_DB / 10);
  const loud = framePowers(samples).filter((power) => power > limit);
  return loud.length < SHORTEST_VOICE_FRAMES ? null : toDb(mean(loud));
}

/**
 * `quiet`: the quiet second. `over`: the recording from the first sample of `prompt` on, including the spoken number.
 * @returns {{noiseDb, peakDb, echo: {delayMs, levelDb, heardDb}|null, voiceFrom, voiceDb, voiceOverNoiseDb, clips: "prompt"|"voice"|null}}
 *   `voiceFrom`: the sample of `over` after which the prompt has died away
 */
export function measure({ quiet, over, prompt }) {
  const noise = noisePower(quiet);
  const noiseDb = toDb(noise);
  const echo = findEcho(over, prompt, noise);
  const voiceFrom = Math.min(over.length, prompt.length + (((echo?.delayMs ?? 0) + AFTER_ECHO_MS) * RATE) / 1000);
  const voiceDb = voiceOf(over.subarray(voiceFrom), noise);
  const overPeak = peakOf(over.subarray(0, prompt.length));
  const voicePeak = peakOf(over.subarray(voiceFrom));
  return {
    noiseDb, echo, voiceFrom, voiceDb,
    peakDb: toDb(Math.max(peakOf(quiet), peakOf(over)) ** 2),
    voiceOverNoiseDb: voiceDb === null ? null : voiceDb - noiseDb,
    clips: overPeak >= CLIPPED ? "prompt" : voicePeak >= CLIPPED ? "voice" : null,
  };
}

/** Every key that `advice` may return. */
export const ADVICE = ["silent", "too_loud_speaker", "noisy", "nobody", "too_near", "late", "slow", "unclear", "well"];

/**
 * Returns the text key of what to change first, see `ADVICE`. `heard`: the server's {number, sure}.
 */
export function advice({ noiseDb, peakDb, echo, voiceDb, voiceOverNoiseDb, clips, heard, lineMs }) {
  if (peakDb <= LIMITS.silentDb) return "silent";
  if (clips === "prompt") return "too_loud_speaker";
  if (noiseDb > LIMITS.noiseDb) return "noisy";
  if (voiceDb === null) return "nobody";
  if (voiceOverNoiseDb < LIMITS.voiceOverNoiseDb) return "noisy";
  if (clips === "voice") return "too_near";
  if (echo && echo.heardDb - voiceDb > LIMITS.echoOverVoiceDb) return "too_loud_speaker";
  if (echo && echo.delayMs > LIMITS.lateMs) return "late";
  if (lineMs > LIMITS.lineMs) return "slow";
  if (heard.number === null || heard.sure < LIMITS.sure) return "unclear";
  return "well";
}
