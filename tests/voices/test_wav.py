"""Foreign WAV files are read with care."""

import io
import wave

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.voices.errors import VoiceError
from server.voices.wav import LONGEST_MS, read_wav, write_wav

GOOD = write_wav(np.linspace(-1, 1, 2400), 24_000)


def wav(frames: bytes, rate_hz: int = 24_000, channels: int = 1, width: int = 2) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as clip:
        clip.setparams((channels, width, rate_hz, 0, "NONE", ""))
        clip.writeframes(frames)
    return file.getvalue()


def code_of(data: bytes) -> str:
    with pytest.raises(VoiceError) as error:
        read_wav(data)
    return error.value.code


def test_what_is_written_is_read() -> None:
    samples, rate_hz = read_wav(GOOD)
    assert rate_hz == 24_000 and np.allclose(samples, np.linspace(-1, 1, 2400), atol=1e-4)


def test_two_channels_become_one() -> None:
    samples, _ = read_wav(wav(np.array([[8192, 0], [0, -8192]], "<i2").tobytes(), channels=2))
    assert list(samples) == [0.125, -0.125]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "bad_wav"),
        (b"RIFF", "bad_wav"),
        (b"ID3\4" + bytes(1000), "bad_wav"),
        (b"OggS" + bytes(1000), "bad_wav"),
        (wav(bytes(300), width=3), "bad_wav"),
        (wav(bytes(300), width=1), "bad_wav"),
        (wav(bytes(600), channels=6), "bad_wav"),
        (wav(bytes(200), rate_hz=4000), "bad_wav"),
        (wav(bytes(200), rate_hz=192_000), "bad_wav"),
        (wav(b""), "nothing_heard"),
        (wav(bytes(2 * 24 * (LONGEST_MS + 1))), "too_long"),
    ],
)
def test_what_is_of_no_use_is_refused(data: bytes, code: str) -> None:
    assert code_of(data) == code


def test_a_header_that_claims_gigabytes_gets_what_there_is() -> None:
    claiming = GOOD[:4] + b"\xff\xff\xff\x7f" + GOOD[8:40] + b"\xff\xff\xff\x7f" + GOOD[44:]
    assert len(read_wav(claiming)[0]) == 2400


@given(st.binary(max_size=200), st.integers(0, len(GOOD)), st.binary(max_size=8))
def test_no_bytes_break_it(noise: bytes, at: int, piece: bytes) -> None:
    for data in (noise, b"RIFF" + noise, GOOD[:at] + piece + GOOD[at + len(piece) :], GOOD[:at]):
        try:
            samples, _ = read_wav(data)
        except VoiceError:
            continue
        assert len(samples) <= LONGEST_MS * 96
