"""From attempts to figures, statuses and charts, without a server."""

from dataclasses import replace
from datetime import UTC, date
from itertools import pairwise

import pytest

from server.drill.attempt import Attempt
from server.drill.facts import Fact
from server.drill.judging import Verdict
from server.drill.knowledge import Status
from server.languages import load_language
from server.web.teacher.charts import BOTTOM, TOP, bar_chart, line_chart
from server.web.teacher.heatmap import grid, statuses_of, tables_known, tally
from server.web.teacher.i18n import Words
from server.web.teacher.reports import speed_chart, spread_chart
from server.web.teacher.summary import Mistake, Unheard, summarise

DAY_MS = 86_400_000
FACT = Fact(7, 8)


def answer(
    heard: int | None,
    response_ms: int | None = 1500,
    day: int = 0,
    fact: Fact = FACT,
    appeal: bool = False,
    verdict: Verdict | None = None,
) -> Attempt:
    verdict = verdict or (Verdict.CORRECT if heard == fact.answer else Verdict.WRONG)
    return Attempt(fact, verdict, heard, 0.9, response_ms, day * DAY_MS, appeal)


def test_a_summary_counts_everything_once() -> None:
    summary = summarise(
        [
            answer(54),
            answer(48),
            answer(54),
            answer(56, 900, day=1),
            answer(56, 2900, day=1),
            answer(56, 60_000, day=3),
            answer(None, None, verdict=Verdict.UNSURE, day=3),
            answer(None, None, verdict=Verdict.SILENCE, day=3),
            answer(56, appeal=True, day=3),
        ],
        UTC,
    )
    assert (summary.answers, summary.right, summary.spoken, summary.asked_again, summary.appeals, summary.misheard) == (
        6,
        4,
        7,
        1,
        1,
        2,
    )
    assert [(day.date, day.answers, day.right, day.response_ms) for day in summary.days] == [
        (date(1970, 1, 1), 3, 1, 1500),
        (date(1970, 1, 2), 2, 2, 1900),
        (date(1970, 1, 4), 1, 1, 60_000),
    ]
    assert summary.last_day == date(1970, 1, 4)
    assert summary.slow_classes == (1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1)
    assert summary.mistakes == (Mistake(FACT, 2, ((54, 1), (48, 1))),)


def test_nothing_gives_an_empty_summary() -> None:
    summary = summarise([])
    assert (summary.answers, summary.days, summary.last_day, summary.mistakes) == (0, (), None, ())


def test_mistakes_are_ordered_by_how_often() -> None:
    other = Fact(2, 3)
    mistakes = summarise([answer(5, fact=other), answer(54), answer(48), answer(54)]).mistakes
    assert mistakes == (Mistake(FACT, 3, ((54, 2), (48, 1))), Mistake(other, 1, ((5, 1),)))


UNSURE = answer(None, None, verdict=Verdict.UNSURE)
SILENCE = answer(None, None, verdict=Verdict.SILENCE)
OTHER = answer(6, fact=Fact(2, 3))


@pytest.mark.parametrize(
    ("attempts", "times"),
    [
        ([UNSURE] * 4, 1),  # one question, asked again
        ([*[UNSURE] * 4, OTHER, UNSURE], 2),  # and once more at the end
        ([UNSURE, UNSURE, answer(56)], 0),
        ([*[UNSURE] * 4, OTHER, answer(54)], 0),  # heard since
        ([*[UNSURE] * 4, OTHER, SILENCE], 1),  # silence says nothing
        ([UNSURE, SILENCE, SILENCE], 0),  # a cough, then an empty room
        ([answer(56), OTHER, *[UNSURE] * 4], 1),
        ([answer(54), OTHER, UNSURE, OTHER, answer(56, appeal=True), UNSURE], 2),
    ],
)
def test_what_could_not_be_heard_lately(attempts: list[Attempt], times: int) -> None:
    assert summarise(attempts).unheard == ((Unheard(FACT, times),) if times else ())


def test_what_was_heard_least_comes_first() -> None:
    other = replace(UNSURE, fact=Fact(2, 4))
    assert summarise([other, UNSURE, OTHER, UNSURE]).unheard == (Unheard(FACT, 2), Unheard(Fact(2, 4), 1))


