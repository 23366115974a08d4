"""The teacher's pages are accessible on every screen and in every theme."""

from pathlib import Path

import pytest

from tests.support.server import running_server

from .booth import Booth
from .conftest import OpenPage
from .teacher import make_school, tour_of_teacher
from .test_access import DEVICES, complaints
from .tour import SIZES

pytestmark = pytest.mark.browser


def test_every_page_is_whole_and_axe_finds_nothing_in_any_theme(
    open_page: OpenPage, silent_prompts: Path, tmp_path: Path
) -> None:
    with running_server("--prompts", str(silent_prompts), "--data", str(make_school(tmp_path))) as url:
        drill = open_page("hi", url)
        page, found = drill.page, {}
        for moment in tour_of_teacher(Booth(drill, tmp_path)):
            for width, height in SIZES:
                page.set_viewport_size({"width": width, "height": height})
                assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (
                    f"{moment} is too wide for {width}"
                )
            for name, device in DEVICES.items():
                page.emulate_media(**device, reduced_motion="reduce")
                found[moment, name] = complaints(page)
    assert {place: what for place, what in found.items() if what} == {}
