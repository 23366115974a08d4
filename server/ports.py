"""The ports that a server needs."""

import socket
from collections.abc import Callable

import click

from .settings import Settings


def open_ports(settings: Settings, listen: Callable[[str, int], socket.socket]) -> list[socket.socket]:
    """Open the page's port and, with --lan, the guide's. Raises ClickException with advice."""
    ports = [settings.port, settings.guide_port] if settings.lan else [settings.port]
    return [_open(listen, settings.host, port) for port in ports]


def _open(listen: Callable[[str, int], socket.socket], host: str, port: int) -> socket.socket:
    """Raises ClickException if another program serves the port, or there is no such address."""
    try:
        return listen(host, port)
    except OSError as error:
        raise click.ClickException(
            f"cannot listen on {host}:{port} ({error.strerror}): stop what runs there or choose another port"
        ) from None
