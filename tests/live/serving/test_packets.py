"""Malformed packets become an unknown event; sound ones pass."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from socketio.packet import BINARY_EVENT, EVENT, Packet

from server.live.serving.packets import UNREADABLE, CheckedPacket, is_packet
from server.live.wire import TolerantJson


@pytest.fixture(autouse=True, scope="module")
def tolerant() -> Any:
    CheckedPacket.json = TolerantJson
    yield
    CheckedPacket.json = Packet.json


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2",
        "2[]",
        "2{}",
        '2{"a":1}',
        '2[["x"]]',
        "2[1]",
        "2[null]",
        "2null",
        '2"x"',
        "4",
        "44",
        "7",
        "8",
        "9",
        "x",
        "-1",
        '2["disconnect"]',
        '2["connect"]',
        '2["*"]',
        '21-["x"]',
        '5["x"]',
        '50-["x"]',
        '52-["x",{"_placeholder":true,"num":0}]',
        '599999999999-["x"]',
        "5" + "9" * 400 + '-["x"]',
        "2" + "1" * 200 + '["x"]',
        "6",
        '61-["x"]',
        "²",
        "2²[]",
        '2["a"',
        "2" + "[" * 5000,
        b"",
        b"\0",
        b"2[]",
        b"4",
        ["unreadable"],
        {"a": 1},
        7,
        True,
    ],
)
def test_a_malformed_packet_becomes_an_unknown_event(text: Any) -> None:
    packet = CheckedPacket(encoded_packet=text)
    assert (packet.packet_type, packet.data, packet.attachment_count) == (EVENT, UNREADABLE, 0)


@pytest.mark.parametrize(
    "text", ["0", '0{"token":1}', "1", '2["x"]', '27["start",{}]', '2/there,["x"]', "3[]", '37[{"ok":true}]']
)
def test_what_is_sound_is_as_socketio_reads_it(text: str) -> None:
    ours, theirs = CheckedPacket(encoded_packet=text), Packet(encoded_packet=text)
    assert vars(ours) == vars(theirs)


def with_attachment(text: str, attachment: Any) -> Any:
    packet = CheckedPacket(encoded_packet=text)
    assert packet.packet_type == BINARY_EVENT
    assert packet.add_attachment(attachment)
    return packet.data


def test_a_chunk_of_audio_comes_with_its_event() -> None:
    assert with_attachment('51-["audio",1,2,{"_placeholder":true,"num":0}]', b"ab") == ["audio", 1, 2, b"ab"]


@pytest.mark.parametrize(
    "placeholder",
    [
        '{"_placeholder":true,"num":1}',
        '{"_placeholder":true,"num":1e9}',
        '{"_placeholder":true,"num":"0"}',
        '{"_placeholder":true,"num":null}',
        '{"_placeholder":true,"num":-2}',
        "[" * 900 + '{"_placeholder":true,"num":7}' + "]" * 900,
    ],
)
def test_an_attachment_that_is_not_there_is_malformed(placeholder: str) -> None:
    assert with_attachment(f'51-["audio",{placeholder}]', b"ab") == UNREADABLE


def test_a_name_cannot_be_an_attachment_nor_text_one() -> None:
    assert with_attachment('51-["a",{"_placeholder":true,"num":0}]', "text") == UNREADABLE
    assert CheckedPacket(encoded_packet='51-[{"_placeholder":true,"num":0}]').data == UNREADABLE


@given(
    st.one_of(
        st.text(), st.binary(), st.from_regex(r"[0-9](\d{0,12}-)?(/\w*,)?\d{0,3}[\[{].{0,20}[\]}]", fullmatch=True)
    )
)
def test_no_packet_raises(message: str | bytes) -> None:
    packet = CheckedPacket(encoded_packet=message)
    if packet.packet_type == BINARY_EVENT:
        assert packet.add_attachment(b"x") and isinstance(packet.data[0], str)
    if packet.packet_type == EVENT:
        assert isinstance(packet.data[0], str)


@given(st.text())
def test_only_what_begins_with_a_type_is_a_packet_of_engine_io(text: str) -> None:
    assert is_packet(text) == (len(text) > 0 and text[0] in "0123456")
    assert is_packet(text.encode("utf-8", "surrogatepass"))
