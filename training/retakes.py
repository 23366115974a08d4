"""How fast each language is spoken, and the clips that came out better with a spelling or speed of their own."""

from dataclasses import dataclass

# 1 is the voice's own speed; children follow a slightly slower one.
SPEED = {"en": 0.9, "hi": 0.95, "mr": 0.95}


@dataclass(frozen=True)
class Retake:
    """What differs from the rule for one clip; None where nothing does."""

    phonemes: str | None = None
    speed: float | None = None


# (language, clip id)
RETAKES: dict[tuple[str, str], Retake] = {}
