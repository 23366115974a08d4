"""What one gateway stores, and how much one connection may send, with a fake in place of Socket.IO."""

import gc
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from server.dialogue import messages
from server.dialogue.settings import DialogueSettings
from server.drill.modes import MODES
from server.languages import load_language
from server.live.concurrency import choose_concurrency
from server.live.factory import SessionFactory
from server.live.gateway import CAPACITY, READABLE_WITHIN_MS, Gateway, Gone
from server.live.serving.connections import Connections
from server.live.serving.limits import Limits
from server.live.serving.sockets import Callers
from server.live.session import Heard
from server.live.sessions import SessionRegistry, new_token

START = {"protocol": 1, "language": "en", "tables": [2]}


class Line:
    """Passes messages to the gateway's handlers. Its tasks wait until the test runs them."""

    def __init__(self) -> None:
        self.server = self.manager = self
        self.handlers: dict[str, Callable[..., Any]] = {}
        self.tasks: list[Callable[[], None]] = []
        self.sent: list[tuple[str, str, Any]] = []
        self.gone: set[str] = set()
        self.sleep: Callable[[float], object] = lambda seconds: None

    def get_environ(self, connection: str) -> dict[str, Any]:
        return {}

    def on(self, name: str, handler: Callable[..., Any]) -> None:
        self.handlers[name] = handler

    def is_connected(self, connection: str, namespace: str) -> bool:
        return connection not in self.gone

    def emit(self, name: str, payload: Any, to: str) -> None:
        self.sent.append((to, name, payload))

    def start_background_task(self, task: Callable[[], None]) -> None:
        self.tasks.append(task)

    def run_tasks(self) -> None:
        while self.tasks:
            self.tasks.pop(0)()


class Drill:
    """A session that only records what it is told."""

    def __init__(self) -> None:
        self.token = new_token()
        self.epoch = 0
        self.language = load_language("en")
        self.dialogue = SimpleNamespace(has_begun=True, has_answers=True, deadline_ms=0.0, duplex="half", phase=None)
        self.told: list[object] = []

    def handle(self, item: object, now_ms: float) -> Iterator[object]:
        self.told.append(item)
        return iter(())


def callers(line: Any) -> Callers:
    return Callers(line, Connections(Limits(100, 100)))


def opened(*drills: Any) -> tuple[Gateway, Line, SessionRegistry]:
    line: Any = Line()
    sessions, english = SessionRegistry(10, ttl_ms=0), load_language("en")
    left = list(drills)
    return (
        Gateway(line, sessions, callers(line), {"en": english}, "en", lambda start, is_wanted: left.pop(0)),
        line,
        sessions,
    )


def test_nothing_is_kept_of_a_drill_that_is_over() -> None:
    drill = Drill()
    gone = weakref.ref(drill)
    gateway, line, sessions = opened(drill)
    del drill
    line.handlers["start"]("a", START)
    line.handlers["disconnect"]("a")
    line.run_tasks()
    sessions.sweep(float("inf"))
    gc.collect()
    assert gone() is None and gateway is not None


@pytest.mark.parametrize("drill", MODES)
def test_too_few_answers_that_are_understood_are_a_matter_of_what_was_asked_for(drill: str, tmp_path: Path) -> None:
    weak: Any = SimpleNamespace(name="vosk", largest_number=lambda language: 0)
    untouched: Any = None
    factory = SessionFactory(
        {"en": load_language("en")},
        {"en": weak},
        lambda language, voice: {},
        untouched,
        untouched,
        DialogueSettings(),
        tmp_path,
        untouched,
        untouched,
        untouched,
        untouched,
        choose_concurrency("threading"),
        ttl_ms=0,
    )
    line: Any = Line()
    Gateway(line, SessionRegistry(10, ttl_ms=0), callers(line), dict(factory.languages), "en", factory.session)
    reply = line.handlers["start"]("a", START | {"drill": drill})
    assert reply["code"] == "bad_arguments" and "understood" in reply["detail"]


def test_repeated_starts_are_limited() -> None:
    drill = Drill()
    _, line, _ = opened(drill)
    token = line.handlers["start"]("a", START)["token"]
    replies = [line.handlers["start"]("a", START | {"token": token}) for _ in range(CAPACITY)]
    assert [reply["ok"] for reply in replies] == [True] * (CAPACITY - 1) + [False]
    assert replies[-1]["code"] == "too_fast"
    line.run_tasks()
    assert len(drill.told) == CAPACITY
    assert line.handlers["start"]("a", START | {"token": token})["ok"]


