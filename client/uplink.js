// Which microphone chunks go to the server, and under which number and time.

const STALE_MS = 1000;   // as much as the server takes at once; what lay longer is no answer to anything any more

/**
 * Full duplex: everything goes out from `begin` to `stop`, while a prompt plays as well. Half duplex: only what is captured
 * between `open` and `close`, so that the drill does not hear itself.
 * `send(seq, capturedMs, pcm)` is called for each chunk that goes out.
 */
export function createUplink(send, now = () => performance.now()) {
  let full = false;
  let open = false;   // it is the child's turn: no prompt plays
  let seq = 0;
  let lastMs = 0;
  let offsetMs = null;

  function stop() {
    full = false;
    open = false;
  }

  return {
    /** The server has begun or resumed the drill. `duplex`: its word, "full" or "half"; a server without it means half. */
    begin(duplex) { full = duplex === "full"; },
    open() { open = true; },
    close() { open = false; },
    /** The line is lost, or the drill is over: nothing goes out before the next `begin` or `open`. */
    stop,
    get isOpen() { return open; },
    get isFull() { return full; },

    /** The audio clock stood still or began again: tie it to the page's clock anew at the next chunk. */
    resync() { offsetMs = null; },

    /** A new drill counts from zero. */
    restart() {
      stop();
      seq = 0;
    },

    /** `ageMs`: how long the chunk lay; a stale one leaves a gap in the numbers, so that the server knows. */
    chunk({ pcm, capturedMs, ageMs = 0 }) {
      const chunkMs = pcm.byteLength / 32;   // 16 samples of 2 bytes a millisecond
      offsetMs ??= Math.round(now() - chunkMs) - capturedMs;
      const atMs = Math.max(lastMs + 1, capturedMs + offsetMs);
      lastMs = atMs;
      if (!open && !full) return;
      const mine = seq++;
      if (ageMs <= STALE_MS) send(mine, atMs, pcm);
    },
  };
}
