"""The host names for which the server answers.

A stranger's page can let its own name lead to this computer after it was loaded (DNS rebinding), and could then read
the learners' names as if they were its own. But no stranger can own a bare address or a name that ends in ".local", and
a device in this network could read the names anyway. A name without a dot must be this computer's.
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
# A name, an IPv4 address, or an IPv6 address in brackets, with an optional port (RFC 9110, 7.2).
HOST = re.compile(
    r"(?:\[(?P<v6>[0-9a-f:.]+)\]|(?P<name>[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?))(?::[0-9]{0,5})?", re.IGNORECASE
)
# The status for a request to a server that does not answer for this name (RFC 9110).
MISDIRECTED = 421


def is_of_here(host: str, own_names: Collection[str]) -> bool:
    """Tell whether a Host header, with or without a port, names this computer in a way that no stranger can own."""
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
    """Wrap the application, pages and sockets alike: a request for another name gets an error page."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if is_of_here(environ.get("HTTP_HOST", ""), own_names):
            return application(environ, start_response)
        language = best_language(Request(environ).accept_languages, languages, default)
        return Response(language.errors["unknown_host"], MISDIRECTED, mimetype="text/plain")(environ, start_response)

    return answer


def without_forwarded(application: WSGIApplication) -> WSGIApplication:
    """Wrap the application: forwarded headers are removed, because no proxy is left that could have sent them.

    Socket.IO compares origins with X-Forwarded-Host, also if an attacker sends it.
    """

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        for name in [name for name in environ if name.startswith("HTTP_X_FORWARDED_")]:
            del environ[name]
        return application(environ, start_response)

    return answer
