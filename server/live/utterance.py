"""An open utterance: its sound, its recogniser, and its times in the stream."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Generic, Self, TypeVar

from ..asr.base import Recogniser, StreamingRecogniser
from ..audio import duration_ms
from ..audio.echo_guard import EchoGuard, Examined
from ..audio.listener import Listener
from ..audio.segmenter import VoiceContinued, VoiceStarted, VoiceStopped
from ..dialogue.settings import PAUSE_MS
from ..understanding.hypothesis import Hypothesis
from ..understanding.interpretation import Interpretation

PARTIAL_MS = 900
"""How often the interpretation is renewed while a voice goes on. Most answers are shorter. Each renewal costs a run of
the network."""
OVER_PROMPT_MS = 400
"""The same over a prompt, which a confident answer stops."""
PARTIAL_WITHIN_MS = 300
"""How long a renewal may wait on a busy machine. Later, the next pause says more."""

Opinion = TypeVar("Opinion")


@dataclass
class Utterance(Generic[Opinion]):
    """What any session hears. Times in ms of audio of the stream."""

    recogniser: StreamingRecogniser[Opinion] | None
    """None after a failure of the engine: the utterance is then understood as nothing."""
    begins_ms: int
    """Where its sound begins, the pre-roll included."""
    onset_ms: int
    """Where the voice begins."""
    damaged: bool
    """Whether parts of it never arrived, or its beginning was not kept."""
    voice_until_ms: int
    """Where the latest voice ends."""
    longest_pause_ms: int = 0
    """The longest pause within the voice."""
    _pause_ms: int = 0
    _believed_at_ms: int = 0
    _examined: Examined = Examined()
    _examined_until_ms: int = -1
    _audio: bytearray = field(default_factory=bytearray, repr=False)
    _fed: int = 0

    @classmethod
    def begin(
        cls, started: VoiceStarted, heard_ms: int, gap_at_ms: int, recogniser: StreamingRecogniser[Opinion] | None
    ) -> Self:
        """A voice has started. `gap_at_ms`: where sound was last lost, -1 for never.

        A loss within the pre-roll counts: soft consonants come before the voice.
        """
        begins_ms = heard_ms - round(duration_ms(started.audio))
        damaged = started.cut or gap_at_ms >= begins_ms
        before_voice_ms = started.onset_ms - begins_ms
        utterance = cls(recogniser, begins_ms, started.onset_ms, damaged, heard_ms, _believed_at_ms=before_voice_ms)
        utterance._audio += started.audio
        return utterance

    def fail(self) -> None:
        """The engine failed: nothing was understood, and nothing will be."""
        self.recogniser = None

    @property
    def audio(self) -> bytes:
        """All sound so far."""
        return bytes(self._audio)

    @property
    def voice_ms(self) -> int:
        """From the onset to the end of the voice."""
        return self.voice_until_ms - self.onset_ms

    def go_on(self, event: VoiceContinued, heard_ms: int, every_ms: float = PARTIAL_MS) -> bool:
        """Take one more frame. Returns whether to renew the interpretation: in each pause, and `every_ms` of voice."""
        self._audio += event.audio
        if not event.silence_ms:
            self.voice_until_ms = heard_ms
            self.longest_pause_ms = max(self.longest_pause_ms, self._pause_ms)
        self._pause_ms = event.silence_ms
        is_due = event.silence_ms == PAUSE_MS or (
            not event.silence_ms and event.spoken_ms - self._believed_at_ms >= every_ms
        )
        if is_due:
            self._believed_at_ms = event.spoken_ms
        return is_due

    def _examine(self, guard: EchoGuard) -> Examined:
        """Examine it anew, unless it was only echo and no voice has followed."""
        if not self._examined.is_echo or self._examined_until_ms != self.voice_until_ms:
            self._examined = guard.examine(self.begins_ms, self.begins_ms + duration_ms(self._audio))
            self._examined_until_ms = self.voice_until_ms
        return self._examined


@dataclass
class Answer(Utterance[Hypothesis]):
    """An utterance in a drill."""

    interpretation: Interpretation = Interpretation()
    """The latest."""
    _is_cleaned: bool = False

    def understand(self, guard: EchoGuard, final: bool) -> tuple[Hypothesis, Examined]:
        """Ask the recogniser about all sound so far, without the tablet's own. Blocks. Raises the engine's errors."""
        examined = self._examine(guard)
        if self.recogniser is None or examined.is_echo:
            return Hypothesis(), examined
        if examined.cleaned is not None:
            self._feed_anew(self.recogniser, examined.cleaned)
        elif self._is_cleaned:
            self._feed_anew(self.recogniser, self.audio)
        else:
            self.recogniser.feed(bytes(self._audio[self._fed :]))
        self._fed, self._is_cleaned = len(self._audio), examined.cleaned is not None
        return (self.recogniser.finish() if final else self.recogniser.partial()), examined

    def fail(self) -> None:
        super().fail()
        self.interpretation = Interpretation()

    @staticmethod
    def _feed_anew(recogniser: Recogniser, audio: bytes) -> None:
        """Start over: the sound was cleaned, or is no longer."""
        recogniser.start()
        recogniser.feed(audio)


def utterances(listener: Listener, chunks: Iterable[bytes], recogniser: Recogniser | None = None) -> Iterator[Answer]:
    """The utterances of a stream outside a drill, each when it is over and before `recogniser` is asked about it."""
    utterance = None
    for chunk in chunks:
        for event in listener.hear(chunk):
            match event:
                case VoiceStarted():
                    if recogniser is not None:
                        recogniser.start()
                    utterance = Answer.begin(event, listener.heard_ms, -1, recogniser)
                case VoiceContinued() if utterance is not None:
                    utterance.go_on(event, listener.heard_ms)
                case VoiceStopped() if utterance is not None:
                    yield utterance
