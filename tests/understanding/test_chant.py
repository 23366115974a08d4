"""Which table it is that a child chants."""

from collections.abc import Sequence

import pytest

from server.understanding.chant import ChantedLine, other_table


def heard(products: Sequence[int], is_right: bool | None = False) -> list[ChantedLine]:
    return [ChantedLine(at, product, is_right, 0, 0) for at, product in enumerate(products, 1)]


@pytest.mark.parametrize("table", range(2, 11))
@pytest.mark.parametrize("other", range(2, 11))
@pytest.mark.parametrize("first", [1, 4, 8])
def test_three_lines_of_another_table_tell_it(table: int, other: int, first: int) -> None:
    lines = heard([other * line for line in range(first, first + 3)])
    assert other_table(lines, table) == (None if other == table else other)


@pytest.mark.parametrize("products", [[8, 16], [8, 24, 32], [7, 14, 22], [9, 17, 25], [24, 16, 8], []])
def test_less_than_that_is_a_mistake(products: list[int]) -> None:
    assert other_table(heard(products), 7) is None


def test_a_right_line_is_of_this_table() -> None:
    assert other_table([*heard([7], True), *heard([8, 16, 24])], 7) is None
