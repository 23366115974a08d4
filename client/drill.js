// The drills of this device: joins microphone, loudspeaker, connection and touch to one state, and draws it.
// The page decides where a drill starts and what follows it: app.js for the start page, kiosk.js for a class.

import { io } from "../vendor/socket.io.esm.min.js";
import { drawCompanion } from "./companion.js";
import { createConnection } from "./connection.js";
import { all, byId } from "./dom.js";
import { initialState, reduce, weakDrill } from "./drill-state.js";
import { keyFromKeyboard, pressKey } from "./keypad.js";
import { createMicrophone } from "./microphone.js";
import { createSpeaker } from "./speaker.js";
import { createTabs } from "./tabs.js";
import { createUplink } from "./uplink.js";
import { createKeypadView, createView } from "./view.js";
import { createWakeLock } from "./wake-lock.js";

const INVITING_VOLUME = 0.5;   // other children are working in the room

/**
 * `language()`: the page's present language. `onStarted(ack)`: the server has begun or resumed the drill.
 * `onFinished()`: it is over, its result on the screen. `onWeak(wishes)`: the child
 * wants to practise the lines that went badly. `onHome()`: the page is back on its first screen, whose id is
 * `home`. `onChange(state)`: called after every event.
 * @param {{language: () => any, onStarted: (ack: any) => void, onFinished: () => void, onWeak: (wishes: Object) => void, home?: string,
 *          onHome?: () => void, onChange?: (state: import("./drill-state.js").State) => void}} parts
 */
