"""Clean the text that people type into forms."""

import unicodedata

LONGEST_NICKNAME, LONGEST_CLASS = 24, 40
# Indian scripts use these to join and separate letters. All other invisible characters are removed.
_JOINERS = "\u200c\u200d"


def clean_name(text: str, longest: int) -> str | None:
    """Return `text` in one line and one spelling; None if nothing is left, or too many characters."""
    visible = "".join(
        letter if letter in _JOINERS or unicodedata.category(letter)[0] != "C" else " " for letter in text
    )
    # A spreadsheet would take "=2+2" for a formula.
    name = unicodedata.normalize("NFC", " ".join(visible.split())).lstrip("=+-@ ")
    return name if name.strip(_JOINERS) and len(name) <= longest else None
