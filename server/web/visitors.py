"""What a visitor's browser asks for."""

from collections.abc import Mapping

from flask import request

from ..languages import Language


def wanted_language(languages: Mapping[str, Language], default: str, chosen: str = "") -> Language:
    """The one that was `chosen` on the page, else the first that the browser names and we serve, else the default."""
    named = (tag.split("-")[0].lower() for tag in request.accept_languages.values())
    return languages[next((code for code in (chosen, *named) if code in languages), default)]
