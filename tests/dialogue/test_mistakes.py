"""A mistake of ours in any place: nothing of the step stays, and the drill goes on."""

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
from server.dialogue import events
from server.dialogue.effects import Say
from server.dialogue.phases import Phase
from server.dialogue.settings import NoQuestion, UnknownSay
from server.drill.judging import Verdict
from server.understanding.interpretation import Interpretation
from server.understanding.lexicon import Spoken

from .conftest import SETTINGS, Drill
from .test_transitions import at

CORE = tuple(f"{Path(server.__file__).parent / package}/" for package in ("dialogue", "drill"))

# What can happen, each in the ways that lead on differently.
HAPPENINGS: dict[type, list[Callable[[Drill], events.Event]]] = {
    events.Started: [lambda drill: events.Started(), lambda drill: events.Started(asleep=True)],
    events.Playing: [lambda drill: events.Playing(drill.dialogue._prompts.say)],
    events.Played: [lambda drill: events.Played(drill.dialogue._prompts.say, drill.heard_ms)],
    events.SpeechStarted: [lambda drill: events.SpeechStarted(drill.heard_ms + 800)],
    events.InterimResult: [lambda drill: events.InterimResult(Interpretation({drill.answer: 0.97}), 0, 600)],
    events.SpeechEnded: [
        lambda drill: events.SpeechEnded(Interpretation({drill.answer: 0.97}), False, 600),
        lambda drill: events.SpeechEnded(Interpretation({drill.wrong_answer: 0.97, drill.answer: 0.001}), False, 600),
        lambda drill: events.SpeechEnded(Interpretation({drill.answer: 0.3, drill.wrong_answer: 0.4}), False, 600),
    ],
    events.EchoMeasured: [lambda drill: events.EchoMeasured(100, 0.0)],
    events.Tapped: [lambda drill: events.Tapped(drill.answer), lambda drill: events.Tapped(drill.wrong_answer)],
    events.Commanded: [lambda drill, word=word: events.Commanded(word) for word in Spoken],  # type: ignore[misc]
    events.Disconnected: [lambda drill: events.Disconnected()],
    events.Resumed: [lambda drill: events.Resumed()],
    events.Tick: [lambda drill: events.Tick()],
}


class Mistake(Exception):
    """Ours."""


def come_to(phase: Phase) -> Drill:
    """With a wrong answer behind it, and at the time that was to come next."""
    drill = at(phase, after_a_mistake=phase is not Phase.IDLE)
    if drill.dialogue.deadline_ms < inf:
        drill.now_ms = drill.dialogue.deadline_ms
    return drill


def profiled(drill: Drill, event: events.Event, called: Callable[[CodeType], None]) -> None:
    """Handle the event; `called` hears of every function of the core that is called for it."""

    def profile(frame: FrameType, what: str, _: Any) -> None:
        code = frame.f_code
        # A generator that is left is called once more, to be closed.
        if what == "call" and code.co_filename.startswith(CORE) and not code.co_flags & CO_GENERATOR:
            called(code)

    sys.setprofile(profile)
    try:
        drill.dialogue.handle(event, drill.now_ms)
    finally:
        sys.setprofile(None)


def places(phase: Phase, happening: Callable[[Drill], events.Event]) -> list[CodeType]:
    """The functions of the core that deal with the event in this phase; none where it is refused."""
    drill, seen = come_to(phase), set[CodeType]()
    try:
        profiled(drill, happening(drill), seen.add)
    except (UnknownSay, NoQuestion):
        return []
    return sorted(seen, key=lambda code: (code.co_filename, code.co_firstlineno))


def test_all_that_can_happen_is_here() -> None:
    assert set(HAPPENINGS) == set(get_args(events.Event))


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
    """Nothing of the step stays; the open question is asked anew and can be answered; it can end."""
    latest = drill.dialogue._prompts.say
    drill.effects += drill.dialogue.rebuild(drill.now_ms)
    course = drill.dialogue.course
    assert (course.steps, course.score) == before, where
    if course.is_finished:
        drill.tell(events.Resumed())
        assert drill.phase is Phase.FINISHED, where
        return
    drill.tell(events.Tick())
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


def test_nobody_is_spoken_to_who_has_gone() -> None:
    drill = at(Phase.LISTEN)
    drill.dialogue.rebuild(drill.now_ms, is_there=False)
    drill.wait(1_000_000)
    assert drill.phase is Phase.SUSPENDED
    drill.dialogue.rebuild(drill.now_ms)
    drill.tell(events.Disconnected()).wait(1_000_000)
    assert drill.phase is Phase.SUSPENDED
    drill.tell(events.Resumed())
    assert drill.phase is Phase.PROMPT
