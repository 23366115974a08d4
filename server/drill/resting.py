"""Facts of which no answer was understood: they rest, and each is asked once more before the session ends."""

from .facts import Fact

# In a session that does not end after a number of questions, a fact rests for so many other questions.
RESTS_FOR = 10


class Resting:
    """Which facts rest, and which of them may still come back."""

    def __init__(self) -> None:
        self._unheard: list[Fact] = []
        # With the number of the question after which each rests.
        self._waiting: dict[Fact, int] = {}
        self._came_back: set[Fact] = set()

    @property
    def unheard(self) -> tuple[Fact, ...]:
        """The facts of which still no answer was understood, in the order in which they were asked."""
        return tuple(self._unheard)

    def rest(self, fact: Fact, number: int) -> None:
        """No answer to question `number` was understood."""
        if fact not in self._unheard:
            self._unheard.append(fact)
        if fact not in self._came_back:
            self._waiting[fact] = number

    def settle(self, fact: Fact) -> None:
        """`fact` was answered after all, or told."""
        if fact in self._unheard:
            self._unheard.remove(fact)
        self._waiting.pop(fact, None)

    def come_back(self, fact: Fact) -> None:
        """`fact` is asked once more; it never comes back again."""
        self._waiting.pop(fact, None)
        self._came_back.add(fact)

    def due(self, number: int, latest: Fact) -> Fact | None:
        """A fact that has rested for RESTS_FOR questions, now that `number` were asked."""
        return next((fact for fact in self._others(latest) if number - self._waiting[fact] >= RESTS_FOR), None)

    def last_chance(self, latest: Fact) -> Fact | None:
        """A fact to ask when nothing else is left; not the one that was asked just now."""
        return next(iter(self._others(latest)), None)

    def _others(self, latest: Fact) -> list[Fact]:
        return [fact for fact in self._waiting if fact != latest]
