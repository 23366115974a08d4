"""The wishes of a start message, and the messages to the page."""

from typing import Any

import pytest
from pydantic import ValidationError

from server.dialogue.messages import Clip, Effect, Finished, Say
from server.drill.facts import Fact
from server.drill.knowledge import Status
from server.live.protocol import Start
from server.live.wire import event_of, outgoing

PLAIN = {"language": "en", "tables": [2]}


def test_a_start_without_wishes_is_calm_and_open_ended() -> None:
    start = Start.model_validate(PLAIN)
    assert (start.drill, start.minutes, start.questions, start.lines) == ("calm", None, None, 10)


def test_a_start_may_name_a_mode_and_a_time() -> None:
    start = Start.model_validate(PLAIN | {"drill": "timed-6", "minutes": 5, "tables": [30], "lines": 12})
    assert (start.drill, start.minutes, start.tables, start.lines) == ("timed-6", 5, [30], 12)


@pytest.mark.parametrize(
    "nonsense",
    [
        {"drill": "frantic"},
        {"drill": None},
        {"minutes": 3},
        {"minutes": "5"},
        {"voice": 7},
        {"voice": "x" * 65},
        {"lines": 11},
        {"tables": [31]},
    ],
)
def test_what_is_not_on_offer_is_refused(nonsense: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Start.model_validate(PLAIN | nonsense)


def told(effect: Effect, digits: str) -> tuple[str, dict[str, Any]]:
    return event_of(outgoing(effect, digits))


def test_the_end_says_what_became_stronger() -> None:
    name, payload = told(Finished(1, 1, (), (Fact(7, 8),)), "latin")
    assert (name, payload["stronger"]) == ("finished", [{"left": 7, "right": 8, "answer": 56}])


def test_the_end_says_what_a_placement_found() -> None:
    _, payload = told(Finished(0, 0, (), placed={Fact(7, 8): Status.LEARNING}), "latin")
    assert payload["placed"] == [{"left": 7, "right": 8, "answer": 56, "status": "learning"}]


def test_the_end_says_what_could_not_be_heard() -> None:
    _, payload = told(Finished(0, 0, (), unheard=(Fact(7, 8),)), "latin")
    assert payload["unheard"] == [{"left": 7, "right": 8, "answer": 56}]


def test_the_text_of_a_say_can_be_read() -> None:
    clips = tuple(Clip("", text, 100) for text in ("Right answers:", "nine", "Well practised!", "Seven eights"))
    _, payload = told(Say(1, clips, Fact(7, 8), "nothing", 0, 1, None, 9, 9), "latn")
    assert payload["text"] == "Right answers: nine · Well practised! Seven eights"
