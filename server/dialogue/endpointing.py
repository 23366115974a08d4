"""How much silence ends a turn, given what has been understood so far (grammar-aware endpointing)."""

from dataclasses import dataclass
from itertools import pairwise

from ..drill.judging import JudgingSettings
from ..understanding.interpretation import Interpretation
from ..understanding.lexicon import Spoken


@dataclass(frozen=True, slots=True)
class EndpointingSettings:
    """Silence in milliseconds, in falling order of how complete the answer is.

    expected_ms: the expected number, confidently. probable_ms: the expected number, likely enough to be judged right;
    to wait longer saves none of 796 people's answers (480 ms: 759 of them right, 340 ms: 759). complete_ms: another
    number that cannot go on, since people correct themselves. extendable_ms: a number that can go on ("twenty" before
    "four"). incomplete_ms: nothing complete yet (fillers). begun_ms: a beginning of the expected number, of which the
    rest is to come ("thirty" where 36 is asked). stable_ms: in steady noise no pause ever comes; a confident
    interpretation that has not changed for so long ends the turn.
    """

    expected_ms: int = 220
    probable_ms: int = 340
    complete_ms: int = 460
    extendable_ms: int = 900
    incomplete_ms: int = 1200
    begun_ms: int = 1400
    stable_ms: int = 1500
    confident_at: float = 0.8
    probable_at: float = JudgingSettings().correct_at
    longest_ms: int = 1600

    def __post_init__(self) -> None:
        rising = (
            0,
            self.expected_ms,
            self.probable_ms,
            self.complete_ms,
            self.extendable_ms,
            self.incomplete_ms,
            self.begun_ms,
            self.longest_ms,
        )
        if any(shorter > longer for shorter, longer in pairwise(rising)) or not self.expected_ms:
            raise ValueError("the silences must be positive and rise from expected_ms to longest_ms")


class Endpointing:
    """Keeps the silence limit of the present utterance, and learns how long this speaker pauses within answers."""

    def __init__(self, settings: EndpointingSettings = EndpointingSettings()) -> None:
        self._settings = settings
        self._habit_ms = 0.0
        self.begin()

    def begin(self) -> None:
        """A new utterance starts."""
        self.limit_ms = self._patient(self._settings.incomplete_ms)
        self._best: int | None = None
        self._best_since_ms = 0

    def learn(self, longest_pause_ms: int) -> None:
        """An answer held a pause of this length: be so patient with this speaker from now on, or less so again."""
        self._habit_ms += 0.3 * (longest_pause_ms - self._habit_ms)

    def update(self, interpretation: Interpretation, expected: int, spoken_ms: int) -> None:
        """Set `limit_ms` from the present interpretation, `spoken_ms` into the utterance; 0: the turn is over at
        once.
        """
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
        # After "no, I said" comes a number, as after anything else that is no command.
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
        # A voice that goes on after a beginning has not been understood yet.
        return self._settings.stable_ms + (self._settings.begun_ms if interpretation.beginning is not None else 0)

    def _patient(self, limit_ms: int) -> int:
        return min(max(limit_ms, round(1.5 * self._habit_ms)), self._settings.longest_ms)
