"""What a server needs for itself: its ports and its data folder."""

import socket
from collections.abc import Callable
from io import TextIOWrapper

import click

from .files import join_folder, lock_folder
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


def hold_data_dir(settings: Settings) -> tuple[TextIOWrapper, bool]:
    """Hold the data folder until the process ends. Returns whether this server has to prepare it.

    Raises SettingsError and FolderInUse.
    """
    folder = settings.prepare_data_dir()
    return join_folder(folder) if settings.shares_data_dir else (lock_folder(folder), True)
