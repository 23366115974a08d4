"""What drills and recitations have in common: their phase, the ids of their prompts, and the ear over a prompt."""

from abc import ABC, abstractmethod
from collections.abc import Container, Mapping, Sequence
from math import inf
from typing import Any, ClassVar, Literal

from .messages import Effect, Event, Listening, PhaseChanged
from .settings import DialogueSettings, UnknownSay
from .state import Ear, Phase, ear


class Conversation(ABC):
    """A state machine that speaks and listens. Its subclasses decide what is said and what an utterance comes to."""

    transitions: ClassVar[Mapping[Phase, Container[Phase]]]
    """Which phase may follow which."""

    def __init__(self, settings: DialogueSettings) -> None:
        self.phase = Phase.IDLE
        """Where the conversation is."""
        self.deadline_ms = inf
        """When a `Tick` is due."""
        self._settings = settings
        self._effects: list[Any] = []
        self._loud_echo_ms: int | None = None

    @property
    @abstractmethod
    def is_hearing(self) -> bool:
        """Whether an utterance is open that something may come of."""

    @property
    @abstractmethod
    def silence_limit_ms(self) -> int:
        """How much silence ends the present utterance; 0 ends it at once."""

    @property
    @abstractmethod
    def has_begun(self) -> bool:
        """Whether the first question was asked."""

    @property
    @abstractmethod
    def has_answers(self) -> bool:
        """Whether something would be lost with it."""

    @abstractmethod
    def handle(self, event: Event, now_ms: float) -> Sequence[Any]:
        """Take an event and return what is to be done. Raises UnknownSay and NoQuestion without any change."""

    @abstractmethod
    def rebuild(self, now_ms: float, is_there: bool = True) -> Sequence[Effect]:
        """Undo an event that failed. The next `Tick` goes on if the learner `is_there`, else `Resumed` does."""

    @property
    @abstractmethod
    def _latest_say(self) -> int:
        """The id of the latest prompt; 0 before the first one."""

    @property
    @abstractmethod
    def _leads_to_sleep(self) -> bool:
        """Whether sleep follows the latest prompt."""

    @property
    def ear(self) -> Ear:
        """What happens to audio that arrives now."""
        if self._is_full_duplex and self.phase in (Phase.PROMPT, Phase.ECHO_GUARD):
            return Ear.OPEN
        return ear(self.phase)

    @property
    def duplex(self) -> Literal["full", "half"]:
        """Whether the page sends sound while a prompt plays ("full")."""
        return "full" if self._settings.full_duplex else "half"

    @property
    def has_loud_echo(self) -> bool:
        """Whether the echo of prompts is so loud that the conversation has fallen back to half duplex."""
        return self._loud_echo_ms is not None

    @property
    def _is_full_duplex(self) -> bool:
        return self._settings.full_duplex and not self.has_loud_echo and not self._leads_to_sleep

    def _echo_was_measured(self, delay_ms: int, level_db: float) -> None:
        limit_db = self._settings.quiet_echo_db if self.has_loud_echo else self._settings.loud_echo_db
        self._loud_echo_ms = delay_ms if level_db > limit_db else None

    def _prompt_is_over(self, now_ms: float) -> None:
        """A voice that has begun over the prompt goes on."""
        if self.is_hearing:
            self._enter(Phase.SPEECH, now_ms + self._settings.lost_sound_ms)
        else:
            self._enter(Phase.ECHO_GUARD, now_ms + self._settings.tail_ms + max(0, self._loud_echo_ms or 0))

    def _require_said(self, say: int) -> None:
        if not 1 <= say <= self._latest_say:
            raise UnknownSay(f"no prompt has the id {say}")

    def _enter(self, phase: Phase, deadline_ms: float = inf) -> None:
        """Go on to a phase that the present one leads to, or stay with a new deadline."""
        before, self.phase, self.deadline_ms = self.phase, phase, deadline_ms
        if phase is before:
            return
        assert phase in self.transitions[before], f"no way from {before} to {phase}"
        if (ear(before) is Ear.OPEN) != (ear(phase) is Ear.OPEN):
            self._effects.append(Listening(ear(phase) is Ear.OPEN))
        self._effects.append(PhaseChanged(phase))
