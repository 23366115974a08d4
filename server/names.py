"""Names that people give: to learners, classes and voices."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator

LONGEST_NAME = 40
# Invisible, but letters of Indian scripts are joined and kept apart by them.
_JOINERS = "\u200c\u200d"


def clean_name(text: str) -> str | None:
    """`text` in one line and one spelling; None if nothing is left, or more than LONGEST_NAME characters.

    Invisible characters become spaces. Signs at the start go: a spreadsheet would take "=2+2" for a formula.
    """
    visible = "".join(
        letter if letter in _JOINERS or unicodedata.category(letter)[0] != "C" else " " for letter in text
    )
    name = unicodedata.normalize("NFC", " ".join(visible.split())).lstrip("=+-@ ")
    return name if name.strip(_JOINERS) and len(name) <= LONGEST_NAME else None


def require_name(text: str) -> str:
    """As `clean_name`. Raises ValueError instead of None."""
    name = clean_name(text)
    if name is None:
        raise ValueError(f"a name has 1 to {LONGEST_NAME} visible characters")
    return name


Name = Annotated[str, AfterValidator(require_name)]
"""In a file or a request."""
