"""What a start message may ask for."""

import pytest
from pydantic import ValidationError
from server.web.incoming import Start

PLAIN = {"language": "en", "tables": [2]}


def test_a_start_without_wishes_is_calm_and_open_ended() -> None:
    start = Start.model_validate(PLAIN)
    assert (start.drill, start.minutes, start.questions, start.lines) == ("calm", None, None, 10)


def test_a_start_may_name_a_mode_and_a_time() -> None:
    start = Start.model_validate(PLAIN | {"drill": "timed-6", "minutes": 5, "tables": [30], "lines": 12})
    assert (start.drill, start.minutes, start.tables, start.lines) == ("timed-6", 5, [30], 12)


@pytest.mark.parametrize("nonsense", [
    {"drill": "frantic"}, {"drill": None}, {"minutes": 3}, {"minutes": "5"}, {"voice": 7}, {"voice": "x" * 65},
    {"lines": 11}, {"tables": [31]},
])
def test_what_is_not_on_offer_is_refused(nonsense: dict) -> None:
    with pytest.raises(ValidationError):
        Start.model_validate(PLAIN | nonsense)
