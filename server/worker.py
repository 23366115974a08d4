"""One process that serves: the only one, or one of several that a supervisor looks after (`--workers`)."""

import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import click

from . import log, systemd
from .app import Server, create_app
from .asr.errors import EngineError
from .clock import utc_ms
from .commands import code_note
from .files import FolderInUse, lock_folder
from .lan.certificates import CertificateError
from .lan_mode import Lan
from .languages import LanguageError
from .live.gateway import DRAIN_S
from .live.serving.listening import listen, listen_beside
from .ports import open_ports
from .settings import Settings, SettingsError
from .store.clock_steps import ClockSteps
from .store.database import open_database
from .store.errors import StoreError
from .store.recorder import sweep
from .store.store import Store
from .web.teacher.access import first_code, secret_key
from .web.teacher.context import empty_scratch

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# What waits is written and the process ends, also where the loop that lets the drills go hangs.
LAST_WORD_S = DRAIN_S + 3.0


def serve_alone(settings: Settings) -> None:
    """Serve until the process is stopped. Raises ClickException with advice where it cannot start."""
    # First: whoever comes while the models are loaded waits, and a second server is refused before it touches anything.
    listeners = open_ports(settings, listen)
    with advice():
        # Held until the process ends, however it ends.
        lock = lock_folder(settings.prepare_data_dir())
        prepare(settings)
        server, lan = make_server(settings)
    if lan is None:
        click.echo(f"Paadas is ready: {settings.url}")
    with lock:
        run(settings, server, lan, listeners)


def serve_beside(settings: Settings) -> None:
    """The same for one of several, for whom all is prepared. It shares the port as soon as it can serve."""
    with advice():
        server, lan = make_server(settings)
    run(settings, server, lan, open_ports(settings, listen_beside))


def prepare(settings: Settings) -> None:
    """What has to be done once, before anybody serves. The data folder must be held.

    Raises SettingsError and StoreError.
    """
    data_dir = settings.prepare_data_dir()
    database = open_database(settings.database_url, data_dir)
    store = Store(database)
    sweep(store, data_dir)
    ClockSteps(database).look_at_start(utc_ms())
    try:
        secret_key(data_dir)
        empty_scratch(data_dir)
    except OSError as error:
        raise SettingsError(f"{error.filename} cannot be read or written ({error.strerror}): mend its owner") from None
    if (code := first_code(store)) is not None:
        click.echo(code_note(code))
    database.dispose()


def make_server(settings: Settings) -> tuple[Server, Lan | None]:
    server = create_app(settings)
    return server, Lan(settings, server, click.echo) if settings.lan else None


def run(settings: Settings, server: Server, lan: Lan | None, listeners: Sequence[socket.socket]) -> None:
    server.start_tasks()
    if lan is not None:
        lan.start_tasks(listeners[1])
    for number in STOPPING:
        signal.signal(number, partial(stop, server, listeners))
    server.concurrency.serve(
        server.app, listeners[0], lan.tls if lan else None, server.connections, settings.behind_proxy
    )


def stop(server: Server, listeners: Sequence[socket.socket], number: int, frame: object) -> None:
    """Whoever comes goes elsewhere; turns that are open end; each page is sent away and comes back to another process,
    or to this one when it is started again.
    """
    for again in STOPPING:
        signal.signal(again, signal.SIG_DFL)  # whoever insists need not wait
    systemd.notify(systemd.STOPPING)
    last_word = threading.Timer(LAST_WORD_S, end, (server,))
    last_word.daemon = True
    last_word.start()
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
    server.socketio.start_background_task(leave, server)


def leave(server: Server) -> None:
    server.gateway.drain()
    server.concurrency.offload_store(end, server)


def end(server: Server) -> None:
    """Answers that wait for a database which is still in trouble are lost: that is told, and the exit code is 1."""
    lost = server.writer.finish()
    if lost:
        click.echo(f"Lost: {lost} answers and drills that the database did not take. The log has the reason.", err=True)
    server.connections.say_goodbye()
    os._exit(1 if lost else 0)


@contextmanager
def advice() -> Iterator[None]:
    """What keeps a server from starting is told without a traceback."""
    try:
        yield
    except (SettingsError, FolderInUse, LanguageError, EngineError, StoreError, CertificateError) as error:
        raise click.ClickException(str(error)) from None


def main() -> None:
    """For a supervisor, whose order is a line of JSON on the standard input. Where that ends, this process ends too."""
    order = json.loads(sys.stdin.readline())
    settings = Settings.model_validate(order["settings"])
    log.begin(order["name"])
    threading.Thread(target=_end_with_the_supervisor, daemon=True).start()
    try:
        if order["prepares"]:
            with advice():
                prepare(settings)
            systemd.notify(systemd.PREPARED)
        serve_beside(settings)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)


def _end_with_the_supervisor() -> None:
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
