"""What the drill says: invitations, questions with what comes before them, corrections, results and goodbyes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from math import inf

from ..drill.course import Course
from ..drill.facts import Fact
from .escalation import Help
from .messages import Clip, Expects, Finished, Say
from .settings import DialogueSettings

STRONGER_TOLD = 2
"""How many facts that became stronger are spoken. The page shows all."""


class Wording:
    """Finds the clips of what is said. The wordings of a prompt take turns."""

    def __init__(self, clips: Mapping[str, Clip]) -> None:
        self._clips = clips
        self._used: Counter[str] = Counter()
        self._wordings = Counter(clip_id.rpartition("-")[0] for clip_id in clips)

    def prompt(self, name: str) -> Clip:
        """The next wording of this prompt."""
        number = self._used[name] % self._wordings[name] + 1
        self._used[name] += 1
        return self._clips[f"{name}-{number}"]

    def question(self, fact: Fact) -> tuple[Clip, ...]:
        """One clip, or two for larger tables."""
        whole = self._clips.get(f"question-{fact.left}-{fact.right}")
        return (whole,) if whole else (self._left(fact), self._clips[f"asked-{fact.right}"])

    def fact(self, fact: Fact) -> tuple[Clip, ...]:
        """The question with its answer: one clip, or several for larger tables."""
        whole = self._clips.get(f"fact-{fact.left}-{fact.right}")
        parts = f"right-{fact.right}", f"number-{fact.answer}"
        return (whole,) if whole else (self._left(fact), *(self._clips[part] for part in parts))

    def help(self, help: Help, fact: Fact) -> tuple[Clip, ...]:
        """What is said before `fact` is asked again, or before the next question."""
        match help:
            case Help.HINT:
                # The line before it in the table, from which it can be worked out. The first line takes the second.
                neighbour = Fact(fact.left, fact.right - 1 if fact.right > 1 else 2)
                return self.prompt("hint"), *self.fact(neighbour)
            case Help.LESSON | Help.ANSWER:
                return self.prompt("lesson"), *self.fact(fact)
            case Help.REPROMPT:
                return (self.prompt("reprompt"),)
            case Help.KEYPAD:
                return self.prompt("reprompt"), self.prompt("keypad")
            case Help.REST:
                return (self.prompt("skipped"),)
        return ()

    def correction(self, fact: Fact) -> tuple[Clip, ...]:
        return self.prompt("correction"), *self.fact(fact)

    def number(self, number: int) -> Clip:
        return self._clips[f"number-{number}"]

    def stronger(self, facts: Sequence[Fact]) -> tuple[Clip, ...]:
        """The first of the facts that are known better now; nothing if there are none."""
        told = (clip for fact in facts[:STRONGER_TOLD] for clip in self.fact(fact))
        return (self.prompt("stronger"), *told) if facts else ()

    def score(self, correct: int) -> tuple[Clip, ...]:
        """The number of right answers; nothing if no clip says it."""
        number = self._clips.get(f"number-{correct}")
        return (self.prompt("score"), number) if number else ()

    def _left(self, fact: Fact) -> Clip:
        return self._clips.get(f"left-{fact.left}") or self._clips[f"number-{fact.left}"]


class Prompts:
    """The prompts of one drill. Each method makes the next one."""

    def __init__(self, course: Course, words: Wording, settings: DialogueSettings) -> None:
        self._words = words
        self._settings = settings
        self.say = 0
        """The id of the latest prompt."""
        self.turn = course.turn
        """The number of the open question."""
        self.take_up(course)

    def take_up(self, course: Course) -> None:
        """Speak of this course from now on. The numbers of prompts and turns are counted on."""
        self._course = course
        self.invitations = 0
        """How many invitations were spoken."""
        self.leads_to_sleep = False
        """Whether the drill sleeps after the latest prompt."""
        self.answers_from_ms = inf
        """When a voice can begin to answer the question that is being asked."""
        self.over_by_ms = inf
        """When the latest prompt counts as played, even if the page does not say so."""
        self._sounds_at_ms = 0.0

    def invite(self, now_ms: float) -> Say:
        """Say how to begin. Nobody is there yet."""
        self.invitations += 1
        self.leads_to_sleep = True
        return self._say(now_ms, (self._words.prompt("invitation"),), "command")

    def sleep(self, now_ms: float) -> Say:
        """Say how to go on. Nobody is there any more."""
        self.leads_to_sleep = True
        # An answer that wakes the drill is a turn of its own.
        self.turn += 1
        return self._say(now_ms, (self._words.prompt("sleep"),), "command")

    def ask(self, now_ms: float, *before: Clip, gap_ms: int = 0, again: bool = False) -> Say:
        """Ask the open question after the clips `before`. The first question of a drill comes after a greeting.

        `again`: the question was just asked and its answer not told. It can be answered at once.
        """
        if not self._course.has_begun:
            self._course.begin(now_ms)
            before = (self._words.prompt("greeting"),)
        self.turn += 1
        self.leads_to_sleep = False
        clips = (*before, *self._words.question(self._course.fact))
        question_at_ms = sum(clip.duration_ms for clip in before)
        early_ms = sum(clip.duration_ms for clip in clips) - self._settings.early_ms
        self.answers_from_ms = now_ms if again else now_ms + gap_ms + max(question_at_ms, early_ms)
        return self._say(now_ms, clips, "answer", gap_ms, question_at_ms)

    def ask_for_rest(self, now_ms: float, begun: int) -> Say:
        """Say the beginning of the answer again ("thirty"), which asks for the rest of it."""
        self.turn += 1
        self.answers_from_ms = now_ms
        return self._say(now_ms, (self._words.number(begun),), "answer")

    def finish(self, now_ms: float, *before: Clip) -> tuple[Finished, Say]:
        """The result, after the clips `before`."""
        result = self._result(now_ms)
        score, stronger = self._words.score(result.correct), self._words.stronger(result.stronger)
        clips = (*before, *score, *stronger, self._words.prompt("goodbye"))
        return result, self._say(now_ms, clips, "nothing")

    def finish_again(self, now_ms: float, prompt: str) -> tuple[Finished, Say]:
        """The result once more, after the prompt of this name. The drill is over already."""
        return self._result(now_ms), self._say(now_ms, (self._words.prompt(prompt),), "nothing")

    def playing(self, now_ms: float) -> None:
        """The first clip of the latest prompt begins to sound, perhaps late."""
        late_ms = max(0.0, now_ms - self._sounds_at_ms)
        self._sounds_at_ms += late_ms
        self.answers_from_ms += late_ms
        self.over_by_ms += late_ms

    def _say(
        self, now_ms: float, clips: tuple[Clip, ...], expects: Expects, gap_ms: int = 0, question_at_ms: int = 0
    ) -> Say:
        self.say += 1
        course, mode, score = self._course, self._course.mode, self._course.score
        say = Say(
            self.say,
            clips,
            course.fact,
            expects,
            question_at_ms,
            course.number,
            mode.questions,
            score.correct,
            course.total,
            gap_ms,
            mode.answer_ms if mode.shows_clock else None,
            mode.feedback,
            course.time_gone(now_ms),
        )
        self._sounds_at_ms = now_ms + gap_ms
        self.over_by_ms = self._sounds_at_ms + say.duration_ms + self._settings.played_grace_ms
        return say

    def _result(self, now_ms: float) -> Finished:
        course, practice = self._course, self._course.practice
        tallies = tuple(sorted(course.score.tallies.items(), key=lambda item: item[0]))
        return Finished(
            course.score.correct, course.total, tallies, practice.stronger(now_ms), practice.placed(), course.unheard
        )
