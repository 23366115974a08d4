"""The states of a drill and the transitions between them, also drawn in docs/architecture.md."""

from enum import StrEnum


class Phase(StrEnum):
    """The values are names of the protocol."""

    IDLE = "locked"
    PROMPT = "prompt"
    ECHO_GUARD = "tail"
    LISTEN = "listen"
    SPEECH = "speech"
    END_OF_TURN = "ending"
    DECIDE = "decide"
    FEEDBACK = "feedback"
    SLEEP = "sleep"
    SUSPENDED = "suspended"
    FINISHED = "finished"


class Ear(StrEnum):
    """What happens to audio that arrives."""

    CLOSED = "closed"
    """It is dropped."""
    PRE_ROLL = "pre_roll"
    """It is kept, and no utterance starts."""
    OPEN = "open"
    """It is heard."""


# A tap or a command is taken.
OPEN_QUESTION = frozenset({Phase.PROMPT, Phase.ECHO_GUARD, Phase.LISTEN, Phase.SPEECH, Phase.END_OF_TURN, Phase.SLEEP})

_EARS = {
    Phase.ECHO_GUARD: Ear.PRE_ROLL,
    Phase.LISTEN: Ear.OPEN,
    Phase.SPEECH: Ear.OPEN,
    Phase.END_OF_TURN: Ear.OPEN,
    Phase.SLEEP: Ear.OPEN,
}

TRANSITIONS: dict[Phase, dict[Phase, str]] = {
    Phase.IDLE: {Phase.PROMPT: "start"},
    Phase.PROMPT: {
        Phase.ECHO_GUARD: "played, or its time is over",
        Phase.SPEECH: "an answer over it",
        Phase.DECIDE: "tap",
        Phase.PROMPT: "repeat",
    },
    Phase.ECHO_GUARD: {
        Phase.LISTEN: "250 ms",
        Phase.SPEECH: "voice",
        Phase.SLEEP: "250 ms, after the sleep prompt",
        Phase.DECIDE: "tap",
        Phase.PROMPT: "repeat",
    },
    Phase.LISTEN: {Phase.SPEECH: "voice", Phase.DECIDE: "tap, or thinking time over", Phase.PROMPT: "repeat"},
    Phase.SPEECH: {
        Phase.END_OF_TURN: "pause",
        Phase.DECIDE: "cap, stable belief, tap",
        Phase.LISTEN: "nothing like a number, or sound stopped arriving",
        Phase.PROMPT: "repeat",
    },
    Phase.END_OF_TURN: {
        Phase.SPEECH: "voice again",
        Phase.DECIDE: "silence long enough, tap",
        Phase.LISTEN: "nothing like a number, or sound stopped arriving",
        Phase.PROMPT: "repeat",
    },
    Phase.DECIDE: {Phase.FEEDBACK: "verdict", Phase.PROMPT: "command"},
    Phase.FEEDBACK: {Phase.PROMPT: "next question, or the same again", Phase.FINISHED: "last question answered"},
    Phase.SLEEP: {Phase.PROMPT: "a number, start, repeat, time to invite", Phase.DECIDE: "tap"},
    Phase.SUSPENDED: {Phase.PROMPT: "resumed with the token"},
    Phase.FINISHED: {},
}
for _phase in OPEN_QUESTION:
    TRANSITIONS[_phase] |= {Phase.SUSPENDED: "connection lost", Phase.FINISHED: "stop"}
TRANSITIONS[Phase.DECIDE][Phase.FINISHED] = "stop"


def ear(phase: Phase) -> Ear:
    """In half duplex."""
    return _EARS.get(phase, Ear.CLOSED)


def diagram() -> str:
    """The transitions as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", "    [*] --> locked"]
    for source, targets in TRANSITIONS.items():
        lines += [f"    {source} --> {target}: {cause}" for target, cause in targets.items()]
    return "\n".join([*lines, "    finished --> [*]"])
