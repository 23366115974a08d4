// Decides which microphone chunks go to the server, with which number and time.

const STALE_MS = 1000;   // as much as the server takes at once; an older chunk is too late for an answer

/**
 * Full duplex: all chunks are sent from `begin` to `stop`, also while a prompt plays. Half duplex: only those captured
 * between `open` and `close`: the drill does not hear itself.
 * `send(seq, capturedMs, pcm)` is called for each chunk that is sent.
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
    /** The server has begun or resumed the drill. `duplex`: "full" or "half"; half if an older server says neither. */
    begin(duplex) { full = duplex === "full"; },
    open() { open = true; },
    close() { open = false; },
    /** The connection is lost, or the drill is over: nothing is sent before the next `begin` or `open`. */
    stop,
    get isOpen() { return open; },
    get isFull() { return full; },

    /** The audio clock stopped or restarted: the next chunk ties it to the page's clock again. */
    resync() { offsetMs = null; },

    /** A new drill counts from zero. */
    restart() {
      stop();
      seq = 0;
    },

    /** `ageMs`: the chunk's delay. A stale chunk leaves a gap in the numbers, which the server sees. */
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
