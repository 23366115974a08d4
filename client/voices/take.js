// One recording in progress: when it ends, and what is sent.

export const RATE = 24000;              // as the standard prompts
export const CHUNK_MS = 60;             // the worklet's
const LONGEST_MS = 7900;                // the server takes eight seconds
const QUIET_MS = 1200;                  // sentences may have a pause between them
const SHORTEST_VOICE_MS = 120;

/**
 * Whether the speaker has finished, or the recording is full.
 * @param {number[]} levels  the RMS of each chunk so far, 1 is full scale
 */
export function isOver(levels) {
  if ((levels.length + 1) * CHUNK_MS > LONGEST_MS) return true;
  const loudest = Math.max(...levels);
  // A voice has three times the level of the quietest moment, unless that is nearly the loudest.
  const voice = Math.max(0.002, Math.min(3 * Math.min(...levels), 0.4 * loudest), 0.1 * loudest);
  const spoken = levels.filter((level) => level > voice).length * CHUNK_MS;
  const quiet = levels.slice(-QUIET_MS / CHUNK_MS);
  return spoken >= SHORTEST_VOICE_MS && levels.length * CHUNK_MS > QUIET_MS && quiet.every((level) => level <= voice);
}

/** A WAV file of 16 bits, mono. @param {ArrayBuffer[]} chunks  of little-endian integers */
export function wavOf(chunks, rate = RATE) {
  const size = chunks.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const header = new DataView(new ArrayBuffer(44));
  const letters = (at, text) => [...text].forEach((letter, i) => header.setUint8(at + i, letter.charCodeAt(0)));
  letters(0, "RIFF");
  header.setUint32(4, 36 + size, true);
  letters(8, "WAVEfmt ");
  header.setUint32(16, 16, true);
  header.setUint16(20, 1, true);          // PCM
  header.setUint16(22, 1, true);          // mono
  header.setUint32(24, rate, true);
  header.setUint32(28, 2 * rate, true);
  header.setUint16(32, 2, true);
  header.setUint16(34, 16, true);
  letters(36, "data");
  header.setUint32(40, size, true);
  return new Blob([header, ...chunks], { type: "audio/wav" });
}
