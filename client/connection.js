// The wire: one Socket.IO connection for a drill, kept alive and resumed by its token.

import { urlOf } from "./urls.js";

const SLOW_MS = 3000;             // without an answer to `start` for this long, the page says that it takes a while
const PATIENCE_MS = 20_000;       // then it asks again on a new connection, with twice this patience
const LONGEST_PATIENCE_MS = 160_000;
const RETRY_MS = 2000;
const FULL = ["busy", "too_fast"];   // there is no place now: the page asks again on the same connection
const FULL_MS = 8000;
const EVENTS = ["say", "interrupt", "listening", "heard", "verdict", "ladder", "phase", "finished"];

/**
 * @param {{io: Function, onEvent: (event: {type: string, [field: string]: any}) => void, onStarted: (ack) => void,
 *          onRefused: (code: string, message: string|null) => void, onLost: () => void, after?: Function, random?: () => number}} parts
 *   `io` is Socket.IO's, `after` is setTimeout. A refusal is final, unless the
 *   server is full; a lost connection is restored here. A class starts, and loses its server, all at once: each page waits a random time, longer each time.
 */
export function createConnection({ io, onEvent, onStarted, onRefused, onLost, after = setTimeout, random = Math.random }) {
  let socket = null;
  let request = null;      // the payload of `start`, with the latest token
  let asked = 0;           // counts requests; only the last one matters
  let answer = null;       // to the last `start`: null, "wait" or "begun"
  let patienceMs = PATIENCE_MS;
  let ended = false;       // the drill is over: do not reconnect
  let say = null;          // the last question: a tap about an older one must not count

  function open(startRequest) {
    close();
    request = startRequest;
    ended = false;
    patienceMs = PATIENCE_MS;
    const mine = io({
      path: new URL(urlOf("/socket.io/")).pathname, transports: ["websocket"], forceNew: true, reconnectionDelay: 500, reconnectionDelayMax: 4000, timeout: 8000,
    });
    socket = mine;
    const guarded = (action) => (...given) => mine === socket && action(...given);
    mine.on("connect", guarded(start));
    mine.on("disconnect", guarded(lost));
    mine.on("connect_error", guarded(lost));
    for (const type of EVENTS) {
      mine.on(type, guarded((payload) => {
        if (type === "say") say = payload.id;
        onEvent({ ...payload, type });
      }));
    }
    mine.on("started", guarded(answered));
    mine.on("error", guarded(refusedOrToldOff));
  }

  function start() {
    const [mine, ask] = [socket, ++asked];
    const late = (action) => () => mine === socket && ask === asked && answer === null && action();
    answer = null;
    mine.emit("start", request, (ack) => mine === socket && ask === asked && answered(ack));
    after(late(() => onEvent({ type: "wait" })), SLOW_MS);
    after(late(() => mine.connected && mine.disconnect().connect()), spread(patienceMs));
    patienceMs = Math.min(2 * patienceMs, LONGEST_PATIENCE_MS);
  }

  /** Handles the acknowledgement of `start`, or the event that follows it after a wait. */
  function answered(ack) {
    if (ack?.ok && ack.wait) {
      answer = "wait";   // the place in the queue is kept while the connection lasts
      return onEvent({ type: "wait" });
    }
    if (!ack?.ok) return refused(ack?.code ?? "internal", ack?.message ?? null);
    answer = "begun";
    patienceMs = PATIENCE_MS;
    request = { ...request, token: ack.token };
    onStarted(ack);
  }

  /** A random time from half to one and a half times of it. */
  function spread(ms) {
    return Math.round(ms * (0.5 + random()));
  }

  function lost() {
    socket.sendBuffer = [];                        // speech from a lost connection must not arrive later
    if (ended) return close();
    onLost();
    const mine = socket;
    answer = null;
    asked++;
    if (!mine.active) after(() => mine === socket && mine.connect(), spread(RETRY_MS));   // the server closed it: Socket.IO does not reconnect by itself
  }

  function refused(code, message) {
    if (!FULL.includes(code)) return refuse(code, message);
    const [mine, ask] = [socket, asked];
    answer = "wait";
    onEvent({ type: "wait" });
    after(() => mine === socket && ask === asked && mine.connected && start(), spread(FULL_MS));
  }

  function refuse(code, message) {
    close();
    onRefused(code, message);
  }

  /** @param {{code?: string, message?: string}} [error] */
  function refusedOrToldOff({ code, message } = {}) {
    // The drill was taken over by another page: do not fight for it. Or the server refused it after a wait.
    if (code === "taken_over") return refuse(code, message ?? null);
    if (answer === "wait") return refused(code ?? "internal", message ?? null);
    onEvent({ type: "notice", source: "server", code: code ?? "internal", message: message ?? null });
  }

  function emit(...message) {
    if (socket?.connected) socket.emit(...message);
  }

  function close() {
    const old = socket;
    socket = null;
    old?.disconnect();
  }

  return {
    open,
    close,
    /** What a server that has lost the drill is asked for instead, when the page comes back. */
    keep(wishes) { request = { ...request, ...wishes }; },
    /** The server has sent `finished`: stay for its goodbye, but do not reconnect. */
    finish() { ended = true; },
    audio(seq, capturedMs, pcm) {
      if (socket?.connected) socket.volatile.emit("audio", seq, capturedMs, pcm);
    },
    playing: (say) => emit("playing", { say }),
    played: (say) => emit("played", { say }),
    tap: (answer) => emit("tap", { answer, say }),
    command: (name) => emit("command", { name, say }),
    /** Whether there is a drill with a working connection. */
    get begun() { return answer === "begun" && Boolean(socket?.connected); },
  };
}
