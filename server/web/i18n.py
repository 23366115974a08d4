"""Choose the language of a visitor."""

from collections.abc import Mapping

from flask import request
from werkzeug.datastructures import LanguageAccept

from ..languages import Language


def wanted_language(languages: Mapping[str, Language], default: str, chosen: str = "") -> Language:
    """Return the language `chosen` on the page, else the one that the browser prefers."""
    return languages.get(chosen) or best_language(request.accept_languages, languages, default)


def best_language(named: LanguageAccept, languages: Mapping[str, Language], default: str) -> Language:
    """Return the first language that the browser names and we serve, else the default."""
    codes = (tag.split("-")[0].lower() for tag in named.values())
    return languages[next((code for code in codes if code in languages), default)]
