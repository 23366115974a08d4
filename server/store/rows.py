"""The valid rows of an exported file, table by table: a column is a field. Times in ms since 1970, UTC."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from ..drill.facts import MULTIPLIERS, TABLES
from ..drill.judging import Verdict
from .models import AttemptRow, Base, ClassRow, DrillRow, LearnerRow, SampleRow

LARGEST_INT = 2**31 - 1


def check_name(name: str) -> str:
    """Check a nickname or the name of a class. Raises ValueError."""
    # Indian scripts use two characters to join and separate letters; Python counts them as not printable.
    if not name.replace("\u200c", "").replace("\u200d", "").isprintable() or name != name.strip():
        raise ValueError("must be printable, without spaces around it")
    if name[0] in "=+-@":
        raise ValueError("must not begin with = + - or @: a spreadsheet would take it for a formula")
    return name


def _tables_of(cell: Any) -> Any:
    """Read the tables from one CSV cell: 2 3 7."""
    return cell.split() if isinstance(cell, str) else cell


Name = Annotated[str, Field(min_length=1, max_length=40), AfterValidator(check_name)]
Word = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\w.-]+$")]
Id = Annotated[int, Field(ge=1, lt=2**53)]
# From 1970 to 2100: calendars can show it, and the forecasts of memory can add a century.
Time = Annotated[int, Field(ge=0, lt=4_102_444_800_000)]
Small = Annotated[int, Field(ge=0, le=LARGEST_INT)]


class Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ClassLine(Line):
    name: Name


class LearnerLine(Line):
    id: Id
    nickname: Name
    picture: Word
    class_name: Name | None
    language: Word
    created_at_ms: Time
    consent_at_ms: Time | None


class DrillLine(Line):
    id: Id
    learner: Id | None
    language: Word
    engine: Word
    mode: Word
    tables: Annotated[
        list[Annotated[int, Field(ge=TABLES[0], le=TABLES[-1])]], Field(min_length=1), BeforeValidator(_tables_of)
    ]
    started_at_ms: Time


class AttemptLine(Line):
    drill: Id
    turn: Small
    appeal: bool
    left: Annotated[int, Field(ge=TABLES[0], le=TABLES[-1])]
    right: Annotated[int, Field(ge=MULTIPLIERS[0], le=MULTIPLIERS[-1])]
    heard: Small | None
    verdict: Verdict
    confidence: Annotated[float, Field(ge=0, le=1)]
    response_ms: Small | None
    at_ms: Time

    @model_validator(mode="after")
    def _an_appeal_was_right(self) -> "AttemptLine":
        if self.appeal and self.verdict is not Verdict.CORRECT:
            raise ValueError("an appeal says that the answer was correct")
        return self


class SampleLine(Line):
    # Within the folder of samples, because deleting a learner deletes it: no part begins with a dot.
    path: Annotated[str, Field(max_length=255, pattern=r"^samples(/[\w-][\w.-]*)+$")]
    learner: Id
    number: Small
    at_ms: Time


# In the order of writing: a row comes after those that it names.
TABLES_OF_FILE: dict[str, tuple[type[Base], type[Line]]] = {
    "classes": (ClassRow, ClassLine),
    "learners": (LearnerRow, LearnerLine),
    "drills": (DrillRow, DrillLine),
    "attempts": (AttemptRow, AttemptLine),
    "samples": (SampleRow, SampleLine),
}
# Which column names a row of which table.
NAMES = {
    ("learners", "class_name"): "classes",
    ("drills", "learner"): "learners",
    ("attempts", "drill"): "drills",
    ("samples", "learner"): "learners",
}
