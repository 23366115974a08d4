"""What one gateway keeps, and how much it lets one connection put in: with a line in place of Socket.IO."""

import gc
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from server.dialogue import events
from server.dialogue.settings import DialogueSettings
from server.drill.modes import MODES
from server.languages import load_language
from server.opening import Opening
from server.web.concurrency import choose_concurrency
from server.web.gateway import CAPACITY, Gateway
from server.web.registry import Registry, new_token

START = {"protocol": 1, "language": "en", "tables": [2]}


class Line:
    """Hands messages to the gateway's handlers. Its tasks wait until they are told to run."""

    def __init__(self) -> None:
        self.server = self.manager = self
        self.handlers: dict[str, Callable[..., Any]] = {}
        self.tasks: list[Callable[[], None]] = []

    def on(self, name: str, handler: Callable[..., Any]) -> None:
        self.handlers[name] = handler

    def is_connected(self, connection: str, namespace: str) -> bool:
        return True

    def emit(self, name: str, payload: object, to: str) -> None:
        pass

    def start_background_task(self, task: Callable[[], None]) -> None:
        self.tasks.append(task)

    def run_tasks(self) -> None:
        while self.tasks:
            self.tasks.pop(0)()


class Drill:
    """A session that does nothing but note what it is told."""

    def __init__(self) -> None:
        self.token = new_token()
        self.language = load_language("en")
        self.dialogue = SimpleNamespace(course=SimpleNamespace(has_begun=True), deadline_ms=0.0, duplex="half")
        self.told: list[object] = []

    def handle(self, item: object, now_ms: float) -> Iterator[object]:
        self.told.append(item)
        return iter(())


def opened(*drills: Any) -> tuple[Gateway, Line, Registry]:
    line: Any = Line()
    registry, english = Registry(10, ttl_ms=0), load_language("en")
    left = list(drills)
    return Gateway(line, registry, {"en": english}, "en", lambda start, is_wanted: left.pop(0)), line, registry


def test_nothing_is_kept_of_a_drill_that_is_over() -> None:
    drill = Drill()
    gone = weakref.ref(drill)
    gateway, line, registry = opened(drill)
    del drill
    line.handlers["start"]("a", START)
    line.handlers["disconnect"]("a")
    line.run_tasks()
    registry.sweep(float("inf"))
    gc.collect()
    assert gone() is None and gateway is not None


@pytest.mark.parametrize("drill", MODES)
def test_too_few_answers_that_are_understood_are_a_matter_of_what_was_asked_for(drill: str, tmp_path: Path) -> None:
    weak: Any = SimpleNamespace(name="vosk", largest_number=lambda language: 0)
    untouched: Any = None
    opening = Opening(
        {"en": load_language("en")}, {"en": weak}, lambda language, voice: {}, untouched, untouched, DialogueSettings(),
        tmp_path, untouched, untouched, untouched, untouched, choose_concurrency("threading"), ttl_ms=0,
    )
    line: Any = Line()
    Gateway(line, Registry(10, ttl_ms=0), dict(opening.languages), "en", opening.session)
    reply = line.handlers["start"]("a", START | {"drill": drill})
    assert reply["code"] == "bad_arguments" and "understood" in reply["detail"]


def test_who_starts_again_and_again_is_stopped() -> None:
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
    _, line, registry = opened(first, second)
    line.handlers["start"]("a", START)
    line.handlers["start"]("a", START)
    line.run_tasks()
    assert isinstance(first.told[-1], events.Disconnected)
    assert [seat.session for seat in registry.seats()] == [second]


def test_the_clock_tells_a_drill_whose_time_has_come_and_which_has_nothing_else_to_do() -> None:
    drill = Drill()
    gateway, line, _ = opened(drill)
    line.handlers["start"]("a", START)
    gateway.tick()
    line.run_tasks()
    assert not any(isinstance(item, events.Tick) for item in drill.told)
    gateway.tick()
    line.run_tasks()
    assert isinstance(drill.told[-1], events.Tick)
