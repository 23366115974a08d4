"""What people type into forms, made fit to keep."""

import unicodedata

LONGEST_NICKNAME, LONGEST_CLASS = 24, 40
# Letters of Indian scripts are joined and kept apart by these; all other invisible characters go.
_JOINERS = "\u200c\u200d"


def clean_name(text: str, longest: int) -> str | None:
    """`text` in one line and one spelling; None where nothing is left, or too much (in characters)."""
    visible = "".join(
        letter if letter in _JOINERS or unicodedata.category(letter)[0] != "C" else " " for letter in text
    )
    # A spreadsheet would take "=2+2" for a formula.
    name = unicodedata.normalize("NFC", " ".join(visible.split())).lstrip("=+-@ ")
    return name if name.strip(_JOINERS) and len(name) <= longest else None
