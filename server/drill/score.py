"""The score of a session."""

from dataclasses import dataclass, field

from .facts import Fact


@dataclass(frozen=True, slots=True)
class Tally:
    """The number of right and wrong answers to one fact."""

    correct: int = 0
    wrong: int = 0


@dataclass
class Score:
    """Counts judged answers. Asking again, skipping and silence do not count."""

    tallies: dict[Fact, Tally] = field(default_factory=dict)

    @property
    def correct(self) -> int:
        return sum(tally.correct for tally in self.tallies.values())

    @property
    def total(self) -> int:
        return self.correct + sum(tally.wrong for tally in self.tallies.values())

    def add(self, fact: Fact, correct: bool) -> None:
        tally = self.tallies.get(fact, Tally())
        self.tallies[fact] = Tally(tally.correct + correct, tally.wrong + (not correct))

    def correct_mistake(self, fact: Fact) -> None:
        """An answer that was counted as wrong was right."""
        tally = self.tallies[fact]
        self.tallies[fact] = Tally(tally.correct + 1, tally.wrong - 1)
