"""The pictures for people can be taken, whichever tour comes after which."""

from itertools import groupby
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from .screenshots import take_all

pytestmark = pytest.mark.browser


def test_a_tour_finds_nothing_of_an_earlier_one(browser: Browser, silent_prompts: Path, tmp_path: Path) -> None:
    """The voices' tour goes through the teacher's door and leaves a voice behind."""
    take_all(tmp_path, browser, silent_prompts, ["en-light", "hi-dark"], ["voices", "desk"], [(360, 640)])
    taken = sorted(path.stem for path in tmp_path.iterdir())
    moments = [[name.split("-", 2)[2] for name in names] for _, names in groupby(taken, lambda name: name.split("-")[0])]
    assert moments[0] == moments[1]
    assert {name.split("-")[0] for name in moments[0]} == {*map(str, range(21, 30)), *map(str, range(51, 61))}
