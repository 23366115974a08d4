"""Korean: the one language whose Vosk model is a Python package. The page does not offer it."""

from pathlib import Path

from server.languages import FOLDER

KOREAN = Path(__file__).parents[1] / "fixtures" / "korean"


def write_korean(folder: Path) -> Path:
    """Write a folder of languages with only Korean, which shows English texts."""
    english = (FOLDER / "en.toml").read_text("utf-8")
    korean = (KOREAN / "ko.toml").read_text("utf-8")
    (folder / "ko.toml").write_text(korean + english[english.index("\n[ui]\n") :], "utf-8")
    return folder
