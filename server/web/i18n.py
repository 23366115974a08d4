"""What a visitor's browser asks for."""

from collections.abc import Mapping

from flask import request
from werkzeug.datastructures import LanguageAccept

from ..languages import Language


def wanted_language(languages: Mapping[str, Language], default: str, chosen: str = "") -> Language:
    """The one that was `chosen` on the page, else what the browser would like best."""
    return languages.get(chosen) or best_language(request.accept_languages, languages, default)


def best_language(named: LanguageAccept, languages: Mapping[str, Language], default: str) -> Language:
    """The first that the browser names and we serve, else the default."""
    codes = (tag.split("-")[0].lower() for tag in named.values())
    return languages[next((code for code in codes if code in languages), default)]
