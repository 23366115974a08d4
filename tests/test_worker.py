"""A process that serves: what signals do to it."""

import signal
from types import SimpleNamespace
from typing import Any

import pytest

from server import worker
from server.settings import Settings


@pytest.fixture
def signals() -> Any:
    """Put the handlers back."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("signals")
@pytest.mark.parametrize(("is_one_of_several", "second"), [(True, signal.SIG_IGN), (False, signal.SIG_DFL)])
def test_a_second_signal_ends_a_server_at_once_but_lets_a_worker_drain(
    monkeypatch: pytest.MonkeyPatch, is_one_of_several: bool, second: signal.Handlers
) -> None:
    """systemd sends its signal to all processes of a service, and the supervisor sends one as well."""
    left: list[object] = []
    after: list[object] = []

    def serve(*_: object) -> None:
        signal.raise_signal(signal.SIGTERM)
        after.extend(signal.getsignal(number) for number in worker.stopping())

    server: Any = SimpleNamespace(
        app=None,
        connections=None,
        start_tasks=lambda: None,
        concurrency=SimpleNamespace(serve=serve),
        socketio=SimpleNamespace(start_background_task=lambda task, *_: left.append(task)),
    )
    monkeypatch.setattr(worker, "make_server", lambda settings: (server, None))
    monkeypatch.setattr(worker, "open_ports", lambda settings, listen: [SimpleNamespace(shutdown=left.append)])
    monkeypatch.setattr(worker, "end", lambda server: None)
    monkeypatch.setattr(worker, "LAST_WORD_S", 0.0)
    if is_one_of_several:
        worker.serve_beside(Settings())
    else:
        worker.run(Settings(), server, None, worker.open_ports(Settings(), worker.listen))
    assert worker.leave in left and set(after) == {second}
