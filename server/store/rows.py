"""The valid rows of an exported file, table by table: a column is a field. Times in ms since 1970, UTC."""

from dataclasses import fields
from typing import Annotated, Any, get_type_hints

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, create_model, model_validator

from ..drill.facts import MULTIPLIERS
from ..drill.judging import Verdict
from ..names import Name
from .knowledge_json import check_json
from .models import AttemptRow, Base, BaselineRow, ClassRow, DrillRow, LearnerRow, SampleRow
from .records import Drill, Id, Learner, Sample, Small, Table, Time


class Line(BaseModel):
    """A valid row."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def line_of(record: type) -> type[Line]:
    """The line with the fields of a record, each of which must be there."""
    types = get_type_hints(record, include_extras=True)
    columns: dict[str, Any] = {field.name: (types[field.name], ...) for field in fields(record)}
    return create_model(f"{record.__name__}Line", __base__=Line, **columns)


class ClassLine(Line):
    """A row of `classes`."""

    name: Name


class AttemptLine(Line):
    """A row of `attempts`."""

    drill: Id
    turn: Small
    appeal: bool
    left: Table
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


class BaselineLine(Line):
    """A row of `baselines`, see `BaselineRow`."""

    learner: Id
    attempts: Small
    until_ms: Time
    content: Annotated[str, AfterValidator(check_json)]


# In the order of writing: a row comes after those that it names.
TABLES_OF_FILE: dict[str, tuple[type[Base], type[Line]]] = {
    "classes": (ClassRow, ClassLine),
    "learners": (LearnerRow, line_of(Learner)),
    "drills": (DrillRow, line_of(Drill)),
    "attempts": (AttemptRow, AttemptLine),
    "samples": (SampleRow, line_of(Sample)),
    "baselines": (BaselineRow, BaselineLine),
}
# The version of the format from which on a file has a table; all others are in version 1.
SINCE_VERSION = {"baselines": 2}
# Which column names a row of which table.
NAMES = {
    ("learners", "class_name"): "classes",
    ("drills", "learner"): "learners",
    ("attempts", "drill"): "drills",
    ("samples", "learner"): "learners",
    ("baselines", "learner"): "learners",
}
