"""One turn: the answer as far as it has been heard, and what it comes to."""

from collections.abc import Container

from ..drill.facts import Fact
from ..drill.judging import Judgement, JudgingSettings, Verdict, judge
from ..understanding.interpretation import Interpretation
from ..understanding.lexicon import Spoken
from . import events
from .endpointing import Endpointing, EndpointingSettings
from .settings import LONGEST_CALL_MS, WAKING_AT, WRONG_NONE_WEIGHT


class Hearing:
    """Since when it was listened to, when a voice began, what is believed. Times in ms of audio of the stream.

    `begun`: a beginning of the answer that was heard already ("thirty" where 36 is asked).
    """

    def __init__(self, settings: EndpointingSettings) -> None:
        self._settings = settings
        self._endpointing = Endpointing(settings)
        self.wait()

    def wait(self) -> None:
        """A question is asked: nothing has been heard yet."""
        self.listens_from_ms: int | None = None
        self.partial: int | None = None
        self.wait_for_rest(None)
        self.drop()

    def wait_for_rest(self, begun: int | None) -> None:
        """What is said next may complete `begun`."""
        self.begun = self._begun_before = begun

    def drop(self) -> None:
        """What was heard was no answer."""
        self.is_open = False
        self.answers = False
        self._onset_ms: int | None = None

    def begin(self, onset_ms: int | None = None, answers: bool = True) -> None:
        """A voice; without `onset_ms`, or where it does not answer, it is about no question that is open."""
        self.is_open, self.answers = True, answers
        self._onset_ms = onset_ms
        self.begun = self._begun_before
        self._endpointing.begin()

    def go_on(self, heard: events.InterimResult, expected: int, none_weight: float = 1.0) -> bool:
        """The voice goes on, or pauses. Whether `partial`, the number that is confidently heard so far, is another.

        `none_weight`: see `Interpretation.weighed`; how long a silence ends the answer depends on it, as its verdict
        does.
        """
        interpretation = heard.interpretation.completing(self.begun, expected)
        self._endpointing.update(interpretation.weighed(none_weight), expected, heard.spoken_ms)
        best, probability = interpretation.best
        confident = best if probability >= self._settings.confident_at else None
        # The second "five" of 55 is not to be told from the first, which is still heard.
        if (
            heard.silence_ms
            and confident is not None
            and confident not in interpretation.beginnings.get(confident, {confident})
        ):
            self.begun = confident
        before, self.partial = self.partial, confident
        return self.partial != before

    def end(self, longest_pause_ms: int, onset_ms: int | None = None) -> None:
        """The voice has ended; `onset_ms` where it is known better by now."""
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
        """From the end of the question to the onset of the voice, 0 over the question; None where it is not known.

        How quickly an answer came to mind is not known either where only the rest of it was asked for.
        """
        if self._onset_ms is None or self.listens_from_ms is None or self._begun_before is not None:
            return None
        return max(0, self._onset_ms - self.listens_from_ms)

    def barge_in(self) -> None:
        """The answer came before the end of the question, which is not played to its end."""
        self.listens_from_ms = self._onset_ms


def decide(
    interpretation: Interpretation,
    asked: Fact,
    mistaken: Fact | None,
    settings: JudgingSettings,
    damaged: bool = False,
    said: Container[int] = (),
    begun: int | None = None,
    none_weight: float = 1.0,
) -> Spoken | Judgement:
    """`mistaken`: the fact whose last answer was judged wrong, which can be contested. `damaged`: see SpeechEnded.
    `said`: see `judge`. `begun`: the beginning of the answer that was said before. `none_weight`: see
    `Interpretation.weighed`."""
    if interpretation.command is Spoken.APPEAL and mistaken is not None:
        # Unsure is not wrong here either: only who clearly claims another number is refused, and asked again. Whatever
        # number it is, "I said" tells that it is said again.
        claim = judge(interpretation.numbers, mistaken.answer, settings, said=interpretation.numbers)
        return Spoken.REPEAT if claim.verdict is Verdict.WRONG else Spoken.APPEAL
    if interpretation.command is not None and interpretation.command is not Spoken.APPEAL:
        return interpretation.command
    interpretation = interpretation.completing(begun, asked.answer)
    judgement = judge(interpretation.weighed(none_weight).numbers, asked.answer, settings, said)
    if judgement.verdict is not Verdict.CORRECT:
        # A number that is said again needs less to be wrong already.
        least_weight = 1.0 if interpretation.best[0] in said else WRONG_NONE_WEIGHT
        weighed = interpretation.weighed(max(none_weight, least_weight))
        judgement = judge(weighed.numbers, asked.answer, settings, said)
    # What is missing may have been the right answer, or the rest of it. A smaller number after a beginning is no whole
    # answer: "hundred ... eight".
    is_rest = begun is not None and judgement.heard is not None and judgement.heard < begun
    incomplete = damaged or is_rest or interpretation.beginning is not None
    return Judgement(Verdict.UNSURE) if incomplete and judgement.verdict is Verdict.WRONG else judgement


def begins(interpretation: Interpretation, voice_ms: int) -> bool:
    """Whether somebody who was invited wants to practise. In a room of talk, numbers, and tablets that say "or say:
    start", only that word counts, by itself.
    """
    return interpretation.command is Spoken.START and voice_ms <= LONGEST_CALL_MS


def wakes(interpretation: Interpretation) -> bool:
    """Whether somebody goes on with a drill that fell asleep."""
    return interpretation.best[1] >= WAKING_AT or interpretation.command in (Spoken.START, Spoken.REPEAT)
