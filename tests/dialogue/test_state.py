"""Every transition between two phases, taken once."""

from collections.abc import Callable

import pytest

from server.dialogue import messages
from server.dialogue.messages import PhaseChanged, Say
from server.dialogue.settings import PAUSE_MS
from server.dialogue.state import TRANSITIONS, Phase
from server.understanding.interpretation import Interpretation
from server.understanding.lexicon import Spoken

from .conftest import SETTINGS, Drill

P = Phase


def at(phase: Phase, after_a_mistake: bool = False) -> Drill:
    """Return a drill in `phase`, or at its first prompt if the phase takes no time."""
    drill = Drill(questions=1 if phase in (P.DECIDE, P.FEEDBACK) else None)
    if phase is P.IDLE:
        return drill
    drill.start()
    if after_a_mistake:
        drill.answer_wrong()
    match phase:
        case P.ECHO_GUARD:
            drill.play()
        case P.LISTEN:
            drill.listen()
        case P.SPEECH:
            drill.listen().speak()
        case P.END_OF_TURN:
            drill.listen().speak().hear(Interpretation(), PAUSE_MS)
        case P.SLEEP:
            fall_asleep(drill)
        case P.SUSPENDED:
            drill.tell(messages.Disconnected())
        case P.FINISHED:
            drill.command(Spoken.STOP)
    return drill


def fall_asleep(drill: Drill) -> Drill:
    for _ in range(4):
        drill.listen().wait(SETTINGS.thinking_ms)
    return drill.listen()


def sleepy_tail(drill: Drill) -> Drill:
    for _ in range(4):
        drill.listen().wait(SETTINGS.thinking_ms)
    return drill.play().wait(SETTINGS.tail_ms)


Step = Callable[[Drill], object]
tap: Step = lambda drill: drill.tell(messages.Tapped(drill.answer))  # noqa: E731
lose: Step = lambda drill: drill.tell(messages.Disconnected())  # noqa: E731
stop: Step = lambda drill: drill.command(Spoken.STOP)  # noqa: E731
repeat: Step = lambda drill: drill.command(Spoken.REPEAT)  # noqa: E731
silence: Step = lambda drill: drill.wait(30_000)  # noqa: E731

WAYS: dict[tuple[Phase, Phase], Step] = (
    {
        (P.IDLE, P.PROMPT): lambda drill: drill.start(),
        (P.PROMPT, P.ECHO_GUARD): lambda drill: drill.play(),
        (P.PROMPT, P.PROMPT): repeat,
        (P.PROMPT, P.DECIDE): tap,
        (P.PROMPT, P.SPEECH): lambda drill: drill.speak_over(400).hear(Interpretation({drill.answer: 0.9})),
        (P.ECHO_GUARD, P.SPEECH): lambda drill: drill.speak(),
        (P.ECHO_GUARD, P.LISTEN): lambda drill: drill.wait(SETTINGS.tail_ms),
        (P.ECHO_GUARD, P.SLEEP): lambda drill: sleepy_tail(drill),
        (P.ECHO_GUARD, P.DECIDE): tap,
        (P.ECHO_GUARD, P.PROMPT): repeat,
        (P.LISTEN, P.SPEECH): lambda drill: drill.speak(),
        (P.LISTEN, P.DECIDE): lambda drill: drill.wait(SETTINGS.thinking_ms),
        (P.LISTEN, P.PROMPT): repeat,
        (P.SPEECH, P.END_OF_TURN): lambda drill: drill.hear(Interpretation(), PAUSE_MS),
        (P.SPEECH, P.DECIDE): lambda drill: drill.end(Interpretation({3: 0.9})),
        (P.SPEECH, P.LISTEN): lambda drill: drill.wait(SETTINGS.lost_sound_ms),
        (P.SPEECH, P.PROMPT): repeat,
        (P.END_OF_TURN, P.SPEECH): lambda drill: drill.hear(Interpretation(), 0),
        (P.END_OF_TURN, P.DECIDE): lambda drill: drill.end(Interpretation({3: 0.9})),
        (P.END_OF_TURN, P.LISTEN): lambda drill: drill.wait(SETTINGS.lost_sound_ms),
        (P.END_OF_TURN, P.PROMPT): repeat,
        (P.DECIDE, P.FEEDBACK): tap,
        (P.DECIDE, P.PROMPT): lambda drill: drill.listen().utter(Interpretation(command=Spoken.REPEAT)),
        (P.DECIDE, P.FINISHED): lambda drill: drill.listen().utter(Interpretation(command=Spoken.STOP)),
        (P.FEEDBACK, P.PROMPT): lambda drill: drill.mumble(),
        (P.FEEDBACK, P.FINISHED): lambda drill: drill.answer_right(),
        (P.SLEEP, P.PROMPT): lambda drill: drill.end(Interpretation({3: 0.9})),
        (P.SLEEP, P.DECIDE): tap,
        (P.SUSPENDED, P.PROMPT): lambda drill: drill.tell(messages.Resumed()),
    }
    | {(phase, P.SUSPENDED): lose for phase in (P.PROMPT, P.ECHO_GUARD, P.LISTEN, P.SPEECH, P.END_OF_TURN, P.SLEEP)}
    | {(phase, P.FINISHED): stop for phase in (P.PROMPT, P.ECHO_GUARD, P.LISTEN, P.SPEECH, P.END_OF_TURN, P.SLEEP)}
)


def test_the_table_of_ways_is_the_code_s_own() -> None:
    assert set(WAYS) == {(source, target) for source, targets in TRANSITIONS.items() for target in targets}


@pytest.mark.parametrize(("source", "target"), WAYS, ids=lambda phase: str(phase))
def test_each_way_is_taken(source: Phase, target: Phase) -> None:
    # A tail before sleep, and phases that decide at once, begin within their own step.
    drill = at(P.PROMPT if (source, target) == (P.ECHO_GUARD, P.SLEEP) else source)
    said = len(drill.all(Say))
    WAYS[source, target](drill)
    if source is target:
        assert drill.phase is target and len(drill.all(Say)) == said + 1
    else:
        entered = [Phase.IDLE] + [effect.phase for effect in drill.all(PhaseChanged)]
        assert (source, target) in zip(entered, entered[1:], strict=False)
