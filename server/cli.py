"""The command line: settings from options or PAADAS_* variables, then the server, or what a command asks for.

The parts of the server and of the commands are loaded where they are needed: a supervisor of workers needs none.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from pydantic import ValidationError

from . import log
from .settings import Settings

Command = TypeVar("Command", bound=Callable[..., Any])


class Commands(click.Group):
    """Loads the commands when one is asked for."""

    def list_commands(self, context: click.Context) -> list[str]:
        return [command.name or "" for command in self._loaded()]

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        return next((command for command in self._loaded() if command.name == name), None)

    @staticmethod
    def _loaded() -> tuple[click.Command, ...]:
        from .commands import COMMANDS

        return COMMANDS


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


@click.group(cls=Commands, invoke_without_command=True)
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
    help="Behind a reverse proxy: trust its X-Forwarded-For, -Proto, -Host and -Prefix.",
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
@_option("--message-queue", metavar="URL", help="redis://host of a Redis or Valkey, by which servers tell each other.")
@_option("--no-backups", is_flag=True, default=None, help="Make no daily backup of the SQLite file.")
@_option("--default-language", help="Language of the page when the browser's own is not served.")
@_option("--async-mode", type=click.Choice(["eventlet", "threading"]), help="Kind of concurrency.")
@_option("--workers", type=int, help="How many processes serve the port together.")
@_option("--max-sessions", type=int, help="How many may practise at the same time, at all workers together.")
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
    log.begin()
    try:
        settings = Settings(**{name: value for name, value in options.items() if value not in (None, {})})
    except ValidationError as error:
        problems = (": ".join((*map(str, part["loc"]), part["msg"])) for part in error.errors())
        raise click.UsageError("; ".join(problems)) from None
    context.obj = settings
    if context.invoked_subcommand is None:
        serve(settings)


def serve(settings: Settings) -> None:
    """Serve until stopped, in this process or in several. Raises ClickException with advice if that cannot begin."""
    if settings.workers == 1:
        from .worker import serve_alone

        serve_alone(settings)
    else:
        from .supervisor import supervise

        supervise(settings)
