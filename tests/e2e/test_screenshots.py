"""Screenshots can be taken in any order of tours."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from .screenshots import take_all

pytestmark = pytest.mark.browser


def test_a_tour_finds_nothing_of_an_earlier_one(browser: Browser, silent_prompts: Path, tmp_path: Path) -> None:
    """The tour of the voices passes the teacher's login, where the teacher's tour begins."""
    take_all(tmp_path, browser, silent_prompts, ["hi-dark"], ["voices", "teacher"], [(360, 640)])
    numbers = sorted(int(path.stem.split("-")[2]) for path in tmp_path.iterdir())
    assert numbers == [*range(21, 30), *range(51, 62)]
