"""Calls of the guard and of the recogniser for an utterance: known results are not computed again."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest

from server.audio import FRAME_BYTES, FRAME_MS
from server.audio.echo_guard import EchoGuard, Examined
from server.audio.listener import Listener
from server.audio.segmenter import VoiceContinued, VoiceStarted
from server.dialogue.settings import PAUSE_MS
from server.live.utterance import PARTIAL_MS, Answer, utterances
from server.understanding.hypothesis import Hypothesis

PRE_ROLL_MS = 500
ECHO, NOTHING = Examined(is_echo=True, share=1.0), Examined()


@dataclass
class Asked:
    """A guard and a recogniser that return what they are told to, and count their calls."""

    says: Sequence[Examined]
    examined: int = 0
    believed: int = 0
    fed: bytes = field(default=b"", repr=False)

    def examine(self, begin_ms: float, end_ms: float) -> Examined:
        self.examined += 1
        return self.says[min(self.examined, len(self.says)) - 1]

    def start(self) -> None:
        self.fed = b""

    def feed(self, pcm: bytes) -> None:
        self.fed += pcm

    def partial(self) -> Hypothesis:
        self.believed += 1
        return Hypothesis({56: 0.9})

    finish = partial


class Prompts:
    """An utterance that goes on, frame by frame."""

    def __init__(self, *says: Examined) -> None:
        self.asked = Asked(says)
        self._heard_ms = PRE_ROLL_MS
        started = VoiceStarted(PRE_ROLL_MS - 120, bytes(PRE_ROLL_MS // FRAME_MS * FRAME_BYTES))
        self.utterance = Answer.begin(started, self._heard_ms, -1, self.asked)
        self._silence_ms = 0

    def go_on(self, voice: str, every_ms: float = PARTIAL_MS) -> list[int]:
        """Add one frame for each letter, "v" with a voice. Returns when opinions were due, in ms of the voice."""
        due = []
        for letter in voice:
            self._heard_ms += FRAME_MS
            self._silence_ms = 0 if letter == "v" else self._silence_ms + FRAME_MS
            event = VoiceContinued(
                bytes(FRAME_BYTES), letter == "v", self._silence_ms, self._heard_ms - self._silence_ms
            )
            if self.utterance.go_on(event, self._heard_ms, every_ms):
                due.append(self._heard_ms - PRE_ROLL_MS + 120)
        return due

    def understand(self, final: bool = False) -> tuple[Hypothesis, Examined]:
        return self.utterance.understand(self.asked, final)


def test_beliefs_are_due_after_so_much_voice_and_in_each_pause() -> None:
    speaking = Prompts(NOTHING)
    assert speaking.go_on("v" * 100) == [PARTIAL_MS, 2 * PARTIAL_MS]
    assert speaking.go_on("-" * 60) == [2120 + PAUSE_MS]
    assert speaking.go_on("v" + "-" * 60) == [3340, 3340 + PAUSE_MS]


def test_how_often_may_change_and_pauses_count_always() -> None:
    speaking = Prompts(NOTHING)
    assert speaking.go_on("v" * 50, every_ms=math.inf) == []
    assert speaking.go_on("-" * 60, every_ms=math.inf) == [1120 + PAUSE_MS]
    assert speaking.go_on("v", every_ms=math.inf) == []
    assert speaking.go_on("v" * 40, every_ms=400) == [2360, 2760]


def test_an_echo_is_examined_once_until_a_voice_follows() -> None:
    speaking = Prompts(ECHO, ECHO, NOTHING)
    speaking.go_on("v" * 20 + "-" * 10)
    assert speaking.understand() == (Hypothesis(), ECHO)
    speaking.go_on("-" * 50)
    assert speaking.understand(final=True) == (Hypothesis(), ECHO) and speaking.asked.examined == 1
    speaking.go_on("v" * 20 + "-" * 10)
    assert speaking.understand() == (Hypothesis(), ECHO) and speaking.asked.examined == 2
    speaking.go_on("v" * 20 + "-" * 10)
    assert speaking.understand()[1] == NOTHING and speaking.asked.examined == 3


@pytest.mark.parametrize("says", [NOTHING, Examined(share=0.5, cleaned=bytes(FRAME_BYTES))])
def test_what_holds_a_voice_is_examined_anew_with_its_soft_end(says: Examined) -> None:
    speaking = Prompts(says)
    speaking.go_on("v" * 20 + "-" * 10)
    speaking.understand()
    speaking.go_on("-" * 5)
    speaking.understand(final=True)
    assert speaking.asked.examined == 2
    assert speaking.asked.fed == (says.cleaned or speaking.utterance.audio)


class Marked:
    """A detector that hears a voice in each frame that is not silent."""

    def voiced(self, frames: bytes) -> list[bool]:
        return [any(frames[at : at + FRAME_BYTES]) for at in range(0, len(frames), FRAME_BYTES)]


@pytest.mark.parametrize("chunk_bytes", [FRAME_BYTES, 1000, 200_000])
def test_each_utterance_of_a_stream_is_understood_by_itself(chunk_bytes: int) -> None:
    """As in a session: from its pre-roll to the silence that ends it, wherever the chunks are cut."""
    tone = (8000 * np.sin(2 * np.pi * 300 * np.arange(16_000) / 16_000)).astype("<i2").tobytes()
    silence = bytes(2 * 32_000)
    pcm = silence + tone + silence + tone + silence
    asked, listener = Asked([NOTHING]), Listener(Marked())
    listener.arm(True)
    chunks = [pcm[at : at + chunk_bytes] for at in range(0, len(pcm), chunk_bytes)]
    fed = []
    for utterance in utterances(listener, chunks, asked):
        assert utterance.understand(EchoGuard(), final=True) == (Hypothesis({56: 0.9}), NOTHING)
        fed.append(len(asked.fed) // FRAME_BYTES * FRAME_MS)
    assert len(fed) == 2 and all(2000 < ms < 3000 for ms in fed)