def test_the_drill_that_a_connection_leaves_for_a_new_one_is_told() -> None:
    first, second = Drill(), Drill()
    _, line, sessions = opened(first, second)
    line.handlers["start"]("a", START)
    line.handlers["start"]("a", START)
    line.run_tasks()
    assert isinstance(first.told[-1], messages.Disconnected)
    assert [live_session.session for live_session in sessions.live_sessions()] == [second]


def test_the_clock_tells_a_drill_whose_time_has_come_and_which_has_nothing_else_to_do() -> None:
    drill = Drill()
    gateway, line, _ = opened(drill)
    line.handlers["start"]("a", START)
    gateway.tick()
    line.run_tasks()
    assert not any(isinstance(item, messages.Tick) for item in drill.told)
    gateway.tick()
    line.run_tasks()
    assert isinstance(drill.told[-1], messages.Tick)


@pytest.mark.parametrize("comes", ["before the clock looks", "after it has looked"])
def test_sound_that_waited_for_a_late_server_goes_before_the_clock(comes: str) -> None:
    """A server that stood still finds its clock late and its sockets full: no time has passed for speakers."""
    drill = Drill()
    gateway, line, _ = opened(drill)
    line.handlers["start"]("a", START)
    line.run_tasks()

    def arrive(seconds: float = 0) -> None:
        line.handlers["audio"]("a", 0, 0, bytes(1920))

    if comes == "before the clock looks":
        line.sleep = arrive
    gateway.tick()
    if comes == "after it has looked":
        arrive()
    line.run_tasks()
    assert isinstance(drill.told[-1], Heard)
    assert not any(isinstance(item, messages.Tick) for item in drill.told)


