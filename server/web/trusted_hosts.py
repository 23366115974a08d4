"""For which names in the address bar the server answers.

A stranger's page can have its own name lead to this computer after it was loaded (DNS rebinding), and would then read
the learners' names as if they were its own. But the internet hands out no numbers and no names that end in ".local";
whoever else is in this network could read the names anyway. A name without a dot has to be this computer's.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from ipaddress import ip_address
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.wrappers import Request, Response

from ..languages import Language
from .i18n import best_language

# RFC 6762 (mDNS), RFC 6761 (localhost).
OF_HERE = (".local", ".localhost")
# A name or an IPv4 address, or an IPv6 address in brackets, and perhaps a port (RFC 9110, 7.2); nothing else around it.
HOST = re.compile(
    r"(?:\[(?P<v6>[0-9a-f:.]+)\]|(?P<name>[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?))(?::[0-9]{0,5})?", re.IGNORECASE
)
# The request reached a server that does not answer for this name (RFC 9110).
MISDIRECTED = 421


def is_of_here(host: str, own_names: Collection[str]) -> bool:
    """Whether a Host header, with or without a port, names this computer as only somebody here can."""
    parts = HOST.fullmatch(host)
    if parts is None:
        return False
    if parts["v6"]:
        return _is_address(parts["v6"])
    name = parts["name"].lower().removesuffix(".")
    return name == "localhost" or name.endswith(OF_HERE) or name in own_names or _is_address(name)


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def only_for_here(
    application: WSGIApplication, own_names: Collection[str], languages: Mapping[str, Language], default: str
) -> WSGIApplication:
    """The application, pages and sockets alike; whoever comes by another name is told so."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if is_of_here(environ.get("HTTP_HOST", ""), own_names):
            return application(environ, start_response)
        language = best_language(Request(environ).accept_languages, languages, default)
        return Response(language.errors["unknown_host"], MISDIRECTED, mimetype="text/plain")(environ, start_response)

    return answer


def without_forwarded(application: WSGIApplication) -> WSGIApplication:
    """The application, for which there is no proxy: what one says is dealt with before, and nobody else may say it.

    Socket.IO compares origins with X-Forwarded-Host, whoever sent it.
    """

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        for name in [name for name in environ if name.startswith("HTTP_X_FORWARDED_")]:
            del environ[name]
        return application(environ, start_response)

    return answer
