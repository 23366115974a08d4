"""Violations of WebSocket, Engine.IO and Socket.IO get an answer, a close or silence, as those protocols say."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.attacks import START
from server.live.serving.limits import LARGEST_MESSAGE_BYTES, MOST_FRAGMENTS
from tests.support.raw import CLOSE, PING, PONG, TEXT, RawWebSocket, frame

pytestmark = [pytest.mark.gateway, pytest.mark.slow]

PLACEHOLDER = '{"_placeholder":true,"num":0}'
CHUNK = bytes(1920)
NUMBERS = count(1)


@pytest.fixture
def visitor(url: str) -> Iterator[RawWebSocket]:
    # Each has an address of its own: connections of one address share a rate.
    websocket = RawWebSocket(url, f"127.0.1.{next(NUMBERS)}")
    assert websocket.status == 101
    websocket.connect_socket_io()
    yield websocket
    websocket.close()


def next_error(visitor: RawWebSocket) -> str:
    message = visitor.receive()
    assert isinstance(message, str) and message.startswith('42["error",'), message
    return message


@pytest.mark.parametrize(
    "packets",
    [
        ["4"],
        ["42[]"],
        ['42{"a":1}'],
        ['42[["x"]]'],
        ["49"],
        ["47"],
        ["4x"],
        ["4true"],
        ["4[1]"],
        ["44"],
        ["46"],
        ['42["disconnect"]'],
        ['42["connect"]'],
        ['42["*"]'],
        ["42" + "[" * 20_000],
        ["42[" + "9" * 5000 + "]"],
        [CHUNK],
        [b""],
        [f'450-["audio",0,0,{PLACEHOLDER}]'],
        [f'4599-["audio",0,0,{PLACEHOLDER}]'],
        ['451-["audio",0,0,{"_placeholder":true,"num":5}]', CHUNK],
        ['451-["audio",' + "[" * 800 + PLACEHOLDER + "]" * 800 + "]", CHUNK],
        ['451-["audio",0,0,{"_placeholder":true,"num":"x"}]', CHUNK],
        [f'451-["audio",0,0,{PLACEHOLDER}]', '42["tap"]'],
        [f"451-[{PLACEHOLDER}]"],
    ],
    ids=lambda packets: repr(packets[0])[:40],
)
def test_a_malformed_packet_gets_an_error_and_the_line_lives(visitor: RawWebSocket, packets: list[str | bytes]) -> None:
    for packet in packets:
        visitor.send(packet)
    assert "bad_arguments" in next_error(visitor)
    visitor.send('42["tap",{"answer":1}]')
    assert "not_started" in next_error(visitor)


@pytest.mark.parametrize(
    ("raw", "codes"),
    [
        (frame("x"), {1002}),
        (frame(""), {1002}),
        (frame("b!!!"), {1002}),
        (frame("bAAAA"), {1002}),
        (frame("٣"), {1002}),
        (frame("4", masked=False), {1002}),
        (frame("4", reserved=4), {1002}),
        (frame("4", opcode=3), {1002}),
        (frame("4", opcode=11), {1002}),
        (frame("4", opcode=0), {1002}),
        (frame("4", final=False) + frame("4"), {1002}),
        (frame(b"", PING, final=False), {1002}),
        (frame(b"x" * 126, PING), {1002}),
        (frame(b"\xff\xfe4", TEXT), {1007}),
        (frame(bytes(LARGEST_MESSAGE_BYTES + 1)), {1009}),
        (frame("4", final=False) + frame(bytes(40_000), 0, final=False) * 2, {1009}),
        (frame("4", final=False) + frame(b"", 0, final=False) * (MOST_FRAGMENTS + 1), {1008}),
        (frame('42["x"]') * 700, {1008}),
        (frame(b"", PING) * 700, {1008}),
        (frame(b"", PONG) * 700, {1008}),
        (frame(b"\x03\xe8", CLOSE), {1000}),
        (frame(b"", CLOSE), {1000, 1005}),
    ],
    ids=range(22),
)
def test_a_broken_frame_closes_the_line_with_its_code(visitor: RawWebSocket, raw: bytes, codes: set[int]) -> None:
    visitor.send_raw(raw)
    assert visitor.wait_closed() in codes


def test_no_other_version_is_spoken(url: str) -> None:
    for version in ("8", "76", None):
        visitor = RawWebSocket(url, version=version)
        assert visitor.status == 426 and "Sec-Websocket-Version: 13" in visitor.head.title()
        visitor.close()


def test_nothing_is_compressed(url: str) -> None:
    for offer in (
        "permessage-deflate; client_max_window_bits",
        "permessage-deflate; server_max_window_bits=x",
        "permessage-deflate;;=,",
    ):
        visitor = RawWebSocket(url, headers={"Sec-WebSocket-Extensions": offer})
        assert visitor.status == 101 and "extensions" not in visitor.head.lower()
        visitor.close()


def test_an_origin_that_only_a_visitor_claims_is_refused(url: str) -> None:
    visitor = RawWebSocket(url, headers={"Origin": "http://evil.example", "X-Forwarded-Host": "evil.example"})
    assert visitor.status == 400
    visitor.close()


PIECES = st.one_of(
    st.sampled_from(
        [
            "",
            "2",
            "3",
            "40",
            "41",
            "42",
            "43",
            "44",
            "45",
            "451-",
            "46",
            "5",
            "6",
            '["tap",{"answer":4}]',
            '["audio",0,0,',
            PLACEHOLDER,
            "]",
            "[",
            "{",
            "}",
            '"',
            "/x,",
            "7",
            '["start",{"protocol":1}]',
            "null",
            "\0",
            "é",
            "-1-",
            "1e9",
        ]
    ),
    st.text(max_size=6),
)
MESSAGES = st.one_of(st.lists(PIECES, max_size=8).map("".join), st.binary(max_size=200))
FRAMES = st.one_of(
    MESSAGES.map(frame),
    st.builds(
        frame,
        st.binary(max_size=140),
        st.integers(0, 15),
        st.booleans(),
        st.booleans(),
        st.sampled_from([0, 0, 0, 1, 4]),
    ),
    st.binary(max_size=30),
)


@pytest.fixture(scope="module")
def bystander(eventlet_url: str) -> Iterator[RawWebSocket]:
    """Somebody in a drill: without one the line is closed after half a minute."""
    websocket = RawWebSocket(eventlet_url)
    websocket.connect_socket_io()
    websocket.send(START)
    yield websocket
    websocket.close()


@settings(max_examples=400, derandomize=True, deadline=None)
@given(frames=st.lists(FRAMES, min_size=1, max_size=6))
def test_whatever_comes_the_line_is_answered_or_closed_and_the_others_go_on(
    eventlet_url: str, bystander: RawWebSocket, frames: list[bytes]
) -> None:
    visitor = RawWebSocket(eventlet_url, f"127.0.2.{next(NUMBERS) % 250}")
    visitor.connect_socket_io()
    visitor.send_raw(b"".join(frames) + frame(b"\x03\xe8", CLOSE))
    with suppress(OSError):
        visitor.socket.shutdown(1)
    while (message := visitor.receive()) is not None:
        assert isinstance(message, str) and message[:1] in "12346", message
    assert b"HTTP/" not in visitor.rest
    visitor.close()
    bystander.send('42["x"]')
    while not (message := str(bystander.receive())).startswith('42["error",'):
        assert message.startswith("4"), message  # what the drill says
    assert "bad_arguments" in message


def test_the_log_stays_short(eventlet_url: str, threading_url: str, logs: dict[str, Path]) -> None:
    """After all tests above there is no traceback in the log, and not a line for each packet."""
    for url in (eventlet_url, threading_url):
        text = logs[url].read_text()
        assert "Traceback" not in text
        assert len(text) < 20_000, text[:2000] + text[-2000:]
