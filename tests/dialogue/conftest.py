"""A drill in virtual time."""

import pytest

from server.dialogue import messages
from server.dialogue.dialogue import Dialogue
from server.dialogue.messages import Judged
from server.dialogue.settings import PAUSE_MS, DialogueSettings
from server.drill.course import Course
from server.drill.judging import JudgingSettings, Verdict
from server.drill.modes import CALM, Mode
from server.languages import load_language
from server.understanding.interpretation import Interpretation
from server.understanding.lexicon import Spoken
from tests.support.conversations import Driver, clips_of

CLIP_MS = 1000
SETTINGS = DialogueSettings(
    thinking_ms=10_000, judging=JudgingSettings(correct_at=0.5, wrong_at=0.9, again_at=0.8, expected_below=0.02)
)
ENGLISH = load_language("en")


class Drill(Driver):
    """Drives a dialogue: the clock moves only on request, and speech is what the test says."""

    def __init__(
        self,
        questions: int | None = None,
        tables: tuple[int, ...] = (2, 7),
        seed: int = 1,
        mode: Mode = CALM,
        minutes: int | None = None,
        settings: DialogueSettings = SETTINGS,
    ) -> None:
        self.clips = clips_of(ENGLISH, CLIP_MS)
        course = Course(mode.practice(tables, seed=seed), mode.lasting(questions, minutes))
        self.dialogue = Dialogue(course, self.clips, settings)
        self.heard_ms = 5000
        super().__init__()

    # Observations

    @property
    def answer(self) -> int:
        left, right = self.dialogue.question
        return left * right

    @property
    def wrong_answer(self) -> int:
        return self.answer + 1

    @property
    def verdict(self) -> Judged:
        return self.all(Judged)[-1]

    @property
    def verdicts(self) -> list[Verdict]:
        return [judged.attempt.verdict for judged in self.all(Judged)]

    # Events

    def start(self) -> "Drill":
        return self.tell(messages.Started())

    def play(self) -> "Drill":
        """Let the prompt end on time."""
        return self.wait(self.say.duration_ms).tell(messages.Played(self.say.id, self.heard_ms))

    def listen(self) -> "Drill":
        """Go from a prompt to an open microphone."""
        return self.play().wait(SETTINGS.tail_ms)

    def speak(self, after_ms: int = 800) -> "Drill":
        """Start a voice, `after_ms` after the question's end."""
        return self.tell(messages.SpeechStarted(self.heard_ms + after_ms))

    def hear(self, interpretation: Interpretation, silence_ms: int = 0, spoken_ms: int = 600) -> "Drill":
        return self.tell(messages.InterimResult(interpretation, silence_ms, spoken_ms))

    def speak_over(self, ms_left: int) -> "Drill":
        """Start a voice while the prompt plays, `ms_left` before its end."""
        return self.wait(self.say.duration_ms - ms_left).tell(messages.SpeechStarted(self.heard_ms - ms_left))

    def end(self, interpretation: Interpretation, damaged: bool = False, voice_ms: int = 600) -> "Drill":
        return self.tell(messages.SpeechEnded(interpretation, damaged, voice_ms))

    def utter(self, interpretation: Interpretation, damaged: bool = False, voice_ms: int = 600) -> "Drill":
        """Say a whole utterance at an open microphone."""
        return self.speak().hear(interpretation).hear(interpretation, PAUSE_MS).end(interpretation, damaged, voice_ms)

    def answer_right(self) -> "Drill":
        return self.listen().utter(Interpretation({self.answer: 0.97}))

    def answer_wrong(self) -> "Drill":
        return self.listen().utter(Interpretation({self.wrong_answer: 0.97, self.answer: 0.001}))

    def mumble(self) -> "Drill":
        return self.listen().utter(Interpretation({self.answer: 0.3, self.wrong_answer: 0.4}))

    def command(self, command: Spoken) -> "Drill":
        return self.tell(messages.Commanded(command))


@pytest.fixture
def drill() -> Drill:
    return Drill().start()
