"""Facts without an answer that was understood. They rest, and each is asked once more before the session ends."""

from .facts import Fact

# In a session without a number of questions, a fact rests for this many other questions.
RESTS_FOR = 10


class Resting:
    """The facts that rest, and those that may still come back."""

    def __init__(self) -> None:
        self._unheard: list[Fact] = []
        # Each with the number of the question after which it rests.
        self._waiting: dict[Fact, int] = {}
        self._came_back: set[Fact] = set()

    @property
    def unheard(self) -> tuple[Fact, ...]:
        """The facts that still have no answer that was understood, in the order in which they were asked."""
        return tuple(self._unheard)

    def rest(self, fact: Fact, number: int) -> None:
        """No answer to question `number` was understood."""
        if fact not in self._unheard:
            self._unheard.append(fact)
        if fact not in self._came_back:
            self._waiting[fact] = number

    def settle(self, fact: Fact) -> None:
        """`fact` was answered after all, or its answer was told."""
        if fact in self._unheard:
            self._unheard.remove(fact)
        self._waiting.pop(fact, None)

    def come_back(self, fact: Fact) -> None:
        """`fact` is asked once more and never comes back again."""
        self._waiting.pop(fact, None)
        self._came_back.add(fact)

    def due(self, number: int, latest: Fact) -> Fact | None:
        """Return a fact that has rested for RESTS_FOR questions by question `number`, if any."""
        return next((fact for fact in self._others(latest) if number - self._waiting[fact] >= RESTS_FOR), None)

    def last_chance(self, latest: Fact) -> Fact | None:
        """Return a fact to ask when nothing else is left, other than the latest one."""
        return next(iter(self._others(latest)), None)

    def _others(self, latest: Fact) -> list[Fact]:
        return [fact for fact in self._waiting if fact != latest]
