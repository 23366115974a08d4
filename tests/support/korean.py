"""Korean: the one language whose Vosk model can be installed as a Python package. No page of ours speaks it."""

from pathlib import Path

from server.languages import FOLDER

KOREAN = Path(__file__).parents[1] / "fixtures" / "korean"


def write_korean(folder: Path) -> Path:
    """A folder of languages with Korean alone, which shows English."""
    english = (FOLDER / "en.toml").read_text("utf-8")
    korean = (KOREAN / "ko.toml").read_text("utf-8")
    (folder / "ko.toml").write_text(korean + english[english.index("\n[ui]\n") :], "utf-8")
    return folder
