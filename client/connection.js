// The wire: one Socket.IO connection for a drill, kept alive and resumed by its token.

const ACK_MS = 8000;
const RETRY_MS = 2000;
const EVENTS = ["say", "interrupt", "listening", "heard", "verdict", "phase", "finished"];

/**
 * @param {{io: Function, onEvent: (event: {type: string}) => void, onStarted: (ack) => void,
 *          onRefused: (code: string, message: string|null) => void, onLost: () => void, after?: Function}} parts
 *   `io` is Socket.IO's, `after` is setTimeout; a refusal is final, a loss is mended here
 */
export function createConnection({ io, onEvent, onStarted, onRefused, onLost, after = setTimeout }) {
  let socket = null;
  let request = null;      // what `start` says, with the latest token
  let ended = false;       // the drill is over: nothing to win back
  let say = null;          // what was asked last: a tap about anything older must not count

  function open(startRequest) {
    close();
    request = startRequest;
    ended = false;
    const mine = io({
      transports: ["websocket"], forceNew: true, reconnectionDelay: 500, reconnectionDelayMax: 4000, timeout: 8000,
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
    mine.on("error", guarded(refusedOrToldOff));
  }

  function start() {
    const mine = socket;
    mine.timeout(ACK_MS).emit("start", request, (late, ack) => {
      if (mine !== socket) return;
      if (late) return mine.connected && mine.disconnect().connect();   // ask again on a new connection
      if (ack?.ok) {
        request = { ...request, token: ack.token };
        return onStarted(ack);
      }
      refuse(ack?.code ?? "internal", ack?.message ?? null);
    });
  }

  function lost() {
    socket.sendBuffer = [];                        // words spoken into a dead line must not arrive later
    if (ended) return close();
    onLost();
    const mine = socket;
    if (!mine.active) after(() => mine === socket && mine.connect(), RETRY_MS);   // the server hung up: Socket.IO does not try again
  }

  function refuse(code, message) {
    close();
    onRefused(code, message);
  }

  function refusedOrToldOff({ code, message } = {}) {
    if (code === "taken_over") return refuse(code, message);   // the drill goes on elsewhere: do not fight for it
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
    /** The server has said `finished`: stay for its goodbye, but do not come back. */
    finish() { ended = true; },
    audio(seq, capturedMs, pcm) {
      if (socket?.connected) socket.volatile.emit("audio", seq, capturedMs, pcm);
    },
    playing: (say) => emit("playing", { say }),
    played: (say) => emit("played", { say }),
    tap: (answer) => emit("tap", { answer, say }),
    command: (name) => emit("command", { name, say }),
    get connected() { return Boolean(socket?.connected); },
  };
}
