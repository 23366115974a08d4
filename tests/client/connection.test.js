import assert from "node:assert/strict";
import test from "node:test";
import { createConnection } from "../../client/connection.js";

/** A Socket.IO socket that the test controls. */
function fakeSocket() {
  const listeners = {};
  const sent = [];
  const socket = {
    connected: false, active: true, sendBuffer: [], sent, reconnects: 0,
    on(type, action) { listeners[type] = action; },
    emit(...message) { sent.push(message); },
    connect() { socket.reconnects++; return socket; },
    disconnect() { socket.connected = false; socket.closed = true; return socket; },
    hear(type, payload) { listeners[type](payload); },
    join() { socket.connected = true; listeners.connect(); },
    drop() { socket.connected = false; listeners.disconnect("transport close"); },
    answer(ack) { sent.findLast(([type]) => type === "start").at(-1)(ack); },
  };
  socket.volatile = { emit: (...message) => sent.push(["volatile", ...message]) };
  return socket;
}

function line(random = () => 0.5) {
  const log = [];
  const sockets = [];
  const waits = [];
  const connection = createConnection({
    io: () => { sockets.push(fakeSocket()); return sockets.at(-1); },
    onEvent: (event) => log.push(event),
    onStarted: (ack) => log.push({ type: "started", ...ack }),
    onRefused: (code, message) => log.push({ type: "refused", code, message }),
    onLost: () => log.push({ type: "lost" }),
    after: (action, ms) => waits.push({ action, ms }),
    random,
  });
  connection.open({ protocol: 1, token: null });
  return { connection, log, sockets, socket: sockets[0], waits };
}

test("a drill that lost its line asks for itself by its token", () => {
  const { log, socket } = line();
  socket.join();
  socket.answer({ ok: true, token: "abc", resumed: false });
  socket.sendBuffer = ["old sound"];
  socket.drop();
  assert.deepEqual(socket.sendBuffer, []);
  socket.join();
  const starts = socket.sent.filter(([type]) => type === "start");
  assert.deepEqual(starts.map(([, request]) => request.token), [null, "abc"]);
  assert.deepEqual(log.map(({ type }) => type), ["started", "lost"]);
});

test("nothing is kept for later while the line is down", () => {
  const { connection, socket } = line();
  connection.audio(0, 0, new ArrayBuffer(1920));
  connection.played(1);
  connection.tap(56);
  connection.command("stop");
  assert.deepEqual(socket.sent, []);
});

test("sound goes out volatile, the rest does not", () => {
  const { connection, socket } = line();
  socket.join();
  connection.audio(3, 180, "pcm");
  connection.played(7);
  assert.deepEqual(socket.sent.slice(1), [["volatile", "audio", 3, 180, "pcm"], ["played", { say: 7 }]]);
});

test("that a say has begun to sound is told, and an interrupt is heard", () => {
  const { connection, log, socket } = line();
  connection.playing(6);
  socket.join();
  connection.playing(7);
  socket.hear("interrupt", { say: 7 });
  assert.deepEqual(socket.sent.slice(1), [["playing", { say: 7 }]]);
  assert.deepEqual(log, [{ type: "interrupt", say: 7 }]);
});

test("a tap says which question it is about", () => {
  const { connection, socket } = line();
  socket.join();
  socket.hear("say", { id: 7, clips: [] });
  connection.tap(56);
  connection.command("skip");
  assert.deepEqual(socket.sent.slice(1), [["tap", { answer: 56, say: 7 }], ["command", { name: "skip", say: 7 }]]);
});

test("wire events arrive as events with their names", () => {
  const { log, socket } = line();
  socket.hear("say", { id: 1, clips: [] });
  socket.hear("phase", { name: "listen" });
  assert.deepEqual(log, [{ id: 1, clips: [], type: "say" }, { name: "listen", type: "phase" }]);
});

test("a drill that was taken over is let go without a fight", () => {
  const { log, socket } = line();
  socket.join();
  socket.hear("error", { code: "taken_over", message: "elsewhere" });
  assert.equal(socket.closed, true);
  socket.drop();
  assert.deepEqual(log, [{ type: "refused", code: "taken_over", message: "elsewhere" }]);
});

test("other errors are told and the drill goes on", () => {
  const { log, socket } = line();
  socket.join();
  socket.hear("error", { code: "too_fast", message: "slowly" });
  assert.deepEqual(log, [{ type: "notice", source: "server", code: "too_fast", message: "slowly" }]);
  assert.ok(!socket.closed);
});

test("a refused start closes the line", () => {
  const { log, socket } = line();
  socket.join();
  socket.answer({ ok: false, code: "unknown_learner", message: "gone" });
  assert.equal(socket.closed, true);
  assert.deepEqual(log, [{ type: "refused", code: "unknown_learner", message: "gone" }]);
});

