"""Reports: the list of a class, a page for each learner, the printed report and the certificate."""

from typing import Any

from flask import request, session
from flask.typing import ResponseReturnValue

from ...clock import utc_ms
from ...drill.knowledge import Status
from ...drill.memory import FLUENT_MS, KNOWN_MS
from .charts import Chart, bar_chart, line_chart
from .context import TeacherContext
from .heatmap import grid, statuses_of, tables_known, tally
from .i18n import Words
from .recitals import recitals
from .summary import CLASS_MS, CLASSES, Summary, summarise

MOST_DAYS = 30
MOST_MISTAKES = 8
MOST_RECITALS = 12


def add_children(context: TeacherContext) -> None:
    """Add /teacher and /teacher/learners/<id>..."""
    records = context.parts.records

    @context.route("")
    def children() -> ResponseReturnValue:
        """Show one class, the one seen last: counting the answers of a whole school takes a second."""
        sizes = context.class_sizes()
        classes: list[str | None] = [*records.classes()]
        if sizes[None] or not classes:
            classes.append(None)
        if "class" in request.args:
            session["class"] = request.args["class"]
        shown = next((name for name in classes if (name or "") == session.get("class")), classes[0])
        waiting = context.parts.newcomers.waiting()
        return context.page(
            "children",
            classes=classes,
            sizes=sizes,
            shown=shown,
            lines=context.parts.overview(shown),
            waiting=waiting,
            newcomers=[learner for learner in records.learners() if learner.id in waiting] if waiting else [],
            clock_doubt=bool(context.parts.upkeep.suspects(utc_ms())),
        )

    @context.route("/learners/<int:learner_id>")
    def child(learner_id: int) -> ResponseReturnValue:
        return context.page("child", context.words, **_seen(context, learner_id, context.words))

    @context.route("/learners/<int:learner_id>/report")
    def report(learner_id: int) -> ResponseReturnValue:
        words = context.words_of(records.learner(learner_id).language)
        return context.page("report", words, **_seen(context, learner_id, words))

    @context.route("/learners/<int:learner_id>/certificate")
    def certificate(learner_id: int) -> ResponseReturnValue:
        words = context.words_of(records.learner(learner_id).language)
        return context.page("certificate", words, **_seen(context, learner_id, words))


def _seen(context: TeacherContext, learner_id: int, words: Words) -> dict[str, Any]:
    """Return everything that a learner's page shows."""
    now = utc_ms()
    learner = context.parts.records.learner(learner_id)
    attempts = context.parts.records.attempts_of(learner_id)
    before = context.parts.records.baseline(learner_id)
    # The time of a recited line is no time of an answer.
    asked = [attempt for attempt in attempts if not attempt.in_order]
    summary, statuses = summarise(asked), statuses_of(attempts, now, before.knowledge, before.until_ms)
    return {
        "own_words": context.words,
        "learner": learner,
        "now_ms": now,
        "summary": summary,
        "mistakes": summary.mistakes[:MOST_MISTAKES],
        "unheard": summary.unheard[:MOST_MISTAKES],
        "grid": grid(statuses),
        "tally": tally(statuses),
        "tables_known": tables_known(statuses),
        "recitals": recitals(attempts)[:MOST_RECITALS],
        "speed": speed_chart(summary, words),
        "spread": spread_chart(summary, words),
    }


def speed_chart(summary: Summary, words: Words) -> Chart:
    """Draw the typical time of right answers, day by day. The goal is fluency."""
    timed = [(day.response_ms, day.date) for day in summary.days if day.response_ms is not None][-MOST_DAYS:]
    return line_chart(
        [time_ms / 1000 for time_ms, _ in timed],
        [words.date(day, "d MMM") for _, day in timed],
        lambda value: words.say("seconds", n=value),
        goal=FLUENT_MS / 1000,
        least_top=6,
    )


def spread_chart(summary: Summary, words: Words) -> Chart:
    """Draw how many right answers took how long."""

    def kind(time_ms: int) -> str:
        return Status.FLUENT if time_ms < FLUENT_MS else Status.KNOWN if time_ms < KNOWN_MS else Status.LEARNING

    starts = [place * CLASS_MS for place in range(CLASSES)]
    names = [words.number(start_ms // 1000) for start_ms in starts]
    names[-1] += "+"
    return bar_chart(summary.slow_classes, names, [kind(start_ms) for start_ms in starts], words.number)
