"""What is said: invitations, questions with whatever comes before them, and goodbyes."""

from collections.abc import Mapping
from math import inf

from ..drill.course import Course
from . import telling
from .effects import Clip
from .hearing import Hearing
from .phases import Phase
from .settings import DialogueSettings
from .stage import Stage
from .wording import Wording


class Speaking:
    """Speaks for a course. `say`: the id of the latest prompt; `turn`: the number of the open question.

    leads_to_sleep: whether the latest prompt is for nobody, and nothing is expected after it but a word to begin.
    answers_from_ms: from when on a voice can be an answer to the question that is being asked.
    """

    def __init__(
        self, course: Course, clips: Mapping[str, Clip], stage: Stage, hearing: Hearing,
        settings: DialogueSettings,
    ) -> None:
        self.words = Wording(clips)
        self.say = 0
        self.turn = course.turn
        self.invitations = 0
        self.leads_to_sleep = False
        self.answers_from_ms = inf
        self._sounds_at_ms = 0.0
        self._course = course
        self._stage = stage
        self._hearing = hearing
        self._early_ms = settings.early_ms
        self._played_grace_ms = settings.played_grace_ms

    def invite(self, now_ms: float) -> None:
        """Nobody is there yet: say how to begin, and wait asleep."""
        self.invitations += 1
        self.leads_to_sleep = True
        self._say(now_ms, (self.words.prompt("invitation"),), expects="command")

    def sleep(self, now_ms: float) -> None:
        """Nobody is there any more."""
        self.leads_to_sleep = True
        # Whoever answers in their sleep answers once more: that is a turn of its own.
        self.turn += 1
        self._say(now_ms, (self.words.prompt("sleep"),), expects="command")

    def ask(self, now_ms: float, *before: Clip, gap_ms: int = 0, again: bool = False) -> None:
        """Put the present question, after the clips `before`; the first of a drill after a greeting.

        `again`: it was just asked, and its answer has not been told: it can be answered at once.
        """
        if not self._course.has_begun:
            self._course.begin(now_ms)
            before = (self.words.prompt("greeting"),)
        self.turn += 1
        self.leads_to_sleep = False
        self._hearing.wait()
        clips = (*before, *self.words.question(self._course.fact))
        question_at_ms = sum(clip.duration_ms for clip in before)
        self._say(now_ms, clips, "answer", gap_ms=gap_ms, question_at_ms=question_at_ms)
        early_ms = sum(clip.duration_ms for clip in clips) - self._early_ms
        self.answers_from_ms = now_ms if again else now_ms + gap_ms + max(question_at_ms, early_ms)

    def ask_for_rest(self, now_ms: float, begun: int) -> None:
        """Say again what the answer began with ("thirty"), which asks for the rest of it."""
        self.turn += 1
        self._hearing.wait()
        self._hearing.wait_for_rest(begun)
        self._say(now_ms, (self.words.number(begun),), "answer")
        self.answers_from_ms = now_ms

    def advance(self, now_ms: float, *before: Clip) -> None:
        """Go on to the next question, or finish after the last, or when the session's time is over.

        `before`: what there is to say of the answer, in a mode that says it.
        """
        mode = self._course.mode
        told = before if mode.feedback else ()
        if self._course.advance(now_ms):
            # A fact that was not understood before can be tapped.
            keypad = (self.words.prompt("keypad"),) if self._course.came_back else ()
            self.ask(now_ms, *told, *keypad, gap_ms=mode.gap_ms)
        else:
            self.finish(now_ms, *told)

    def finish(self, now_ms: float, *before: Clip) -> None:
        self._course.finish(now_ms)
        result = telling.result(self._course, now_ms)
        self._stage.effects.append(result)
        score, stronger = self.words.score(result.correct), self.words.stronger(result.stronger)
        self._say_last(now_ms, *before, *score, *stronger, self.words.prompt("goodbye"))

    def finish_again(self, now_ms: float, prompt: str) -> None:
        """It is over already: show the result once more, with one prompt of this name."""
        self._stage.effects.append(telling.result(self._course, now_ms))
        self._say_last(now_ms, self.words.prompt(prompt))

    def _say_last(self, now_ms: float, *clips: Clip) -> None:
        self._say(now_ms, clips, "nothing", Phase.FINISHED)

    def playing(self, now_ms: float) -> None:
        """The first clip of the latest prompt sounds only now."""
        late_ms = now_ms - self._sounds_at_ms
        if self._stage.phase is Phase.PROMPT and late_ms > 0:
            self._sounds_at_ms = now_ms
            self.answers_from_ms += late_ms
            self._stage.enter(Phase.PROMPT, self._stage.deadline_ms + late_ms)

    def _say(
        self, now_ms: float, clips: tuple[Clip, ...], expects: str, phase: Phase = Phase.PROMPT, gap_ms: int = 0,
        question_at_ms: int = 0,
    ) -> None:
        self.say += 1
        say = telling.prompt(self._course, now_ms, self.say, clips, expects, gap_ms, question_at_ms)
        self._sounds_at_ms = now_ms + gap_ms
        over_at_ms = self._sounds_at_ms + say.duration_ms + self._played_grace_ms
        self._stage.enter(phase, over_at_ms if phase is Phase.PROMPT else inf)
        self._stage.effects.append(say)
