"""The classroom network: HTTPS with our own certificate, and the guide over plain HTTP that prepares tablets for it."""

import io
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import segno

from .app import Server
from .lan.addresses import LOOPBACK, Names, names_of
from .lan.certificates import LAN_FOLDER, Certificates, News, keep_certificates
from .live.tls import make_tls
from .settings import Settings
from .web.guide import Place, make_guide

# How often to look for address changes; until then a tablet keeps a dead address.
WATCH_S = 20.0


class Lan:
    """Keeps addresses and certificates current and announces them through `say`. Raises CertificateError."""

    def __init__(
        self,
        settings: Settings,
        server: Server,
        say: Callable[[str], None],
        find_names: Callable[[str], Names] = names_of,
    ) -> None:
        self._settings = settings
        self._server = server
        self._say = say
        self._find_names = find_names
        self._folder: Path = settings.data_dir / LAN_FOLDER
        self.tls = make_tls(server.concurrency.tls_context, self._guide_at)
        self._names = find_names(settings.host)
        self._certificates = self._renewed(self._names)
        if server.chores.are_mine() or self._certificates.news is not News.NONE:
            self._announce()

    def start_tasks(self, listener: socket.socket) -> None:
        """Start the guide, at the port of `listener`, and the watch over the addresses."""
        guide = make_guide(self._settings, self._server.languages, self._server.default_language, self._place)
        self._server.socketio.start_background_task(
            self._server.concurrency.serve, guide, listener, None, self._server.connections, False
        )
        # Computers move between networks, and run longer than a certificate lasts.
        self._server.keep_doing(WATCH_S, self.look_again)

    def look_again(self) -> None:
        """Check the addresses and the certificate, and announce what has changed. Raises CertificateError."""
        names = self._find_names(self._settings.host)
        certificates, has_moved = self._renewed(names), names != self._names
        is_news = certificates.news not in (News.NONE, self._certificates.news)
        self._names, self._certificates = names, certificates
        if (has_moved and self._server.chores.are_mine()) or is_news:
            self._announce()

    def _renewed(self, names: Names) -> Certificates:
        certificates = keep_certificates(self._folder, names, datetime.now(UTC))
        self.tls.load(certificates.server_file)
        return certificates

    def _place(self, asked_for: str) -> Place:
        """Return what the guide shows a visitor who asked for that host."""
        authority = self._certificates.authority
        practice = f"https://{self._known(asked_for)}:{self._settings.port}/"
        return Place(practice, self._guide_at(asked_for), authority.der, authority.fingerprint)

    def _guide_at(self, asked_for: str) -> str:
        return f"http://{self._known(asked_for)}:{self._settings.guide_port}/"

    def _known(self, asked_for: str) -> str:
        """Return the same host if the certificate covers it; else the main one."""
        return asked_for if asked_for in set(self._names) else next(iter(self._names))

    def _announce(self) -> None:
        news, place = self._certificates.news, self._place("")
        if news is not News.NONE:
            self._say(f"Certificate: {news.value}.")
        if self._names.addresses[0] == LOOPBACK:
            self._say("This computer is in no private network: join one, and its address will be told here.")
        picture = io.StringIO()
        segno.make(place.guide, micro=False).terminal(picture, compact=True)
        others = ", ".join(f"https://{name}:{self._settings.port}/" for name in list(self._names)[1:])
        self._say(
            f"Paadas is ready: {place.practice}\n  also {others}\n\n{picture.getvalue()}\n"
            f"For each tablet once, to trust this computer: {place.guide} (the picture leads there)\n"
            f"Fingerprint of the authority (SHA-256): {place.fingerprint}"
        )
