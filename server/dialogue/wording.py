"""Which clips a moment needs, with the wordings taken in turn."""

from collections import Counter
from collections.abc import Mapping, Sequence

from ..drill.facts import Fact
from .effects import Clip
from .patience import Help

# Nobody listens to more; the page shows them all.
STRONGER_TOLD = 2


class Wording:
    """Names clips; the wordings of a prompt follow each other, so that none comes twice in a row."""

    def __init__(self, clips: Mapping[str, Clip]) -> None:
        self._clips = clips
        self._used: Counter[str] = Counter()
        self._wordings = Counter(clip_id.rpartition("-")[0] for clip_id in clips)

    def prompt(self, name: str) -> Clip:
        number = self._used[name] % self._wordings[name] + 1
        self._used[name] += 1
        return self._clips[f"{name}-{number}"]

    def question(self, fact: Fact) -> tuple[Clip, ...]:
        """Spoken in one breath, or for larger tables put together from its parts."""
        whole = self._clips.get(f"question-{fact.left}-{fact.right}")
        return (whole,) if whole else (self._left(fact), self._clips[f"asked-{fact.right}"])

    def fact(self, fact: Fact) -> tuple[Clip, ...]:
        whole = self._clips.get(f"fact-{fact.left}-{fact.right}")
        parts = f"right-{fact.right}", f"number-{fact.answer}"
        return (whole,) if whole else (self._left(fact), *(self._clips[part] for part in parts))

    def help(self, help: Help, fact: Fact) -> tuple[Clip, ...]:
        """What helps with `fact`, or what is said before the next question."""
        match help:
            case Help.HINT:
                # To work it out: the line of the table before it, or after the first.
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
        """Some of the facts that are known better now; nothing where there are none."""
        told = (clip for fact in facts[:STRONGER_TOLD] for clip in self.fact(fact))
        return (self.prompt("stronger"), *told) if facts else ()

    def score(self, correct: int) -> tuple[Clip, ...]:
        """The number of right answers, as far as there is a clip for it."""
        number = self._clips.get(f"number-{correct}")
        return (self.prompt("score"), number) if number else ()

    def _left(self, fact: Fact) -> Clip:
        return self._clips.get(f"left-{fact.left}") or self._clips[f"number-{fact.left}"]
