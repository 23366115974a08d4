"""How each table is chanted, as sounds of the numbers network; `training.chants` writes them."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .aligner import Form, TableForms
from .rescoring import Spellings

CHANTS = Path(__file__).with_name("chants.json")
# A number that is no product of the table is known in so many ways: enough to tell it from one.
_WAYS = 2
# Numbers to 100 may be taken for a product.
_NUMBERS = range(1, 101)


class Chants:
    """The tables of one language. `spellings`: its numbers first, then those of others that are heard as well."""

    def __init__(self, chants: Mapping[str, Any], spellings: Sequence[Spellings]) -> None:
        self._chants = chants
        self._spellings = spellings

    def table(self, table: int, lines: Sequence[int]) -> TableForms:
        products = {table * line for line in lines}
        numbers: dict[int, Sequence[Form]] = {
            number: self._spellings[0].get(number, ())[:_WAYS] for number in sorted({*_NUMBERS} - products)
        }
        numbers |= {number: [form for own in self._spellings for form in own.get(number, ())] for number in products}
        right = {line: self._chants["right"][str(line)] for line in lines}
        return TableForms(table, self._chants["left"][str(table)], right, self._chants["linking"], numbers)


def read_chants(path: Path = CHANTS) -> dict[str, Any]:
    """Read how tables are chanted, by language."""
    chants: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return chants
