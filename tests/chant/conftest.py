"""A recitation in virtual time."""

import pytest

from server.chant.dialogue import ChantDialogue, ChantSettings
from server.chant.messages import ChantEnded, ChantHeard, Ladder
from server.chant.progress import Mark, Progress
from server.dialogue import messages
from server.dialogue.settings import DialogueSettings
from server.languages import load_language
from server.understanding.chant import Chant, ChantedLine
from server.understanding.lexicon import Spoken
from tests.support.conversations import Driver, clips_of

CLIP_MS = 1000
LINE_MS = 1200
ENGLISH = load_language("en")


class Recital(Driver):
    """Drives a recitation of the table of 7: the clock moves only when told to, a chant is what the test says it is."""

    def __init__(self, lines: int = 10, settings: DialogueSettings = DialogueSettings(), from_line: int = 1) -> None:
        self.clips = clips_of(ENGLISH, CLIP_MS)
        progress = Progress(7, range(1, lines + 1), from_line)
        self.dialogue = ChantDialogue(progress, self.clips, settings, ChantSettings())
        self.lines: list[ChantedLine] = []
        self.begins_ms = 0
        super().__init__()

    @property
    def ladder(self) -> Ladder:
        return self.all(Ladder)[-1]

    @property
    def marks(self) -> list[Mark]:
        return [line.mark for line in self.dialogue.progress.lines]

    def start(self) -> "Recital":
        return self.tell(messages.Started()).hear_out()

    def hear_out(self) -> "Recital":
        """The page plays the prompt to its end, and its echo dies away."""
        self.now_ms += self.say.duration_ms
        return self.tell(messages.Played(self.say.id)).wait(300)

    def begin(self) -> "Recital":
        """A voice."""
        self.lines, self.begins_ms = [], round(self.now_ms)
        return self.tell(messages.SpeechStarted(round(self.now_ms)))

    def chant(
        self,
        *lines: int,
        product: int | None = None,
        is_right: bool | None = True,
        other_ms: int = 0,
        silence_ms: int = 0,
    ) -> "Recital":
        """The voice says these lines, without a pause or with one at the end."""
        if not self.dialogue.is_hearing:
            self.begin()
        for line in lines:
            begin_ms = round(self.now_ms) - self.begins_ms
            self.now_ms += LINE_MS
            said = 7 * line if product is None else product
            self.lines.append(ChantedLine(line, said, is_right, begin_ms, begin_ms + LINE_MS, other_ms))
            self.tell(ChantHeard(Chant(tuple(self.lines), None), self.begins_ms, 0))
        return self.pause(silence_ms) if silence_ms else self

    def pause(self, ms: int = 200) -> "Recital":
        self.now_ms += ms
        return self.tell(ChantHeard(Chant(tuple(self.lines), None), self.begins_ms, ms))

    def command(self, command: Spoken, is_echo: bool = False) -> "Recital":
        """The child asks for something, in an utterance of its own."""
        self.begin().now_ms += 1000
        self.tell(ChantHeard(Chant(command=command), self.begins_ms, 200))
        self.now_ms += 500
        return self.tell(ChantEnded(Chant(command=command), self.begins_ms, 1000, is_echo))

    def end(self) -> "Recital":
        """The utterance is over."""
        self.now_ms += 500
        return self.tell(ChantEnded(Chant(tuple(self.lines), None), self.begins_ms, 1000))


@pytest.fixture
def recital() -> Recital:
    return Recital().start()
