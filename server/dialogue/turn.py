"""One turn: how much silence ends it, what has been heard of the answer, and what it comes to."""

from collections.abc import Container

from ..drill.facts import Fact
from ..drill.judging import Judgement, JudgingSettings, Verdict, judge
from ..understanding.interpretation import Interpretation
from ..understanding.lexicon import Spoken
from .messages import InterimResult
from .settings import LONGEST_CALL_MS, WAKING_AT, WRONG_NONE_WEIGHT, EndpointingSettings

CALIBRATED_SHARE = 0.8
"""Share of answers among utterances to which the recogniser's "none of these" is calibrated (training/calibrate.py)."""
QUIET_SHARE = 0.9926
"""The share in a drill that a learner started: nearly every utterance answers. It gives `LEAST_WEIGHT`."""
PUBLIC_SHARE = CALIBRATED_SHARE
"""The share at a tablet that invites passers-by: nothing is known."""
START_WORTH = 3.0
"""How many utterances the first share weighs. A room is known after a few."""
HALF_LIFE = 10
"""How many utterances later one counts half."""
LEAST_WEIGHT = 0.03
"""Below it, more words that are no numbers are judged than right answers saved."""
MOST_WEIGHT = 2.0
"""Above it, right answers are refused and hardly less talk is judged."""
RIGHT_SHARE = 0.8
"""Share of right answers among the answers in a well-chosen drill (Math Garden aims at 75 %)."""
USUAL_NUMBERS = 100
"""The recogniser takes each of them for equally likely, whatever was asked."""


class Endpointing:
    """How much silence ends the present utterance, for a speaker whose pauses it learns."""

    def __init__(self, settings: EndpointingSettings) -> None:
        self._settings = settings
        self._habit_ms = 0.0
        self.begin()

    def begin(self) -> None:
        """A new utterance starts."""
        self.limit_ms = self._patient(self._settings.incomplete_ms)
        self._best: int | None = None
        self._best_since_ms = 0

    def learn(self, longest_pause_ms: int) -> None:
        """Update this speaker's typical pause (exponential average, weight 0.3)."""
        self._habit_ms += 0.3 * (longest_pause_ms - self._habit_ms)

    def update(self, interpretation: Interpretation, expected: int, spoken_ms: int) -> None:
        """Set `limit_ms` from the interpretation `spoken_ms` into the utterance; 0 ends the turn at once."""
        best, probability = interpretation.best
        if best != self._best or probability < self._settings.confident_at:
            self._best, self._best_since_ms = best, spoken_ms
        elif best is not None and spoken_ms - self._best_since_ms >= self._stable_ms(interpretation):
            self.limit_ms = 0
            return
        self.limit_ms = self._limit_ms(interpretation, expected)

    def _limit_ms(self, interpretation: Interpretation, expected: int) -> int:
        settings = self._settings
        best, probability = interpretation.best
        # A number follows "no, I said": it is no complete command.
        if interpretation.command not in (None, Spoken.APPEAL):
            return settings.complete_ms
        if best is None or probability < settings.confident_at:
            probable = interpretation.numbers.get(expected, 0.0) >= settings.probable_at
            return self._patient(settings.probable_ms if probable else settings.incomplete_ms)
        if best == expected:
            return settings.expected_ms
        if interpretation.beginning is not None:
            return self._patient(settings.begun_ms)
        return self._patient(settings.extendable_ms) if interpretation.extendable else settings.complete_ms

    def _stable_ms(self, interpretation: Interpretation) -> int:
        # A voice that goes on after a beginning is not understood yet.
        return self._settings.stable_ms + (self._settings.begun_ms if interpretation.beginning is not None else 0)

    def _patient(self, limit_ms: int) -> int:
        return min(max(limit_ms, round(1.5 * self._habit_ms)), self._settings.longest_ms)


class Hearing:
    """The answer as far as it is heard. Times are in ms of audio of the stream."""

    def __init__(self, settings: EndpointingSettings) -> None:
        self._settings = settings
        self._endpointing = Endpointing(settings)
        self.wait()

    def wait(self) -> None:
        """A question is asked: nothing has been heard yet."""
        self.listens_from_ms: int | None = None
        """Where the question ended; None while it is being asked."""
        self.partial: int | None = None
        """The number that is confidently heard so far."""
        self.wait_for_rest(None)
        self.drop()

    def wait_for_rest(self, begun: int | None) -> None:
        """What is said next may complete `begun`."""
        self.begun = self._begun_before = begun
        """A beginning of the answer that is heard already ("thirty" where 36 is asked)."""

    def listen_from(self, heard_ms: int | None) -> None:
        """The question has been said to its end."""
        self.listens_from_ms = heard_ms

    def drop(self) -> None:
        """What was heard was no answer."""
        self.is_open = False
        """Whether a voice goes on."""
        self.answers = False
        """Whether that voice can answer the open question."""
        self._onset_ms: int | None = None

    def begin(self, onset_ms: int | None = None, answers: bool = True) -> None:
        """A voice begins. Without `onset_ms` its response time is not measured."""
        self.is_open, self.answers = True, answers
        self._onset_ms = onset_ms
        self.begun = self._begun_before
        self._endpointing.begin()

    def go_on(self, heard: InterimResult, expected: int, none_weight: float = 1.0) -> bool:
        """The voice goes on, or pauses. Returns whether `partial` has changed.

        `none_weight`: see `Interpretation.weighed`. It also decides how much silence ends the answer.
        """
        interpretation = heard.interpretation.completing(self.begun, expected)
        self._endpointing.update(interpretation.weighed(none_weight), expected, heard.spoken_ms)
        best, probability = interpretation.best
        confident = best if probability >= self._settings.confident_at else None
        # The second "five" of 55 cannot be told from the first, which is still heard.
        if (
            heard.silence_ms
            and confident is not None
            and confident not in interpretation.beginnings.get(confident, {confident})
        ):
            self.begun = confident
        before, self.partial = self.partial, confident
        return self.partial != before

    def end(self, longest_pause_ms: int, onset_ms: int | None = None) -> None:
        """The voice has ended. `onset_ms`: where it began, if that is known better by now."""
        self.is_open = False
        if onset_ms is not None and self._onset_ms is not None:
            self._onset_ms = onset_ms
        self._endpointing.learn(longest_pause_ms)

    @property
    def silence_limit_ms(self) -> int:
        """How much silence ends the present utterance; 0: it is over."""
        return self._endpointing.limit_ms

    @property
    def response_ms(self) -> int | None:
        """From the end of the question to the onset of the voice; 0 if the voice began before that end.

        None if it is not known, or if only the rest of an answer was asked for.
        """
        if self._onset_ms is None or self.listens_from_ms is None or self._begun_before is not None:
            return None
        return max(0, self._onset_ms - self.listens_from_ms)

    def barge_in(self) -> None:
        """The answer interrupts the question, which is not played to its end."""
        self.listens_from_ms = self._onset_ms


