"""A bug in any place: nothing of the failed step stays, and the drill goes on."""

import copy
import sys
from collections.abc import Callable
from inspect import CO_GENERATOR
from math import inf
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, get_args

import pytest

import server
from server.dialogue import messages
from server.dialogue.messages import Say
from server.dialogue.settings import NoQuestion, UnknownSay
from server.dialogue.state import Phase
from server.drill.judging import Verdict
from server.understanding.interpretation import Interpretation
from server.understanding.lexicon import Spoken

from .conftest import SETTINGS, Drill
from .test_state import at

CORE = tuple(f"{Path(server.__file__).parent / package}/" for package in ("dialogue", "drill"))

# Events, each in the variants that lead on differently.
HAPPENINGS: dict[type, list[Callable[[Drill], messages.Event]]] = {
    messages.Started: [lambda drill: messages.Started(), lambda drill: messages.Started(asleep=True)],
    messages.Playing: [lambda drill: messages.Playing(drill.dialogue._prompts.say)],
    messages.Played: [lambda drill: messages.Played(drill.dialogue._prompts.say, drill.heard_ms)],
    messages.SpeechStarted: [lambda drill: messages.SpeechStarted(drill.heard_ms + 800)],
    messages.InterimResult: [lambda drill: messages.InterimResult(Interpretation({drill.answer: 0.97}), 0, 600)],
    messages.SpeechEnded: [
        lambda drill: messages.SpeechEnded(Interpretation({drill.answer: 0.97}), False, 600),
        lambda drill: messages.SpeechEnded(Interpretation({drill.wrong_answer: 0.97, drill.answer: 0.001}), False, 600),
        lambda drill: messages.SpeechEnded(Interpretation({drill.answer: 0.3, drill.wrong_answer: 0.4}), False, 600),
    ],
    messages.EchoMeasured: [lambda drill: messages.EchoMeasured(100, 0.0)],
    messages.Tapped: [lambda drill: messages.Tapped(drill.answer), lambda drill: messages.Tapped(drill.wrong_answer)],
    messages.Commanded: [lambda drill, word=word: messages.Commanded(word) for word in Spoken],  # type: ignore[misc]
    messages.Disconnected: [lambda drill: messages.Disconnected()],
    messages.Resumed: [lambda drill: messages.Resumed()],
    messages.Tick: [lambda drill: messages.Tick()],
}


class Mistake(Exception):
    """Raised in place of a bug."""


def come_to(phase: Phase) -> Drill:
    """Return a drill with a wrong answer behind it, at the time of its next event."""
    drill = at(phase, after_a_mistake=phase is not Phase.IDLE)
    if drill.dialogue.deadline_ms < inf:
        drill.now_ms = drill.dialogue.deadline_ms
    return drill


def profiled(drill: Drill, event: messages.Event, called: Callable[[CodeType], None]) -> None:
    """Handle the event; `called` gets every function of the core that is called for it."""

    def profile(frame: FrameType, what: str, _: Any) -> None:
        code = frame.f_code
        # A generator that is left is called once more when it is closed.
        if what == "call" and code.co_filename.startswith(CORE) and not code.co_flags & CO_GENERATOR:
            called(code)

    sys.setprofile(profile)
    try:
        drill.dialogue.handle(event, drill.now_ms)
    finally:
        sys.setprofile(None)


def places(phase: Phase, happening: Callable[[Drill], messages.Event]) -> list[CodeType]:
    """Return the functions of the core that handle the event in this phase; none if it is refused."""
    drill, seen = come_to(phase), set[CodeType]()
    try:
        profiled(drill, happening(drill), seen.add)
    except (UnknownSay, NoQuestion):
        return []
    return sorted(seen, key=lambda code: (code.co_filename, code.co_firstlineno))


def test_all_that_can_happen_is_here() -> None:
    assert set(HAPPENINGS) == set(get_args(messages.Event))


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase not in (Phase.DECIDE, Phase.FEEDBACK)])
@pytest.mark.parametrize("kind", HAPPENINGS)
def test_a_mistake_in_any_place_stops_no_drill(phase: Phase, kind: type) -> None:
    for happening in HAPPENINGS[kind]:
        for place in places(phase, happening):
            drill = come_to(phase)
            before = copy.deepcopy((drill.dialogue.course.steps, drill.dialogue.course.score))

            def called(code: CodeType, place: CodeType = place) -> None:
                if code is place:
                    raise Mistake

            with pytest.raises(Mistake):
                profiled(drill, happening(drill), called)
            goes_on(drill, before, f"{place.co_qualname} at {kind.__name__} in {phase}")


def goes_on(drill: Drill, before: Any, where: str) -> None:
    """Check that nothing of the step stays, that the open question can be answered, and that the drill can end."""
    latest = drill.dialogue._prompts.say
    drill.effects += drill.dialogue.rebuild(drill.now_ms)
    course = drill.dialogue.course
    assert (course.steps, course.score) == before, where
    if course.is_finished:
        drill.tell(messages.Resumed())
        assert drill.phase is Phase.FINISHED, where
        return
    drill.tell(messages.Tick())
    assert drill.phase is Phase.PROMPT and drill.say.id > latest, where
    if not course.has_begun:
        drill.command(Spoken.REPEAT)  # there is an invitation
    asked = [step.fact for step in course.steps if step.fact]
    assert drill.say.fact == asked[-1] and drill.say.expects == "answer", where
    drill.answer_right()
    assert drill.verdicts[-1] is Verdict.CORRECT, where
    assert course.score.correct == before[1].correct + 1, where
    turns = [step.turn for step in course.steps if step.verdict]
    assert turns == sorted(set(turns)), where
    drill.command(Spoken.STOP)
    assert drill.phase is Phase.FINISHED, where


def test_a_mistake_that_comes_again_and_again_is_no_storm() -> None:
    drill = at(Phase.LISTEN)
    asked = len(drill.all(Say))
    for _ in range(100):
        drill.effects += drill.dialogue.rebuild(drill.now_ms)
        drill.wait(60)
    assert len(drill.all(Say)) - asked <= 1 + 100 * 60 / SETTINGS.rebuild_every_ms


def test_a_client_that_has_gone_gets_no_messages() -> None:
    drill = at(Phase.LISTEN)
    drill.dialogue.rebuild(drill.now_ms, is_there=False)
    drill.wait(1_000_000)
    assert drill.phase is Phase.SUSPENDED
    drill.dialogue.rebuild(drill.now_ms)
    drill.tell(messages.Disconnected()).wait(1_000_000)
    assert drill.phase is Phase.SUSPENDED
    drill.tell(messages.Resumed())
    assert drill.phase is Phase.PROMPT
