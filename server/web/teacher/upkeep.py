"""The teacher's upkeep of the data: stray recordings, wrong dates, and how long answers are kept."""

import datetime as dt
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from ...clock import utc_ms
from ...store.errors import StoreError
from .context import TeacherContext

MONTHS = (6, 12, 24, 36)
HOUR_MS = 3_600_000
LARGEST_DAYS = 50_000


def upkeep_of(context: TeacherContext) -> dict[str, Any]:
    """Return what the data page shows of it."""
    upkeep, now = context.parts.upkeep, utc_ms()
    return {
        "strays": upkeep.strays(),
        "suspects": upkeep.suspects(now),
        "reduced_until_ms": upkeep.reduced_until_ms(),
        "now_ms": now,
        "input_time": input_time,
        "days_of": days_of,
    }


def add_upkeep(context: TeacherContext) -> None:
    """Add /teacher/data/recordings, /teacher/data/clock..., /teacher/settings/retention."""
    upkeep = context.parts.upkeep

    @context.route("/data/recordings/delete", post=True)
    def delete_strays() -> ResponseReturnValue:
        return context.done(context.say("strays_deleted", n=upkeep.delete_strays()), "data")

    @context.route("/data/clock", post=True)
    def repair_dates() -> ResponseReturnValue:
        form = request.form
        try:
            from_ms, until_ms = (moment(form.get(name, "")) for name in ("from", "until"))
            by_ms = round(number(form.get("days", "")) * 24 + number(form.get("hours", "") or "0")) * HOUR_MS
            # The form has no seconds: the whole last minute is meant.
            repaired = upkeep.repair_dates(from_ms, until_ms + 59_999, by_ms)
        except (ValueError, OverflowError):
            return context.refused(context.say("error_bad_dates"), "data")
        except StoreError as trouble:
            if context.code_of(trouble) != "bad_dates":
                raise
            return context.refused(context.say("error_bad_dates"), "data")
        return context.done(context.say("clock_repaired", n=repaired), "data")

    @context.route("/data/clock/right", post=True)
    def settle_clock() -> ResponseReturnValue:
        upkeep.settle_clock()
        return context.done(context.say("saved"), "data")

    @context.route("/settings/retention", post=True)
    def change_retention() -> ResponseReturnValue:
        months = request.form.get("months", "")
        if months and months not in map(str, MONTHS):
            return context.refused(context.say("error_internal"), "settings")
        upkeep.keep_for(int(months) if months else None)
        return context.done(context.say("saved"), "settings")


def moment(said: str) -> int:
    """Parse a date-and-time field in the server's time zone. Raises ValueError, OverflowError."""
    return round(dt.datetime.fromisoformat(said).timestamp() * 1000)


def number(said: str) -> float:
    """Parse a number. Raises ValueError."""
    value = float(said)
    if not -LARGEST_DAYS <= value <= LARGEST_DAYS:
        raise ValueError(f"{said} is too far")
    return value


def input_time(at_ms: int) -> str:
    """Write a time for a date-and-time field."""
    return f"{dt.datetime.fromtimestamp(at_ms / 1000):%Y-%m-%dT%H:%M}"


def days_of(by_ms: int) -> tuple[int, int]:
    """Split a time into days and hours."""
    hours = round(abs(by_ms) / HOUR_MS)
    sign = -1 if by_ms < 0 else 1
    return sign * (hours // 24), sign * (hours % 24)
