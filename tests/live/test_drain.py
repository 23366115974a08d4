"""A server that stops lets open turns end, sends the pages away and begins nothing more."""

import asyncio
import http.client
import json
import signal
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest

from server.dialogue.state import Phase
from server.languages import load_language
from server.live import gateway as module
from server.live.gateway import DRAIN_S, TICK_S, Gateway
from server.live.serial_queue import SerialQueue
from server.live.sessions import LiveSession, SessionRegistry, new_token
from tests.live.playing import run, started
from tests.live.test_gateway_bounds import Line
from tests.support.server import free_port, serving

PAGES = 20


class Drain:
    """A gateway in virtual time, whose drills are in these phases; `left` says when each page was sent away."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *phases: Phase) -> None:
        self.now_ms, self.left = 0.0, dict[str, float]()
        self.sessions, line = SessionRegistry(400, ttl_ms=0), Line()
        callers: Any = SimpleNamespace(send_away=lambda sid: self.left.setdefault(sid, self.now_ms))
        for number, phase in enumerate(phases):
            course = SimpleNamespace(score=SimpleNamespace(total=1))
            session: Any = SimpleNamespace(token=new_token(), dialogue=SimpleNamespace(phase=phase, course=course))
            live_session = LiveSession(session, SerialQueue(print, print))
            self.sessions.attach(self.sessions.open(live_session, str(number)), str(number))
        monkeypatch.setattr(module, "now_ms", lambda: self.now_ms)
        line.sleep = self._sleep
        english = load_language("en")
        make: Any = lambda start, is_wanted: None  # noqa: E731
        self.gateway = Gateway(line, self.sessions, callers, {"en": english}, "en", make)

    def _sleep(self, seconds: float) -> None:
        self.now_ms += 1000 * seconds
        if self.now_ms >= 2000:
            for live_session in self.sessions.live_sessions():
                if live_session.session.dialogue.phase is Phase.DECIDE:
                    live_session.session.dialogue.phase = Phase.PROMPT


def test_who_speaks_has_a_verdict_and_who_thinks_is_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    drain = Drain(monkeypatch, Phase.LISTEN, Phase.DECIDE, Phase.SPEECH)
    drain.gateway.drain()
    assert drain.left["0"] < 100, "a learner who thinks hears the question again elsewhere"
    assert 2000 <= drain.left["1"] < 2000 + 2000 * TICK_S, "one who waits for a verdict has it first"
    assert "2" not in drain.left and 1000 * DRAIN_S <= drain.now_ms < 1000 * (DRAIN_S + 2 * TICK_S), "but not for ever"


def test_the_pages_of_a_school_are_sent_away_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    drain = Drain(monkeypatch, *[Phase.LISTEN] * 80)
    drain.gateway.drain()
    assert len(drain.left) == 80
    at_once = max(list(drain.left.values()).count(at_ms) for at_ms in drain.left.values())
    assert at_once <= 4, "they would all come back at once"


@pytest.mark.gateway
@pytest.mark.parametrize("mode", ["eventlet", "threading"])
def test_pages_are_sent_away_and_the_health_says_why(tmp_path: Path, silent_prompts: Path, mode: str) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    options = ("--port", str(port), "--data", str(tmp_path), "--prompts", str(silent_prompts), "--async-mode", mode)
    with serving(url, *options) as (process, log):
        said: list[dict[str, Any]] = []

        def ask() -> None:
            """On a connection that was there before."""
            kept_alive = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
            try:
                while True:
                    kept_alive.request("GET", "/healthz")
                    said.append(json.loads(kept_alive.getresponse().read()))
            except (OSError, http.client.HTTPException):
                pass

        async def scenario() -> None:
            pages = [(await started(url, tables=[7]))[0] for _ in range(PAGES)]
            asking = threading.Thread(target=ask)
            asking.start()
            while not said:
                await asyncio.sleep(0.02)
            process.send_signal(signal.SIGTERM)
            while any(page.socket.connected for page in pages):
                await asyncio.sleep(0.02)
            await asyncio.to_thread(asking.join)

        run(scenario())
        assert process.wait(DRAIN_S + 10) == 0
        assert "Traceback" not in log.read_text()
        if mode == "eventlet":  # the other one keeps no connection
            assert (said[-1]["status"], said[-1]["starts"]) == ("trouble", "draining")
