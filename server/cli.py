"""The command line: settings from options or PAADAS_* variables, then the server, or what a command asks for."""

import logging
import os
import signal
import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click
from pydantic import ValidationError

from . import systemd
from .app import Server, create_app
from .asr.errors import EngineError
from .commands import COMMANDS, code_note
from .files import FolderInUse, lock_folder
from .lan.addresses import ANY, LOOPBACK
from .lan.certificates import CertificateError
from .lan_mode import Lan
from .languages import LanguageError
from .live.serving.listening import listen
from .settings import Settings, SettingsError
from .store.errors import StoreError
from .web.teacher.access import first_code

Command = TypeVar("Command", bound=Callable[..., Any])
STOPPING = (signal.SIGINT, signal.SIGTERM)
# Listening at one of these, the server is at least here.
HERE = (str(LOOPBACK), ANY, "::1", "::")


def _models(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    models = {}
    for value in values:
        language, equals, model = value.partition("=")
        if not equals or not language or not model:
            raise click.BadParameter(f"{value!r} is not LANGUAGE=MODEL")
        models[language] = model
    return models


def _option(flag: str, *names: str, **details: Any) -> Callable[[Command], Command]:
    """An option that is also read from the variable PAADAS_<OPTION>."""
    return click.option(flag, *names, envvar=f"PAADAS_{flag[2:].replace('-', '_').upper()}", **details)


@click.group(invoke_without_command=True)
@_option("--host", help="Address to listen on; 0.0.0.0 for every one.")
@_option("--port", type=int, help="Port to listen on.")
@_option(
    "--lan",
    is_flag=True,
    default=None,
    help="For tablets: HTTPS at all addresses, a certificate made here, and a page on how to trust it.",
)
@_option("--guide-port", type=int, help="Port of that page, which is plain HTTP.")
@_option(
    "--behind-proxy",
    is_flag=True,
    default=None,
    help="Behind a reverse proxy: trust its X-Forwarded-For, -Proto and -Host.",
)
@_option(
    "--engine",
    type=click.Choice(["auto", "numbers", "vosk"]),
    help="Recogniser; auto: the numbers network where it speaks the language, else Vosk.",
)
@_option(
    "--vosk-model",
    "vosk_models",
    multiple=True,
    callback=_models,
    metavar="LANGUAGE=MODEL",
    help="Folder or name of the Vosk model of a language; may be repeated.",
)
@_option("--numbers-model", type=click.Path(path_type=Path), help="File of the numbers network.")
@_option("--languages", "languages_dir", type=click.Path(path_type=Path), help="Folder with language files.")
@_option("--prompts", "prompts_dir", type=click.Path(path_type=Path), help="Folder with recorded prompts.")
@_option("--data", "data_dir", type=click.Path(path_type=Path), help="Folder for everything that the server stores.")
@_option("--database", "database_url", metavar="URL", help="postgresql://user@host/name in place of an SQLite file.")
@_option("--no-backups", is_flag=True, default=None, help="Make no daily backup of the SQLite file.")
@_option("--default-language", help="Language of the page when the browser's own is not served.")
@_option("--async-mode", type=click.Choice(["eventlet", "threading"]), help="Kind of concurrency.")
@_option("--max-sessions", type=int, help="How many may practise at the same time.")
@_option("--session-ttl-s", type=float, help="Seconds in which a drill without a connection can be resumed.")
@_option(
    "--duplex",
    type=click.Choice(["full", "half"]),
    help="full: answers over a prompt are heard; half: the microphone is closed while a prompt plays.",
)
@_option("--thinking-s", type=float, help="Seconds of silence before the first hint.")
@click.pass_context
def main(context: click.Context, /, **options: Any) -> None:
    """Serve the spoken multiplication tables, or run a command on the stored data.

    Each option can also be set as PAADAS_<OPTION>. Options come before the command.
    """
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.INFO)
    try:
        settings = Settings(**{name: value for name, value in options.items() if value not in (None, {})})
    except ValidationError as error:
        problems = (": ".join((*map(str, part["loc"]), part["msg"])) for part in error.errors())
        raise click.UsageError("; ".join(problems)) from None
    context.obj = settings
    if context.invoked_subcommand is None:
        serve(settings)


for command in COMMANDS:
    main.add_command(command)


def serve(settings: Settings) -> None:
    """Run the server until it is stopped. Raises ClickException with advice where it cannot start."""
    # First: visitors wait while the models are loaded, and a second server is refused before it touches anything.
    listener = listen_at(settings.host, settings.port)
    guide_listener = listen_at(settings.host, settings.guide_port) if settings.lan else None
    try:
        # Held until the process ends, however it ends.
        lock = lock_folder(settings.prepare_data_dir())
        server = create_app(settings)
        lan = Lan(settings, server, click.echo) if settings.lan else None
    except (SettingsError, FolderInUse, LanguageError, EngineError, StoreError, CertificateError) as error:
        raise click.ClickException(str(error)) from None
    server.start_tasks()
    if lan and guide_listener:
        lan.start_tasks(guide_listener)
    else:
        host = "localhost" if settings.host in HERE else settings.host
        click.echo(f"Paadas is ready: http://{f'[{host}]' if ':' in host else host}:{settings.port}")
    if (code := first_code(server.store)) is not None:
        click.echo(code_note(code))
    for number in STOPPING:
        signal.signal(number, partial(stop, server))
    with lock:
        server.concurrency.serve(
            server.app, listener, lan.tls if lan else None, server.connections, settings.behind_proxy
        )


def stop(server: Server, number: int, frame: object) -> NoReturn:
    """Stop at once: drills go on after the next start.

    Answers that wait for a database in trouble are lost: a message says so, and the exit code is 1.
    """
    for again in STOPPING:
        signal.signal(again, signal.SIG_DFL)  # a second signal ends the process at once
    systemd.notify(systemd.STOPPING)
    lost = server.writer.finish()
    if lost:
        click.echo(f"Lost: {lost} answers and drills that the database did not take. The log has the reason.", err=True)
    server.connections.say_goodbye()
    os._exit(1 if lost else 0)


def listen_at(host: str, port: int) -> socket.socket:
    """Listen at an address. Raises ClickException if another program serves the port, or the address is not ours."""
    try:
        return listen(host, port)
    except OSError as error:
        raise click.ClickException(
            f"cannot listen on {host}:{port} ({error.strerror}): stop what runs there or choose another port"
        ) from None
