"""The accepted WebSockets, and the time limit of a body."""

import io
from collections.abc import Iterable
from typing import Any

import pytest

from server.live.serving.connections import CONNECTION, Connections
from server.live.serving.guard import Body, Guard, only_todays_websockets
from server.live.serving.limits import BODY_S, Limits
from server.web.trusted_hosts import without_forwarded

SOUND = {
    "HTTP_UPGRADE": "websocket",
    "HTTP_CONNECTION": "keep-alive, Upgrade",
    "HTTP_SEC_WEBSOCKET_VERSION": "13",
    "HTTP_SEC_WEBSOCKET_KEY": "dGhlIHNhbXBsZSBub25jZQ==",
}


class App:
    """Records its requests; `reads` this much of each body."""

    def __init__(self, reads: int = 0) -> None:
        self.asked: list[dict[str, Any]] = []
        self.statuses: list[str] = []
        self._reads = reads

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.asked.append(environ)
        if self._reads:
            environ["wsgi.input"].read(self._reads)
        return [b"yes"]

    def start_response(self, status: str, headers: object) -> Any:
        self.statuses.append(status)


def asked(environ: dict[str, Any]) -> App:
    app = App()
    list(only_todays_websockets(app)(dict(environ), app.start_response))
    return app


def test_a_websocket_of_today_passes_and_is_not_compressed() -> None:
    app = asked(SOUND | {"HTTP_SEC_WEBSOCKET_EXTENSIONS": "permessage-deflate; server_max_window_bits=x"})
    assert len(app.asked) == 1 and "HTTP_SEC_WEBSOCKET_EXTENSIONS" not in app.asked[0]


@pytest.mark.parametrize("version", ["8", "0", "76", "13, 8", "14", ""])
def test_other_versions_are_told_which_one_is_spoken(version: str) -> None:
    app = asked(SOUND | {"HTTP_SEC_WEBSOCKET_VERSION": version})
    assert app.statuses == ["426 Upgrade Required"] and not app.asked


def test_hixie_is_not_spoken() -> None:
    app = asked({"HTTP_UPGRADE": "WebSocket", "HTTP_CONNECTION": "Upgrade", "HTTP_SEC_WEBSOCKET_KEY1": "1 2"})
    assert app.statuses == ["426 Upgrade Required"] and not app.asked


@pytest.mark.parametrize(
    "wrong",
    [
        {"HTTP_CONNECTION": "keep-alive"},
        {"HTTP_SEC_WEBSOCKET_KEY": ""},
        {"HTTP_SEC_WEBSOCKET_KEY": "abc"},
        {"HTTP_SEC_WEBSOCKET_KEY": "é" * 24},
    ],
)
def test_a_broken_handshake_reaches_no_handler(wrong: dict[str, str]) -> None:
    app = asked(SOUND | wrong)
    assert app.statuses == ["400 Bad Request"] and not app.asked


def test_other_requests_pass_as_they_are() -> None:
    assert asked({"HTTP_UPGRADE": "h2c"}).asked == [{"HTTP_UPGRADE": "h2c"}]


def test_forwarded_headers_of_visitors_are_removed() -> None:
    app = App()
    list(without_forwarded(app)({"HTTP_X_FORWARDED_HOST": "evil.example", "HTTP_HOST": "here"}, app.start_response))
    assert app.asked == [{"HTTP_HOST": "here"}]


def guarded(app: App, environ: dict[str, Any], behind_proxy: bool = False) -> tuple[Any, list[float]]:
    now = [0.0]
    connections = Connections(Limits(10, 10), lambda: now[0])
    connection = connections.open("127.0.0.1", lambda code: None)
    assert connection is not None
    pauses: list[float] = []
    given = {CONNECTION: connection, "REMOTE_ADDR": "127.0.0.1", "wsgi.input": io.BytesIO(bytes(100_000))}
    list(Guard(app, connections, behind_proxy, pauses.append)(given | environ, app.start_response))
    return connection, pauses


@pytest.mark.parametrize(
    ("behind_proxy", "forwarded", "key"),
    [
        (False, "192.0.2.1", "127.0.0.1"),
        (True, "192.0.2.1", "192.0.2.1"),
        (True, "10.9.9.9, 192.0.2.1", "192.0.2.1"),
        (True, "", "127.0.0.1"),
    ],
)
def test_only_behind_a_proxy_its_word_counts(behind_proxy: bool, forwarded: str, key: str) -> None:
    connection, pauses = guarded(App(), {"HTTP_X_FORWARDED_FOR": forwarded}, behind_proxy)
    assert connection.address.key == key and pauses == [0]


@pytest.mark.parametrize(
    ("reads", "environ", "deadline_s"),
    [
        (0, {}, float("inf")),
        (100_000, {"CONTENT_LENGTH": "100000"}, float("inf")),
        (500, {"CONTENT_LENGTH": "100000"}, BODY_S),
        (0, {"CONTENT_LENGTH": "100000"}, BODY_S),
        (0, {"HTTP_TRANSFER_ENCODING": "chunked"}, BODY_S),
        (0, {"CONTENT_LENGTH": "nonsense"}, float("inf")),
    ],
)
def test_what_is_left_of_a_body_has_a_deadline(reads: int, environ: dict[str, Any], deadline_s: float) -> None:
    connection, _ = guarded(App(reads), environ)
    assert connection.deadline_ms == 1000 * deadline_s


@pytest.mark.parametrize(
    "read",
    [
        lambda body: body.read(),
        lambda body: body.read(10),
        lambda body: body.readlines(),
        lambda body: b"".join(body),
        lambda body: [body.read(4), body.readline(), body.readline(100)],
        lambda body: body.read(None),
    ],
)
def test_a_body_tells_when_it_has_ended(read: Any) -> None:
    ended: list[bool] = []
    body = Body(io.BytesIO(b"one\ntwo\n##"), 10, lambda: ended.append(True))
    read(body)
    assert ended
