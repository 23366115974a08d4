"""The same limits over HTTPS, and behind a proxy, which tells the client's address."""

import socket
from pathlib import Path

import pytest

from bench.attacks import START
from server.live.serving.limits import share
from tests.support.lan import running_lan_server
from tests.support.raw import PING, RawWebSocket, connect, frame
from tests.support.server import running_server

pytestmark = [pytest.mark.gateway, pytest.mark.slow]

SEATS = 60


@pytest.mark.parametrize("mode", ["eventlet", "threading"])
def test_over_https_a_flood_is_closed_and_the_others_go_on(tmp_path: Path, silent_prompts: Path, mode: str) -> None:
    with running_lan_server(tmp_path, "--async-mode", mode, "--prompts", str(silent_prompts)) as server:
        context = server.trusting()
        silent = [connect(server.practice, "127.0.0.5") for _ in range(50)]
        beside = RawWebSocket(server.practice, context=context)
        beside.connect_socket_io()
        for source, payload in (("127.0.0.6", frame('42["x"]')), ("127.0.0.7", frame(b"", PING))):
            visitor = RawWebSocket(server.practice, source, context)
            visitor.connect_socket_io()
            visitor.send_raw(payload * 700)
            assert visitor.wait_closed() == 1008
            visitor.close()
        beside.send('42["x"]')
        assert "bad_arguments" in str(beside.receive())
        for line in silent:
            line.close()
        beside.close()


def begins(url: str, visitor: str) -> tuple[RawWebSocket, str]:
    websocket = RawWebSocket(url, headers={"X-Forwarded-For": visitor})
    websocket.connect_socket_io()
    websocket.send(START)
    while True:
        answer = str(websocket.receive())
        if answer.startswith('430[{"ok":true,"token"') or '"started"' in answer or '"code"' in answer:
            return websocket, answer


def test_behind_a_proxy_a_visitor_has_a_share_and_the_next_one_his_own(silent_prompts: Path) -> None:
    with running_server("--behind-proxy", "--max-sessions", str(SEATS), "--prompts", str(silent_prompts)) as url:
        school = [begins(url, "198.51.100.9, 192.0.2.1") for _ in range(share(SEATS))]
        assert not [answer for _, answer in school if '"code"' in answer]
        one_more, answer = begins(url, "192.0.2.1")
        assert '"too_fast"' in answer or '"busy"' in answer
        other, answer = begins(url, "192.0.2.2")
        assert '"token"' in answer
        for websocket in (one_more, other, *(each for each, _ in school)):
            websocket.close()
        # A visitor who began that many drills and hung up does not keep others out.
        later = [begins(url, "192.0.2.3") for _ in range(share(SEATS))]
        assert not [answer for _, answer in later if '"code"' in answer]
        for websocket, _ in later:
            websocket.close()


def test_half_a_request_is_given_up_and_its_descriptor_with_it() -> None:
    """Half a request whose visitor gives up is closed at once, not when Python collects garbage."""
    with running_server(most_files=256) as url:
        for _ in range(5):
            lines = [connect(url) for _ in range(100)]
            for number, line in enumerate(lines):
                line.sendall(
                    b"GET / HT"
                    if number % 2
                    else b"POST /learners.json HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\n{"
                )
            for line in lines:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # an abrupt end
                line.close()
            with connect(url) as visitor:
                visitor.sendall(b"GET /livez HTTP/1.0\r\nHost: localhost\r\n\r\n")
                assert b"200 OK" in visitor.recv(100)