@pytest.mark.parametrize(
    ("answers", "mark"),
    [
        ([answer(54)], Status.LEARNING),
        ([answer(56, 7000)], Status.LEARNING),
        ([answer(56, 4000)], Status.KNOWN),
        ([answer(56, 3000)], Status.FLUENT),
        ([answer(54), answer(56, appeal=True)], Status.FLUENT),
    ],
)
def test_the_mark_of_a_fact_is_the_learner_models(answers: list[Attempt], mark: Status) -> None:
    assert statuses_of(answers, DAY_MS) == {FACT: mark}


def test_what_was_not_understood_leaves_no_mark() -> None:
    assert statuses_of([answer(None, verdict=Verdict.UNSURE), answer(None, verdict=Verdict.SILENCE)], 0) == {}


def test_the_grid_has_every_fact_and_tables_are_known_as_a_whole() -> None:
    statuses = {Fact(3, right): Status.KNOWN for right in range(1, 11)} | {
        Fact(4, right): Status.FLUENT for right in range(1, 10)
    }
    assert [(table, len(row)) for table, row in grid(statuses)] == [(table, 10) for table in range(1, 11)]
    assert grid(statuses)[3][1][9] == (Fact(4, 10), Status.NEW)
    assert tally(statuses) == {Status.NEW: 81, Status.LEARNING: 0, Status.KNOWN: 10, Status.FLUENT: 9}
    assert tables_known(statuses) == [3]


def test_larger_tables_are_in_the_grid_once_they_were_begun() -> None:
    statuses = {Fact(19, right): Status.FLUENT for right in range(1, 11)} | {Fact(12, 12): Status.KNOWN}
    assert [(table, len(row)) for table, row in grid(statuses)] == [
        *((table, 12) for table in range(1, 11)),
        (12, 12),
        (19, 10),
    ]
    assert tables_known(statuses) == [19]


def test_a_line_rises_with_its_values() -> None:
    chart = line_chart([2, 4, 8], ["a", "b", "c"], "{:g}".format, goal=3, least_top=6)
    assert [dot.y for dot in chart.dots] == sorted((dot.y for dot in chart.dots), reverse=True)
    assert [level.text for level in chart.levels] == ["0", "2", "4", "6", "8"]
    assert chart.dots[-1].y == TOP and chart.levels[0].y == BOTTOM + 0
    assert chart.dots[1].title == "b: 4" and chart.path.startswith("M44 ")
    assert [label.text for label in chart.labels] == ["a", "b", "c"]


@pytest.mark.parametrize("count", [0, 1, 2, 30])
def test_a_chart_of_any_length_stays_inside_and_its_labels_apart(count: int) -> None:
    chart = line_chart([float(value) for value in range(count)], ["20 Nov"] * count, str, goal=3, least_top=6)
    assert all(34 <= dot.x <= 350 and TOP <= dot.y <= BOTTOM for dot in chart.dots)
    assert all(right.x - left.x >= 58 for left, right in pairwise(chart.labels))
    assert (chart.path == "") == (count == 0)


def test_bars_stand_on_the_axis() -> None:
    chart = bar_chart([0, 5, 250], ["0", "1", "2+"], ["fluent", "known", "learning"], str)
    assert [bar.y + bar.height for bar in chart.bars] == [BOTTOM] * 3
    assert chart.bars[0].height == 0 and chart.bars[2].height > 40 * chart.bars[1].height
    assert [bar.title for bar in chart.bars] == ["0: 0", "1: 5", "2+: 250"]


def test_the_plots_of_a_child_speak_its_language() -> None:
    summary = summarise([answer(56, 1500, day=day) for day in range(3)], UTC)
    marathi = Words(load_language("mr"))
    assert speed_chart(summary, marathi).dots[0].title == "१ जाने: १.५ से."
    assert spread_chart(summary, marathi).bars[1].title == "१: ३"
    assert [bar.kind for bar in spread_chart(summary, marathi).bars][:7] == ["fluent"] * 3 + ["known"] * 3 + [
        "learning"
    ]


@pytest.mark.parametrize(("code", "written"), [("en", "4 Nov 2026"), ("hi", "४ नव॰ २०२६"), ("mr", "४ नोव्हें, २०२६")])
def test_dates_are_written_as_in_india(code: str, written: str) -> None:
    assert Words(load_language(code)).date(date(2026, 11, 4)) == written


def test_a_language_without_known_dates_gets_plain_ones() -> None:
    assert Words(replace(load_language("en"), code="xx")).date(date(2026, 11, 4)) == "2026-11-04"
