"""Charts as plain geometry, which the template draws as SVG. Lengths are units of the SVG's viewBox."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import ceil

WIDTH, HEIGHT = 360.0, 190.0
LEFT, RIGHT, TOP, BOTTOM = 34.0, 350.0, 14.0, 158.0
# The smallest distance between two labels below the axis.
LABEL_GAP = 58.0

Name = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Label:
    """A text at a place."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart."""

    x: float
    y: float
    width: float
    height: float
    title: str
    """What the bar shows, in words."""
    kind: str
    """Its pattern."""


@dataclass(frozen=True, slots=True)
class Dot:
    """One value of a line chart."""

    x: float
    y: float
    title: str
    """What the dot shows, in words."""


@dataclass(frozen=True, slots=True)
class Chart:
    """The geometry of one chart."""

    levels: tuple[Label, ...]
    """Horizontal lines with their labels."""
    labels: tuple[Label, ...]
    """Labels below the axis."""
    bars: tuple[Bar, ...] = ()
    dots: tuple[Dot, ...] = ()
    goal_y: float | None = None
    """Height of the line to reach; None without one."""
    size: tuple[float, float] = field(default=(WIDTH, HEIGHT))
    """Width and height."""

    @property
    def path(self) -> str:
        """The dots joined by a line."""
        return " ".join(f"{'L' if place else 'M'}{dot.x:g} {dot.y:g}" for place, dot in enumerate(self.dots))


def line_chart(values: Sequence[float], names: Sequence[str], say: Name, goal: float, least_top: float) -> Chart:
    """Draw one value after the other, from left to right. `names` stand below them; `say` writes a value."""
    top = max(least_top, *values, goal) if values else least_top
    step = _step(top)
    top = step * ceil(top / step)
    distance = (RIGHT - LEFT - 20) / max(1, len(values) - 1)
    x = [_rounded(LEFT + 10 + place * distance) for place in range(len(values))]
    dots = tuple(Dot(x[place], _y(value, top), f"{names[place]}: {say(value)}") for place, value in enumerate(values))
    return Chart(_levels(top, step, say), _sparse(x, names), dots=dots, goal_y=_y(goal, top))


def bar_chart(counts: Sequence[int], names: Sequence[str], kinds: Sequence[str], say: Name) -> Chart:
    """Draw a bar for each count. `names` stand below them; `kinds` are their patterns."""
    step = max(1, _step(max([4, *counts])))
    top = step * ceil(max([4, *counts]) / step)
    pitch = (RIGHT - LEFT) / len(counts)
    bars = tuple(
        Bar(
            _rounded(LEFT + place * pitch + 2),
            _y(count, top),
            _rounded(pitch - 4),
            _rounded(BOTTOM - _y(count, top)),
            f"{names[place]}: {say(count)}",
            kinds[place],
        )
        for place, count in enumerate(counts)
    )
    labels = tuple(Label(_rounded(LEFT + (place + 0.5) * pitch), BOTTOM + 18, name) for place, name in enumerate(names))
    return Chart(_levels(top, step, say), labels, bars=bars)


def _step(top: float) -> float:
    """Return a round distance that divides `top` into three to six steps."""
    scale = 1.0
    while True:
        for step in (1, 2, 5):
            if top / (step * scale) <= 6:
                return step * scale
        scale *= 10


def _levels(top: float, step: float, say: Name) -> tuple[Label, ...]:
    return tuple(Label(LEFT - 6, _y(level * step, top), say(level * step)) for level in range(round(top / step) + 1))


def _sparse(x: Sequence[float], names: Sequence[str]) -> tuple[Label, ...]:
    """Return as many labels as have room, always with the last one."""
    labels: list[Label] = []
    for place in reversed(range(len(x))):
        if not labels or labels[-1].x - x[place] >= LABEL_GAP:
            labels.append(Label(x[place], BOTTOM + 18, names[place]))
    return tuple(reversed(labels))


def _y(value: float, top: float) -> float:
    return _rounded(BOTTOM - (BOTTOM - TOP) * value / top)


def _rounded(length: float) -> float:
    return round(length, 1)
