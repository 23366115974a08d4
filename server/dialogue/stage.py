"""Where a dialogue is: its phase, how long that may last, and what is to be done outside because of it."""

from math import inf

from .effects import Effect, Listening, PhaseChanged
from .phases import TRANSITIONS, Ear, Phase, ear


class Stage:
    """`deadline_ms`: when something has to happen by itself. `effects`: what came of the event that is handled now."""

    def __init__(self, phase: Phase) -> None:
        self.phase = phase
        self.deadline_ms = inf
        self.effects: list[Effect] = []

    def enter(self, phase: Phase, deadline_ms: float = inf) -> None:
        """Go on to a phase that the present one leads to, or stay in it with a new deadline."""
        before, self.phase, self.deadline_ms = self.phase, phase, deadline_ms
        if phase is before:
            return
        assert phase in TRANSITIONS[before], f"no way from {before} to {phase}"
        if (ear(before) is Ear.OPEN) != (ear(phase) is Ear.OPEN):
            self.effects.append(Listening(ear(phase) is Ear.OPEN))
        self.effects.append(PhaseChanged(phase))