for (const code of ["busy", "too_fast"]) {
  test(`a page that is told ${code} waits, and asks again on the same line until it may begin`, () => {
    const { connection, log, socket, waits } = line();
    socket.join();
    for (let time = 1; time <= 3; time++) {
      socket.answer({ ok: false, code, message: "full" });
      runOut(waits.splice(0), 8000);
      assert.equal(socket.sent.length, 1 + time);
    }
    socket.answer({ ok: true, token: "abc", resumed: false });
    runOut(waits.splice(0), 8000);
    assert.equal(socket.sent.length, 4);
    assert.deepEqual(log.map(({ type }) => type), ["wait", "wait", "wait", "started"]);
    assert.equal(connection.begun, true);
  });

  test(`a page that is told ${code} asks no more once it was left or cut off`, () => {
    for (const end of ["close", "drop"]) {
      const { connection, socket, waits } = line();
      socket.join();
      socket.answer({ ok: false, code, message: "full" });
      end === "close" ? connection.close() : socket.drop();
      runOut(waits, 8000);
      assert.equal(socket.sent.length, 1);
    }
  });
}

test("a class that is told to wait comes back one after the other", () => {
  const waits = [0, 0.25, 0.999].map((random) => {
    const { socket, waits } = line(() => random);
    socket.join();
    socket.answer({ ok: false, code: "busy", message: "full" });
    return waits.at(-1).ms;
  });
  assert.deepEqual(waits, [4000, 6000, 11992]);
});

/** Lets the page's timers of this length run out. */
const runOut = (waits, ms) => waits.filter((wait) => wait.ms === ms).forEach(({ action }) => action());

test("a start that is answered late is waited for on the same line", () => {
  const { log, socket, waits } = line();
  socket.join();
  runOut(waits, 3000);
  assert.deepEqual(log, [{ type: "wait" }]);
  assert.equal(socket.reconnects, 0);
  socket.answer({ ok: true, token: "abc", resumed: false });
  waits.forEach(({ action }) => action());
  assert.equal(log.at(-1).type, "started");
  assert.equal(socket.reconnects, 0, "what was answered is not asked again");
});

test("a start without an answer is asked again, with more patience each time", () => {
  const { socket, waits } = line();
  const patience = [];
  for (let tries = 1; tries <= 5; tries++) {
    socket.join();
    const { action, ms } = waits.at(-1);
    patience.push(ms);
    action();
    assert.equal(socket.reconnects, tries);
  }
  assert.deepEqual(patience, [20_000, 40_000, 80_000, 160_000, 160_000]);
});

test("pages that begin together do not come back together", () => {
  const patience = [0, 0.999].map((luck) => {
    const { socket, waits } = line(() => luck);
    socket.join();
    return waits.at(-1).ms;
  });
  assert.deepEqual(patience, [10_000, 29_980]);
});

test("a page that is told to wait keeps its place, and an event starts its drill", () => {
  const { connection, log, socket, waits } = line();
  socket.join();
  socket.answer({ ok: true, wait: true });
  waits.forEach(({ action }) => action());
  assert.equal(socket.reconnects, 0);
  assert.deepEqual(log, [{ type: "wait" }]);
  assert.equal(connection.begun, false);
  socket.hear("started", { ok: true, token: "abc", resumed: false });
  assert.equal(connection.begun, true);
  socket.drop();
  assert.equal(connection.begun, false);
  socket.join();
  assert.deepEqual(socket.sent.at(-1)[1].token, "abc");
});

test("a refusal after a wait is explained", () => {
  const { log, socket } = line();
  socket.join();
  socket.answer({ ok: true, wait: true });
  socket.hear("error", { code: "unknown_learner", message: "gone" });
  assert.equal(socket.closed, true);
  assert.deepEqual(log.at(-1), { type: "refused", code: "unknown_learner", message: "gone" });
});

test("a server that is full after a wait is asked again", () => {
  const { socket, waits } = line();
  socket.join();
  socket.answer({ ok: true, wait: true });
  socket.hear("error", { code: "busy", message: "full" });
  runOut(waits, 8000);
  assert.equal(socket.sent.length, 2);
  assert.ok(!socket.closed);
});

test("when the server hangs up, the page calls back", () => {
  const { log, socket, waits } = line();
  socket.join();
  socket.active = false;
  socket.drop();
  assert.deepEqual(log, [{ type: "lost" }]);
  waits.at(-1).action();
  assert.equal(waits.at(-1).ms, 2000);
  assert.equal(socket.reconnects, 1);
});

test("after the end of a drill a lost connection does not matter", () => {
  const { connection, log, socket } = line();
  socket.join();
  connection.finish();
  socket.drop();
  assert.deepEqual(log, []);
  assert.equal(socket.closed, true);
});

test("a new drill does not listen to the old one's line", () => {
  const { connection, log, sockets } = line();
  connection.open({ protocol: 1, token: null });
  assert.equal(sockets[0].closed, true);
  sockets[0].hear("say", { id: 1 });
  sockets[0].drop();
  assert.deepEqual(log, []);
});

test("what is kept for a server that has lost the drill goes with the next request, and with no other drill's", () => {
  const { connection, socket, sockets } = line();
  socket.join();
  socket.answer({ ok: true, token: "abc", resumed: false });
  connection.keep({ from_line: 4 });
  socket.drop();
  socket.join();
  connection.open({ protocol: 1, token: null });
  sockets[1].join();
  const starts = sockets.flatMap(({ sent }) => sent).filter(([type]) => type === "start");
  assert.deepEqual(starts.map(([, request]) => request.from_line), [undefined, 4, undefined]);
});
