"""Spells how tables are chanted, for the server's follower: `python -m training.chants`.

Run it after a change of [tables] in a language file, or of the network's sounds.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from server.asr.numbers.chants import CHANTS
from server.asr.numbers.vocabulary import LANGUAGES
from server.drill.facts import MULTIPLIERS, TABLES
from server.languages import load_language

from .sounds import Alphabet


def chants(alphabet: Alphabet) -> dict[str, Any]:
    """Of each language: how each operand is chanted, and the words between, as labels of sounds."""
    return {code: _chants(alphabet, code) for code in LANGUAGES}


def _chants(alphabet: Alphabet, code: str) -> dict[str, Any]:
    language = load_language(code)

    def spelt(texts: Sequence[str]) -> list[list[int]]:
        return alphabet.spellings(texts, code)

    return {
        "left": {str(table): spelt(language.chant_left[table]) for table in TABLES},
        "right": {str(line): spelt(language.chant_right[line]) for line in MULTIPLIERS},
        "linking": spelt(language.linking),
    }


def main(path: Path = CHANTS) -> None:
    path.write_text(json.dumps(chants(Alphabet()), separators=(",", ":")), "utf-8")


if __name__ == "__main__":
    main()