@pytest.mark.parametrize(("tick_ms", "waits_ms"), [(600.0, 0.0), (50.0, 600.0)])
def test_a_server_that_is_permanently_behind_refuses_new_drills_and_keeps_running_ones(
    tick_ms: float, waits_ms: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The event loop may be late, or the recogniser."""
    clock = SimpleNamespace(ms=0.0, waits_ms=waits_ms)
    monkeypatch.setattr("server.live.gateway.now_ms", lambda: clock.ms)
    line: Any = Line()

    def open_drill(start: Any, is_wanted: Callable[[], bool]) -> Any:
        return Drill()

    gateway = Gateway(
        line,
        SessionRegistry(10, ttl_ms=1e9),
        callers(line),
        {"en": load_language("en")},
        "en",
        open_drill,
        late_ms=lambda: clock.waits_ms,
    )

    def tick(every_ms: float, for_ms: float) -> None:
        until_ms = clock.ms + for_ms
        while clock.ms < until_ms:
            clock.ms += every_ms
            gateway.tick()

    token = line.handlers["start"]("a", START)["token"]
    tick(tick_ms, for_ms=1000)
    assert line.handlers["start"]("b", START)["ok"], "a burst"
    tick(tick_ms, for_ms=3000)
    assert line.handlers["start"]("c", START)["code"] == "busy"
    line.handlers["disconnect"]("a")
    assert line.handlers["start"]("d", START | {"token": token})["resumed"], "whoever practises comes back"
    clock.waits_ms = 0.0
    tick(50.0, for_ms=100)
    assert line.handlers["start"]("c", START)["ok"]


@pytest.mark.parametrize("why", ["late", "many starts", "no room"])
def test_a_drill_that_was_interrupted_elsewhere_is_no_new_work(why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, away = SimpleNamespace(ms=0.0), list[str]()
    monkeypatch.setattr("server.live.gateway.now_ms", lambda: clock.ms)
    line: Any = Line()
    visitors: Any = SimpleNamespace(
        address=lambda sid: "",
        may_start=lambda sid: why != "many starts",
        set_drill=lambda sid, has_drill: None,
        send_away=away.append,
    )
    gateway = Gateway(
        line,
        SessionRegistry(0 if why == "no room" else 10, ttl_ms=1e9),
        visitors,
        {"en": load_language("en")},
        "en",
        lambda start, is_wanted: Drill(),  # type: ignore[arg-type, return-value]
        late_ms=lambda: 600.0 if why == "late" else 0.0,
        is_stored=lambda token: token == "stored",
    )
    for _ in range(80):
        clock.ms += 50
        gateway.tick()
    refusals = [line.handlers["start"]("a", START | {"token": token}) for token in (None, "", "invented")]
    assert {reply["code"] for reply in refusals} == {"too_fast" if why == "many starts" else "busy"}
    reply = line.handlers["start"]("b", START | {"token": "stored"})
    if why == "no room":
        assert reply == {"ok": True, "wait": True} and away == ["b"], "another process may have room"
    else:
        assert reply["resumed"] and not away


def test_while_answers_wait_for_the_database_elsewhere_no_drill_is_taken_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a minute at most. A new drill does not wait."""
    clock, away = SimpleNamespace(ms=1e9), list[str]()
    monkeypatch.setattr("server.live.gateway.now_ms", lambda: clock.ms)
    line, waits = Line(), [True, True, False, True, True]
    visitors: Any = SimpleNamespace(
        address=lambda sid: "", may_start=lambda sid: True, set_drill=lambda sid, has_drill: None, send_away=away.append
    )
    tokens: list[str | None] = []

    def make(start: Any, is_wanted: Any) -> Any:
        tokens.append(start.token)
        return Drill()

    Gateway(
        line,  # type: ignore[arg-type]
        SessionRegistry(10, ttl_ms=1e9),
        visitors,
        {"en": load_language("en")},
        "en",
        make,
        is_unwritten=lambda: waits.pop(0),
    )
    for connection, token in (("a", "stored"), ("b", None), ("c", "stored"), ("d", "stored")):
        line.handlers["start"](connection, START | {"token": token})
    assert (tokens, away, waits) == ([None, "stored"], ["a", "c"], [True, True])
    clock.ms += READABLE_WITHIN_MS
    line.handlers["start"]("e", START | {"token": "stored"})
    assert (tokens, away) == ([None, "stored", "stored"], ["a", "c"]), "its last answers are lost, but not the others"


class Opener:
    """Opens drills; `meanwhile` happens during that."""

    def __init__(self) -> None:
        self.opened: list[str | None] = []
        self.meanwhile: Callable[[], None] = lambda: None

    def __call__(self, start: Any, is_wanted: Callable[[], bool]) -> Any:
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()
        if not is_wanted():
            raise Gone
        self.opened.append(start.voice)
        return Drill()


def waiting_room(live_sessions: int = 10) -> tuple[Opener, Line]:
    line: Any = Line()
    opener: Any = Opener()
    Gateway(
        line,
        SessionRegistry(live_sessions, ttl_ms=0),
        callers(line),
        {"en": load_language("en")},
        "en",
        opener,
        starts_at_once=1,
    )
    return opener, line


def ask(line: Line, connection: str) -> dict[str, Any]:
    reply: dict[str, Any] = line.handlers["start"](connection, START | {"voice": connection})
    return reply


def test_a_start_during_other_starts_waits_and_then_begins() -> None:
    opener, line = waiting_room()
    replies: list[dict[str, Any]] = []
    opener.meanwhile = lambda: replies.extend(ask(line, each) for each in "bc")
    assert "token" in ask(line, "a")
    assert replies == [{"ok": True, "wait": True}] * 2
    line.run_tasks()
    assert opener.opened == ["a", "b", "c"]
    assert [(to, name) for to, name, _ in line.sent] == [("b", "started"), ("c", "started")]
    assert all(payload["ok"] and payload["token"] for _, _, payload in line.sent)


def test_nothing_is_opened_for_a_client_that_left_while_waiting() -> None:
    opener, line = waiting_room()
    opener.meanwhile = lambda: [ask(line, each) for each in "bcd"] and None
    ask(line, "a")
    line.gone.add("b")
    line.handlers["disconnect"]("b")
    line.gone.add("c")  # before the server has noticed
    line.run_tasks()
    assert opener.opened == ["a", "d"]
    assert [to for to, _, _ in line.sent] == ["d"]


def test_a_beginning_stops_where_its_line_goes_meanwhile() -> None:
    opener, line = waiting_room()
    opener.meanwhile = lambda: line.gone.add("a")
    assert ask(line, "a") == {"ok": False}
    assert opener.opened == [] and line.sent == []
    assert ask(line, "b")["ok"] and opener.opened == ["b"]


def test_a_wait_that_ends_in_busy_is_reported() -> None:
    opener, line = waiting_room(live_sessions=1)
    opener.meanwhile = lambda: ask(line, "b") and None
    ask(line, "a")
    line.run_tasks()
    assert [(to, name, payload["code"]) for to, name, payload in line.sent] == [("b", "error", "busy")]


def test_a_drill_that_goes_on_need_not_wait() -> None:
    opener, line = waiting_room()
    token = ask(line, "a")["token"]
    replies: list[dict[str, Any]] = []
    opener.meanwhile = lambda: replies.append(line.handlers["start"]("c", START | {"token": token}))
    ask(line, "b")
    assert replies[0]["resumed"] and replies[0]["token"] == token
