"""Choose and load the recogniser of each language."""

import logging
from collections.abc import Mapping
from pathlib import Path

from ..languages import Language
from .base import SpeechEngine
from .errors import EngineError
from .numbers.engine import NumbersEngine

logger = logging.getLogger(__name__)


def load_engines(
    choice: str, languages: Mapping[str, Language], numbers_model: Path, vosk_models: Mapping[str, str], cache_dir: Path
) -> dict[str, SpeechEngine]:
    """Load an engine for each language that has one; `choice` is "auto", "numbers" or "vosk".

    "auto" takes the numbers network if it speaks the language, else a Vosk model if one is given. A language without an
    engine is left out, with a warning. Raises EngineError if a model cannot be loaded or no language is left.
    """
    engines: dict[str, SpeechEngine] = {}
    if choice != "vosk":
        numbers = NumbersEngine(numbers_model)
        engines = {code: numbers for code in languages if numbers.speaks(code)}
    if choice != "numbers":
        wanted = {code: model for code, model in vosk_models.items() if code in languages and code not in engines}
        if wanted:
            try:
                from .vosk import VoskEngine  # loads Kaldi: only where it is used
            except ModuleNotFoundError as error:
                raise EngineError(
                    "vosk_missing",
                    f"--vosk-model needs {error.name}, which is not installed: Vosk runs only on Linux (glibc; x86-64, "
                    "ARM 64), macOS and Windows (x64).",
                ) from None

            vosk = VoskEngine(wanted, languages, cache_dir)
            engines |= dict.fromkeys(wanted, vosk)
            for code in wanted:
                if missing := vosk.missing_words(code):
                    words = ", ".join(missing)
                    logger.warning("the Vosk model of %s cannot hear: %s", languages[code].name, words)
    for code in set(languages) - set(engines):
        logger.warning("no recogniser for %s: give a model with --vosk-model %s=MODEL", languages[code].name, code)
    if not engines:
        raise EngineError("no_engine", "No language has a recogniser: give a model with --vosk-model LANGUAGE=MODEL.")
    return engines
