"""How likely an utterance is an answer at all, from what this drill has heard so far."""

from ..understanding.interpretation import Interpretation

# The recogniser's "none of these" is calibrated to so many answers among all utterances (training/calibrate.py).
CALIBRATED_SHARE = 0.8
# After a question in a drill that a learner started, nearly everything is an answer: `LEAST_WEIGHT` to begin with.
QUIET_SHARE = 0.976
# Of a tablet that invites whoever comes by, nothing is known.
PUBLIC_SHARE = CALIBRATED_SHARE
# So many utterances the starting share is worth. Few: the room is known after a few utterances.
START_WORTH = 3.0
# After so many utterances one counts half.
HALF_LIFE = 10
# Below the least, more words that are no numbers are judged than right answers saved. Above the most, right answers are
# refused for hardly any talk less.
LEAST_WEIGHT, MOST_WEIGHT = 0.1, 2.0


class AnswerPrior:
    """The share of answers among the utterances of this room: a Beta estimate that decays with each utterance."""

    def __init__(self, share: float = QUIET_SHARE) -> None:
        self._share = share
        self._answers = self._others = 0.0

    @property
    def none_weight(self) -> float:
        """By how much the odds of "none of these" differ from those that it is calibrated to."""
        answers = START_WORTH * self._share + self._answers
        others = START_WORTH * (1 - self._share) + self._others
        odds = others / answers * CALIBRATED_SHARE / (1 - CALIBRATED_SHARE)
        return min(max(odds, LEAST_WEIGHT), MOST_WEIGHT)

    def heard(self, interpretation: Interpretation) -> None:
        """An utterance while a question is open. Without any word in it, it is surely none."""
        has_words = bool(interpretation.numbers) or interpretation.command is not None
        self._count(1 - interpretation.weighed(self.none_weight).none if has_words else 0.0)

    def overheard(self) -> None:
        """An utterance while nobody was asked."""
        self._count(0.0)

    def _count(self, answer: float) -> None:
        kept = 0.5 ** (1 / HALF_LIFE)
        self._answers = self._answers * kept + answer
        self._others = self._others * kept + 1 - answer
