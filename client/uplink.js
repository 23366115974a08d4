// Which microphone chunks go to the server, and under which number and time.

const STALE_MS = 1000;   // as much as the server takes at once; what lay longer is no answer to anything any more

/**
 * Half duplex: the microphone is closed while a prompt plays, so that the drill does not hear itself.
 * `send(seq, capturedMs, pcm)` is called for each chunk that goes out.
 */
export function createUplink(send, now = () => performance.now()) {
  let open = false;
  let seq = 0;
  let lastMs = 0;
  let offsetMs = null;

  return {
    open() { open = true; },
    close() { open = false; },
    get isOpen() { return open; },

    /** The audio clock stood still or began again: tie it to the page's clock anew at the next chunk. */
    resync() { offsetMs = null; },

    /** A new drill counts from zero. */
    restart() {
      open = false;
      seq = 0;
    },

    /** `ageMs`: how long the chunk lay; a stale one leaves a gap in the numbers, so that the server knows. */
    chunk({ pcm, capturedMs, ageMs = 0 }) {
      const chunkMs = pcm.byteLength / 32;   // 16 samples of 2 bytes a millisecond
      offsetMs ??= Math.round(now() - chunkMs) - capturedMs;
      const atMs = Math.max(lastMs + 1, capturedMs + offsetMs);
      lastMs = atMs;
      if (!open) return;
      const mine = seq++;
      if (ageMs <= STALE_MS) send(mine, atMs, pcm);
    },
  };
}
