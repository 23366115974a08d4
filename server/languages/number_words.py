"""Number words: those that a file lists, and those composed of others."""

from collections.abc import Iterator, Mapping
from typing import Any

NUMBERS = range(401)
HUNDREDS = range(1, 5)

# Number or operand -> the ways to say it; the first is spoken.
Forms = Mapping[int, tuple[str, ...]]


def by_number(table: dict[str, Any], otherwise: Mapping[int, tuple[str, ...]] = {}) -> dict[int, tuple[str, ...]]:
    """Return the table's forms, with those of `otherwise` for numbers that it lacks."""
    return {**otherwise, **{int(number): tuple(forms) for number, forms in table.items()}}


def listed_numbers(source: dict[str, Any]) -> dict[int, tuple[str, ...]]:
    """Return the listed numbers and, as [composition] asks, the full hundreds and those made of a ten and a unit."""
    numbers, composition = by_number(source["numbers"]), source["composition"]
    for number in range(21, 100):
        if composition["tens_then_unit"] == "also" or composition["tens_then_unit"] == "fill" and number not in numbers:
            numbers[number] = numbers.get(number, ()) + _ten_then_unit(numbers, number)
    for hundred, forms in by_number(composition["hundreds"]).items():
        numbers[100 * hundred] = tuple(dict.fromkeys(numbers.get(100 * hundred, ()) + forms))
    return numbers


def _ten_then_unit(numbers: Forms, number: int) -> tuple[str, ...]:
    """Return every way to say `number` as its ten followed by its unit; none for a full ten."""
    unit = number % 10
    return tuple(f"{ten} {one}" for ten in numbers.get(number - unit, ()) for one in numbers.get(unit, ()) if unit)


def with_hundreds(numbers: Forms, source: dict[str, Any]) -> Forms:
    """Return `numbers` and those above 100, each as its hundred followed by the rest."""
    hundreds, joints = by_number(source["composition"]["hundreds"]), source["composition"]["hundreds_then"]
    whole = dict(numbers)
    for number in NUMBERS[101:]:
        hundred, rest = divmod(number, 100)
        composed = (
            joint.format(hundred=before, rest=after)
            for before in hundreds.get(hundred, ())
            for joint in joints
            for after in numbers.get(rest, ())
            if rest
        )
        whole[number] = tuple(dict.fromkeys((*numbers.get(number, ()), *composed)))
    return whole


def joining_words(source: dict[str, Any]) -> list[str]:
    """Return the words that stand between a hundred and the rest ("and")."""
    joints = source["composition"]["hundreds_then"]
    return [word for joint in joints for word in joint.format(hundred="", rest="").split()]


def named(numbers: Forms) -> Iterator[tuple[int, str]]:
    """Yield each number with each of its forms."""
    for number, forms in numbers.items():
        yield from ((number, form) for form in forms)
