"""Knowledge of a learner as compact JSON, exact to the last bit."""

import json
from typing import Annotated

from pydantic import Field, TypeAdapter

from ..drill.ability import Ability
from ..drill.activation import Clock, Retrieval, Trace
from ..drill.facts import Fact
from ..drill.knowledge import Knowledge
from ..drill.memory import Memory

# The form of what `to_json` writes, to check imported files. No number is larger than a date in ms.
_Number = Annotated[float, Field(ge=-1e14, le=1e14)]
_Count = Annotated[int, Field(ge=0, lt=4_102_444_800_000)]
_Operand = Annotated[int, Field(ge=1, lt=len(Ability().numbers))]
_Memory = tuple[_Operand, _Operand, _Number | None, _Number | None, _Count | None, bool, list[_Count]]
_Retrieval = tuple[_Operand, _Operand, _Number, _Number, _Number, list[tuple[bool, _Number, _Number]]]
_Numbers = Annotated[list[_Number], Field(min_length=len(Ability().numbers), max_length=len(Ability().numbers))]
_CONTENT = TypeAdapter(tuple[list[_Memory], list[_Retrieval], tuple[_Number, _Numbers], tuple[_Count | None, _Number]])


def to_json(knowledge: Knowledge) -> str:
    """Write knowledge for `from_json`."""
    memories = [
        [
            fact.left,
            fact.right,
            memory.stability_days,
            memory.difficulty,
            memory.day,
            memory.latest_right,
            memory.response_times_ms,
        ]
        for fact, memory in knowledge.memories.items()
    ]
    retrievals = [
        [
            pair.left,
            pair.right,
            retrieval.earlier,
            retrieval.shift,
            retrieval.doubt,
            [[trace.fact == pair, trace.at_s, trace.decay] for trace in retrieval.traces],
        ]
        for pair, retrieval in knowledge.retrievals.items()
    ]
    ability, clock = knowledge.ability, knowledge.clock
    content = [memories, retrievals, [ability.level, ability.numbers], [clock.at_ms, clock.felt_s]]
    return json.dumps(content, separators=(",", ":"))


def from_json(content: str) -> Knowledge:
    """Read what `to_json` wrote. Raises ValueError or TypeError for anything else."""
    memories, retrievals, (level, numbers), (at_ms, felt_s) = json.loads(content)
    return Knowledge(
        {
            Fact(left, right): Memory(stability_days, difficulty, day, latest_right, tuple(times_ms))
            for left, right, stability_days, difficulty, day, latest_right, times_ms in memories
        },
        {
            (pair := Fact(left, right)): Retrieval(earlier, shift, doubt, _traces(pair, traces))
            for left, right, earlier, shift, doubt, traces in retrievals
        },
        Ability(level, tuple(numbers)),
        Clock(at_ms, felt_s),
    )


def check_json(content: str) -> str:
    """Return `content` if it is what `to_json` writes. Raises ValueError."""
    _CONTENT.validate_json(content, strict=True)
    if to_json(from_json(content)) != content:
        raise ValueError("is not as it was written")
    return content


def _traces(pair: Fact, traces: list[tuple[bool, float, float]]) -> tuple[Trace, ...]:
    twin = pair.twin
    return tuple(Trace(pair if is_pair else twin, at_s, decay) for is_pair, at_s, decay in traces)
