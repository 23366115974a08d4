"""One process that serves: the only one, or one of several that a supervisor looks after (`--workers`)."""

import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial

import click

from . import log, systemd
from .app import Server, create_app
from .asr.errors import EngineError
from .clock import utc_ms
from .commands import code_note
from .files import FolderInUse, share_folder
from .lan.certificates import CertificateError
from .lan_mode import Lan
from .languages import LanguageError
from .live.gateway import DRAIN_S
from .live.serving.listening import listen, listen_beside
from .ports import hold_data_dir, open_ports
from .settings import Settings, SettingsError
from .store.clock_steps import ClockSteps
from .store.database import open_database
from .store.errors import StoreError
from .store.recorder import sweep
from .store.store import Store
from .web.teacher.access import first_code, secret_key
from .web.teacher.context import empty_scratch

# The process ends after this time even if its loop hangs.
LAST_WORD_S = DRAIN_S + 3.0


def serve_alone(settings: Settings) -> None:
    """Serve until the process is stopped. Raises ClickException with advice where it cannot start."""
    # First: connections wait while the models are loaded, and a second server is refused before it touches anything.
    listeners = open_ports(settings, listen)
    with advice():
        # Held until the process ends.
        lock, is_first = hold_data_dir(settings)
        if is_first:
            prepare(settings)
        if settings.shares_data_dir:
            share_folder(lock)
        server, lan = make_server(settings)
    if lan is None:
        click.echo(f"Paadas is ready: {settings.url}")
    with lock:
        run(settings, server, lan, listeners)


def serve_beside(settings: Settings) -> None:
    """Serve as one of several, after `prepare`. It shares the port as soon as it can serve. Raises ClickException."""
    with advice():
        server, lan = make_server(settings)
    # The supervisor ends a worker that takes too long. systemd may send its signal to the workers, too.
    run(settings, server, lan, open_ports(settings, listen_beside), second=signal.SIG_IGN)


def prepare(settings: Settings) -> None:
    """Do what has to be done once before any process serves. The caller holds the data folder.

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
    """Load and join all parts. Raises what `advice` explains."""
    server = create_app(settings)
    return server, Lan(settings, server, click.echo) if settings.lan else None


def run(
    settings: Settings,
    server: Server,
    lan: Lan | None,
    listeners: Sequence[socket.socket],
    second: signal.Handlers = signal.SIG_DFL,
) -> None:
    """Serve until a signal. `second`: what a further signal does; by default it ends the process at once."""
    server.start_tasks()
    if lan is not None:
        lan.start_tasks(listeners[1])
    for number in stopping():
        signal.signal(number, partial(stop, server, listeners, second))
    server.concurrency.serve(
        server.app, listeners[0], lan.tls if lan else None, server.connections, settings.behind_proxy
    )


def stopping() -> list[signal.Signals]:
    """Return the signals that stop the server. With nohup, the end of the terminal does not."""
    is_nohup = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return [signal.SIGINT, signal.SIGTERM, *([] if is_nohup else [signal.SIGHUP])]


def stop(
    server: Server, listeners: Sequence[socket.socket], second: signal.Handlers, number: int, frame: object
) -> None:
    """Close the ports, let open turns end, and send the pages away: they come back elsewhere, or after a restart.

    A signal handler: it starts the rest and returns.
    """
    for again in stopping():
        signal.signal(again, second)
    systemd.notify(systemd.STOPPING)
    last_word = threading.Timer(LAST_WORD_S, end, (server,))
    last_word.daemon = True
    last_word.start()
    for listener in listeners:
        with suppress(OSError):  # not every system ends listening so
            listener.shutdown(socket.SHUT_RDWR)
    server.socketio.start_background_task(leave, server)


def leave(server: Server) -> None:
    """Send the pages away, then end the process."""
    server.gateway.drain()
    server.concurrency.offload_store(end, server)


def end(server: Server) -> None:
    """Write the answers that wait, and exit. If the database is still in trouble they are lost: the exit code is 1."""
    lost = server.writer.finish()
    if lost:
        click.echo(f"Lost: {lost} answers and drills that the database did not take. The log has the reason.", err=True)
    server.connections.say_goodbye()
    os._exit(1 if lost else 0)


@contextmanager
def advice() -> Iterator[None]:
    """Turn what keeps a server from starting into a ClickException."""
    try:
        yield
    except (SettingsError, FolderInUse, LanguageError, EngineError, StoreError, CertificateError) as error:
        raise click.ClickException(str(error)) from None


def main() -> None:
    """Run as a worker. Its order is a line of JSON on the standard input, and the end of the input ends the process."""
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
