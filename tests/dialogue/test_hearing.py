"""An answer as it is heard, and how long it took."""

from server.dialogue.messages import InterimResult
from server.dialogue.settings import EndpointingSettings
from server.dialogue.turn import Hearing
from server.understanding.interpretation import Interpretation

SETTINGS = EndpointingSettings()


def listening(from_ms: int | None) -> Hearing:
    hearing = Hearing(SETTINGS)
    hearing.listens_from_ms = from_ms
    return hearing


def test_the_response_time_runs_from_question_to_voice_and_is_never_negative() -> None:
    for from_ms, onset_ms, response_ms in ((5000, 6200, 1200), (5000, 4900, 0), (None, 6200, None), (5000, None, None)):
        hearing = listening(from_ms)
        hearing.begin(onset_ms)
        assert hearing.response_ms == response_ms


def test_what_was_no_answer_has_no_response_time_and_neither_has_the_next_question() -> None:
    for forget in (Hearing.drop, Hearing.wait):
        hearing = listening(5000)
        hearing.begin(6000)
        forget(hearing)
        assert hearing.response_ms is None


def test_a_partial_number_is_news_once() -> None:
    hearing = listening(0)
    hearing.begin(100)
    interpretations = (Interpretation({3: 0.4}), Interpretation({3: 0.9}), Interpretation({3: 0.95}), Interpretation())
    assert [hearing.go_on(InterimResult(interpretation, 0, 600), expected=8) for interpretation in interpretations] == [
        False,
        True,
        False,
        True,
    ]
    assert hearing.partial is None


def test_the_rest_after_a_pause_completes_what_was_begun() -> None:
    beginnings = {30: frozenset({6})}
    hearing = listening(0)
    for _ in range(2):
        hearing.begin(100)
        assert hearing.begun is None
        hearing.go_on(InterimResult(Interpretation({30: 0.95}, beginnings=beginnings), 120, 600), expected=36)
        assert hearing.begun == 30
    hearing.go_on(InterimResult(Interpretation({6: 0.95}, beginnings=beginnings), 0, 1600), expected=36)
    assert (hearing.partial, hearing.silence_limit_ms) == (36, SETTINGS.expected_ms)
    hearing.wait()
    assert hearing.begun is None


def test_the_first_of_two_equal_digits_is_heard_once() -> None:
    hearing = listening(0)
    hearing.begin(100)
    hearing.go_on(InterimResult(Interpretation({5: 0.95}, beginnings={5: frozenset({5})}), 120, 600), expected=55)
    assert hearing.begun is None


def test_who_is_asked_for_the_rest_has_no_response_time() -> None:
    hearing = listening(0)
    hearing.wait_for_rest(30)
    hearing.begin(100)
    assert (hearing.begun, hearing.response_ms) == (30, None)


def test_the_expected_number_needs_less_silence() -> None:
    hearing = listening(0)
    hearing.begin(100)
    assert hearing.silence_limit_ms == SETTINGS.incomplete_ms
    hearing.go_on(InterimResult(Interpretation({8: 0.95}), 0, 600), expected=8)
    assert hearing.silence_limit_ms == SETTINGS.expected_ms