export function createDrill({ language, onStarted, onFinished, onWeak, home = "start", onHome = () => {}, onChange = () => {} }) {
  let state = initialState;
  let speaker = null;     // created in the first tap's handler
  let attempt = 0;        // counts taps on Start: results of an earlier one are ignored

  const view = createView(home);
  const labelKeypad = createKeypadView(pressed);
  const wakeLock = createWakeLock();
  const tabs = createTabs(() => state.screen === "drill" && refused("taken_over", null));
  const uplink = createUplink((...chunk) => connection.audio(...chunk));
  const microphone = createMicrophone({
    onChunk(chunk) {
      uplink.chunk(chunk);
      view.showLevel(uplink.isOpen ? chunk.rms : 0);
    },
    onTrouble: (code) => notice("microphone", code),
    onRestart: () => uplink.resync(),
  });
  const connection = createConnection({ io, onEvent: received, onStarted: started, onRefused: refused, onLost: lost });

  function dispatch(event) {
    state = reduce(state, event);
    view.render(state, language());
    onChange(state);
  }

  function notice(source, code, message = null) {
    dispatch({ type: "notice", source, code, message });
  }

  /** Called at first, and when the language changes. */
  function speakAnew() {
    labelKeypad(language());
    dispatch({ type: "language" });
    if (state.notices.server) notice("server", null);
  }

  /** Asks for a drill; `request` is the payload of `start`. Runs in a tap's handler: otherwise iOS plays nothing. */
  async function begin(request) {
    const mine = ++attempt;
    tabs.take();
    prepareSpeaker();
    microphone.prepare();
    uplink.restart();
    dispatch({ type: "begin" });
    wakeLock.hold();
    await microphone.open();
    if (mine !== attempt) return;
    notice("microphone", microphone.trouble);   // the drill goes on by touch
    connection.open({ protocol: 1, ...request });
  }

  /**
   * Invites without a learner: the drill stays on the first screen until a child says "start". The microphone must be
   * granted already.
   */
  async function invite(request) {
    const mine = ++attempt;
    prepareSpeaker();
    microphone.prepare();
    uplink.restart();
    await microphone.open();
    // Without a microphone it does not invite to speak, and waits for a touch.
    if (mine === attempt && !microphone.trouble) connection.open({ protocol: 1, ...request, asleep: true });
  }

  function prepareSpeaker() {
    speaker ??= createSpeaker({
      onClip: (id, atMs) => dispatch({ type: "clip", id, atMs }),
      onSounding: sounding,
      onEnded: spoken,
      onFailed: () => notice("sound", "sound_failed"),
    });
    speaker.cancel();
    speaker.wake();
  }

  function started(ack) {
    uplink.begin(ack.duplex);
    onStarted(ack);
    dispatch({ type: "started", resumed: ack.resumed });
    notice("connection", null);
  }

  function received(event) {
    const invites = event.expects === "command" && state.screen === "start";
    if (event.expects === "answer" && state.screen === "start") {   // a child said "start"
      dispatch({ type: "begin" });
      wakeLock.hold();
    }
    dispatch(event);
    if (event.type === "say") {
      uplink.close();
      speaker.play(event, invites ? INVITING_VOLUME : 1);
    }
    if (event.type === "interrupt" && speaker.interrupt(event.say)) uplink.open();
    if (event.type === "phase" && event.name === "sleep" && state.playing === null) uplink.open();
    if (event.type === "ladder" && event.current !== null) connection.keep({ from_line: event.lines[event.current].right });
    if (event.type === "finished") finished();
  }

  /** Only a full-duplex server needs this. */
  function sounding(id) {
    if (uplink.isFull) connection.playing(id);
  }

  function spoken(id) {
    dispatch({ type: "played", id });
    connection.played(id);
    if (state.screen === "finished") connection.close();   // that was the goodbye
    else uplink.open();
  }

  function finished() {
    connection.finish();
    rest();
    onFinished();
  }

  function rest() {
    uplink.stop();
    microphone.close();
    wakeLock.release();
  }

  function lost() {
    uplink.stop();
    speaker.cancel();
    dispatch({ type: "silenced" });
    notice("connection", "connection_lost");
  }

  function refused(code, message) {
    goHome();
    notice("server", code, message);
  }

  function goHome() {
    attempt++;
    speaker?.cancel();
    connection.close();
    rest();
    dispatch({ type: "home" });
    for (const source of ["connection", "microphone", "sound", "server"]) notice(source, null);
    onHome();
  }

  // --- touch ---

  function pressed(key) {
    const { entry, answer } = pressKey(state.entry, key);
    dispatch({ type: "entry", entry });
    if (answer !== null) connection.tap(answer);
  }

  function stop() {
    if (!connection.begun) return goHome();
    connection.command("stop");
  }

  /** Asleep, a tap anywhere means "go on"; awake, only buttons react. */
  function touched({ target }) {
    wake();
    if (state.screen === "drill" && state.phase === "sleep" && !target.closest("button")) connection.command("repeat");
  }

  function wake() {
    speaker?.wake();
    if (state.screen === "drill") microphone.wake();
  }

  function typed(event) {
    if (state.screen !== "drill") return;
    wake();
    const key = keyFromKeyboard(event);
    if (key === null || (key === "enter" && state.entry === "")) return;   // Enter on a focused button presses that button
    event.preventDefault();
    pressed(key);
  }

  for (const button of all("[data-command]")) {
    button.addEventListener("click", () => connection.command(button.dataset.command));
  }
  byId("notice-read").addEventListener("click", () => dispatch({ type: "read", read: true }));
  byId("notice-again").addEventListener("click", () => dispatch({ type: "read", read: false }));
  byId("appeal").addEventListener("click", () => connection.command("appeal"));
  byId("stop").addEventListener("click", stop);
  byId("practise-weak").addEventListener("click", () => onWeak(weakDrill(state)));
  byId("home").addEventListener("click", goHome);
  byId("retry").addEventListener("click", () => {
    microphone.prepare();
    microphone.open();
  });
  document.addEventListener("click", touched);
  document.addEventListener("keydown", typed);
  document.addEventListener("visibilitychange", () => document.hidden || wake());

  drawCompanion();

  return { begin, invite, goHome, speakAnew };
}
