"""Missed facts come back."""

from .facts import Fact

# A missed fact comes back after so many other questions (expanding retrieval practice within a session).
RETURNS_AFTER = (1, 3, 6)


class Returns:
    """Which missed fact is due to be asked again; `asked` counts the questions of the session so far."""

    def __init__(self) -> None:
        self._due: list[tuple[int, Fact]] = []
        self._last_returned = False

    def missed(self, fact: Fact, asked: int) -> None:
        """`fact`, just asked, was not known: ask it again soon, and then less soon."""
        self.forgive(fact)
        due = asked
        for others in RETURNS_AFTER:
            due += others
            self._due.append((due, fact))
            due += 1
        self._due.sort()

    def forgive(self, fact: Fact) -> None:
        """`fact` was known after all: drop its returns."""
        self._due = [(due, returning) for due, returning in self._due if returning != fact]

    def take(self, asked: int, latest: Fact | None) -> Fact | None:
        """The fact that is due, if any; never two in a row, so that somebody who misses much still gets on."""
        self._last_returned, last_returned = False, self._last_returned
        if last_returned:
            return None
        for position, (due, fact) in enumerate(self._due):
            if due <= asked and fact != latest:
                del self._due[position]
                self._last_returned = True
                return fact
        return None
