"""The language for a visitor."""

from typing import Any

import pytest
from flask import Flask

from server.web.i18n import wanted_language

LANGUAGES: Any = {code: code for code in ("en", "hi", "mr")}


@pytest.mark.parametrize(
    ("chosen", "header", "language"),
    [
        ("", "hi-IN,en;q=0.8", "hi"),
        ("", "HI-in", "hi"),
        ("", "fr, en;q=0.5", "en"),
        ("", "fr", "mr"),
        ("", "", "mr"),
        ("en", "hi", "en"),
        ("xx", "hi", "hi"),
    ],
)
def test_what_was_chosen_counts_before_what_the_browser_names(chosen: str, header: str, language: str) -> None:
    with Flask(__name__).test_request_context(headers={"Accept-Language": header}):
        assert wanted_language(LANGUAGES, "mr", chosen) == language