class AnswerPrior:
    """The share of answers among the utterances of this room: a Beta estimate that decays with each utterance."""

    def __init__(self, share: float = QUIET_SHARE) -> None:
        self._share = share
        self._answers = self._others = 0.0

    @property
    def none_weight(self) -> float:
        """The odds of "none of these" in this room, relative to those of its calibration."""
        answers = START_WORTH * self._share + self._answers
        others = START_WORTH * (1 - self._share) + self._others
        odds = others / answers * CALIBRATED_SHARE / (1 - CALIBRATED_SHARE)
        return min(max(odds, LEAST_WEIGHT), MOST_WEIGHT)

    def heard(self, interpretation: Interpretation, expected: int) -> None:
        """An utterance while a question is open. Talk fits its answer by chance alone."""
        if interpretation.command is not None:
            self._count(1.0)
            return
        right = interpretation.numbers.get(expected, 0.0)
        other = sum(interpretation.numbers.values()) - right
        answer = RIGHT_SHARE * USUAL_NUMBERS * right + (1 - RIGHT_SHARE) * other
        self._count(answer / (answer + self.none_weight * interpretation.none) if answer else 0.0)

    def overheard(self) -> None:
        """An utterance while no question was open."""
        self._count(0.0)

    def _count(self, answer: float) -> None:
        kept = 0.5 ** (1 / HALF_LIFE)
        self._answers = self._answers * kept + answer
        self._others = self._others * kept + 1 - answer


def decide(
    interpretation: Interpretation,
    asked: Fact,
    mistaken: Fact | None,
    settings: JudgingSettings,
    damaged: bool = False,
    said: Container[int] = (),
    begun: int | None = None,
    none_weight: float = 1.0,
    own_weight: float = 1.0,
) -> Spoken | Judgement:
    """What an utterance comes to: a command, or a verdict on the fact `asked`.

    `mistaken`: the fact whose last answer was judged wrong; an appeal is about it. `damaged`: see `SpeechEnded`.
    `said`: see `judge`. `begun`: the beginning of the answer that was said before. `none_weight`: see
    `Interpretation.weighed`. `own_weight`: see `Speaker.none_weight`.
    """
    if interpretation.command is Spoken.APPEAL and mistaken is not None:
        # An appeal is refused, and the question asked again, only if it clearly names another number. "I said" tells
        # that the number is said again.
        appealed = judge(interpretation.numbers, mistaken.answer, settings, said=interpretation.numbers)
        return Spoken.REPEAT if appealed.verdict is Verdict.WRONG else Spoken.APPEAL
    if interpretation.command is not None and interpretation.command is not Spoken.APPEAL:
        return interpretation.command
    interpretation = interpretation.completing(begun, asked.answer)
    judgement = judge(interpretation.weighed(none_weight * own_weight).numbers, asked.answer, settings, said)
    if judgement.verdict is not Verdict.CORRECT:
        # A number that is said again is judged wrong at a lower probability already.
        least_weight = 1.0 if interpretation.best[0] in said else WRONG_NONE_WEIGHT
        weighed = interpretation.weighed(max(none_weight, least_weight))
        judgement = judge(weighed.numbers, asked.answer, settings, said)
    # The missing part may be the right answer, or the rest of it. A smaller number after a beginning ("hundred ...
    # eight") is no whole answer.
    is_rest = begun is not None and judgement.heard is not None and judgement.heard < begun
    incomplete = damaged or is_rest or interpretation.beginning is not None
    return Judgement(Verdict.UNSURE) if incomplete and judgement.verdict is Verdict.WRONG else judgement


def begins(interpretation: Interpretation, voice_ms: int) -> bool:
    """Whether a learner accepts an invitation.

    Only "start" by itself counts: the room may hold talk, numbers, and other tablets that say "or say: start".
    """
    return interpretation.command is Spoken.START and voice_ms <= LONGEST_CALL_MS


def wakes(interpretation: Interpretation) -> bool:
    """Whether a learner goes on with a drill that fell asleep."""
    return interpretation.best[1] >= WAKING_AT or interpretation.command in (Spoken.START, Spoken.REPEAT)
