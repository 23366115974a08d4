"""The operator's commands on the stored data. Each finds the settings in its context."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from tqdm import tqdm

from . import security
from .app import pictures_in
from .clock import utc_ms
from .drill.dates import DAY_MS
from .files import FolderInUse, lock_folder
from .lan.addresses import ANY, names_of
from .lan.certificates import LAN_FOLDER, CertificateError, new_authority
from .names import require_name
from .settings import Settings, SettingsError
from .store import backups, database
from .store.clock_steps import ClockSteps, suspects
from .store.errors import StoreError, trouble_code
from .store.exchange import export_file, import_file
from .store.records import Learner
from .store.sessions import Sessions
from .store.store import Store
from .web.teacher.access import first_code, forget
from .web.teacher.recordings import forget_learner

FILE = click.Path(path_type=Path, dir_okay=False)


@contextmanager
def opened(settings: Settings) -> Iterator[Engine]:
    """Open the database of the settings, waiting long for its lock. Raises ClickException with advice.

    A server may use it meanwhile, so its tables are not migrated.
    """
    try:
        data_dir = settings.prepare_data_dir()
        security.keep_in(data_dir)
        engine = database.open_database(settings.database_url, data_dir, database.PATIENT_BUSY_MS, upgrade=False)
        yield engine
        engine.dispose()
    except (SettingsError, StoreError) as error:
        raise click.ClickException(str(error)) from None
    except DBAPIError as error:
        raise click.ClickException(f"the database is in trouble ({trouble_code(error)}): {error.orig}") from None


@contextmanager
def held(settings: Settings) -> Iterator[Path]:
    """Hold the data folder, which no server or other such command may use. Raises ClickException with advice."""
    try:
        data_dir = settings.prepare_data_dir()
        with lock_folder(data_dir):
            yield data_dir
    except (SettingsError, FolderInUse, StoreError, CertificateError) as error:
        raise click.ClickException(str(error)) from None


@click.command()
@click.pass_obj
def migrate(settings: Settings) -> None:
    """Migrate the tables of the database. With SQLite the server does so itself when it starts."""
    with held(settings) as data_dir:
        if settings.database_url is not None:
            database.migrate(database.make_engine(settings.database_url, database.PATIENT_BUSY_MS))
        else:
            database.open_database(None, data_dir, database.PATIENT_BUSY_MS).dispose()
    with opened(settings):
        click.echo("The tables are up to date.")


@click.command("export")
@click.argument("file", type=FILE)
@click.option("--class", "class_name", help="Only this class.")
@click.pass_obj
def export_command(settings: Settings, file: Path, class_name: str | None) -> None:
    """Write classes, learners and all their answers into FILE: .json, or .zip for tables in CSV."""
    with opened(settings) as engine, tqdm(unit=" rows", disable=None) as bar:
        export_file(engine, file, class_name, bar.update)
        security.note("export_done", address=security.HERE)
    click.echo(f"Written: {file}")


@click.command("import")
@click.argument("file", type=FILE)
@click.pass_obj
def import_command(settings: Settings, file: Path) -> None:
    """Add the rows of an exported FILE. Rows that exist already stay as they are."""
    with opened(settings) as engine, tqdm(desc="checked, then written", unit=" rows", disable=None) as bar:
        read = import_file(engine, file, bar.update)
        security.note("import_done", address=security.HERE, rows=sum(read.values()))
    click.echo("Read: " + ", ".join(f"{count} {table}" for table, count in read.items()))


@click.command()
@click.argument("file", type=FILE)
@click.pass_obj
def backup(settings: Settings, file: Path) -> None:
    """Copy the SQLite database into FILE, also while the server runs. `restore` puts it back."""
    with opened(settings) as engine:
        backups.back_up(engine, file)
    click.echo(f"Written: {file}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def restore(settings: Settings, file: Path, yes: bool) -> None:
    """Replace the database by the backup FILE. Everything newer is lost. Stop the server first.

    FILE is checked first. What was there before is kept in a file beside the database.
    """
    if settings.database_url is not None:
        raise click.UsageError("only SQLite is put back this way: for PostgreSQL use pg_restore, or import")
    if not yes:
        click.confirm(f"Replace all learners and answers by those in {file}?", abort=True)
    with held(settings) as data_dir:
        kept = backups.put_back(file, data_dir)
        with opened(settings) as engine:
            Sessions(engine).end()  # logins of the time of the backup
            security.note("restored", address=security.HERE)
    click.echo("Put back." + (f" What was there before is kept in {kept}" if kept else ""))


@click.command("new-authority")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def new_authority_command(settings: Settings, yes: bool) -> None:
    """Make a new authority for --lan. Every tablet has to trust it once; the one from before is kept beside it."""
    if not yes:
        click.confirm(f"Is today {datetime.now():%d %B %Y}? Every tablet has to trust the new authority", abort=True)
    with held(settings) as data_dir:
        made = new_authority(data_dir / LAN_FOLDER, names_of(ANY), datetime.now(UTC))
    click.echo(f"Made. Fingerprint (SHA-256): {made.fingerprint}")


@click.group()
def clock() -> None:
    """Repair dates of answers that a wrong clock made."""


@clock.command("list")
@click.pass_obj
def clock_list(settings: Settings) -> None:
    """List the times when the clock may have been wrong, by its own dates, and by how much it was ahead."""
    with opened(settings) as engine:
        for suspect in suspects(ClockSteps(engine).open(), utc_ms()):
            first, last = (datetime.fromtimestamp(at / 1000) for at in (suspect.from_ms, suspect.until_ms))
            days = suspect.by_ms / DAY_MS
            click.echo(f"from {first:%Y-%m-%dT%H:%M} until {last:%Y-%m-%dT%H:%M}: {days:.2f} days ahead")


@clock.command("repair")
@click.option("--from", "first", type=click.DateTime(), required=True, help="As the wrong clock showed it.")
@click.option("--until", "last", type=click.DateTime(), required=True, help="As the wrong clock showed it.")
@click.option("--days-ahead", type=float, required=True, help="By how much it was ahead; negative: behind.")
@click.pass_obj
def clock_repair(settings: Settings, first: datetime, last: datetime, days_ahead: float) -> None:
    """Correct all dates of answers that the clock made in a period."""
    from_ms, until_ms = (round(moment.timestamp() * 1000) for moment in (first, last))
    with opened(settings) as engine:
        repaired = ClockSteps(engine).repair(from_ms, until_ms, round(days_ahead * DAY_MS))
    click.echo(f"Set right: {repaired} answers")


@click.group()
def learner() -> None:
    """Add, list or delete learners."""


def _name(context: click.Context, parameter: click.Parameter, text: str | None) -> str | None:
    try:
        return None if text is None else require_name(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@learner.command("add")
@click.argument("nickname", callback=_name)
@click.option("--class", "class_name", callback=_name, help="Its class; made where there is none of that name.")
@click.option("--picture", default="star", show_default=True, help="Short name of the picture to tap on.")
@click.option("--language", help="Code of its language; else the default language.")
@click.pass_obj
def add(settings: Settings, nickname: str, class_name: str | None, picture: str, language: str | None) -> None:
    """Add a learner. NICKNAME should not be a full name."""
    language = language or settings.default_language or "mr"
    if picture not in (pictures := pictures_in(settings.client_dir)):
        raise click.BadParameter(f"there is no picture {picture!r}; there are: {', '.join(pictures)}")
    with opened(settings) as engine:
        added = Store(engine).add_learner(nickname, picture, language, utc_ms(), class_name)
    click.echo(_line(added))


@learner.command("list")
@click.option("--class", "class_name", help="Only this class.")
@click.pass_obj
def list_command(settings: Settings, class_name: str | None) -> None:
    """List the learners: number, nickname, class, picture, language."""
    with opened(settings) as engine:
        for one in Store(engine).learners(class_name):
            click.echo(_line(one))


@learner.command()
@click.argument("who")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def delete(settings: Settings, who: str, yes: bool) -> None:
    """Delete the learner WHO (nickname or number) with all its answers and recordings. There is no undo."""
    with opened(settings) as engine:
        store = Store(engine)
        found = [one for one in store.learners() if who in (one.nickname, str(one.id))]
        if len(found) != 1:
            raise click.ClickException(
                f"{len(found)} learners are called {who}: " + ("give the number" if found else "see `learner list`")
            )
        if not yes:
            click.confirm(f"Delete {_line(found[0])} and all that it practised?", abort=True)
        forget_learner(store, settings.data_dir, found[0].id)
        security.note("learner_deleted", address=security.HERE, learner=found[0].id)
    click.echo(f"Deleted: {found[0].nickname}")


def _line(one: Learner) -> str:
    return "\t".join((str(one.id), one.nickname, one.class_name or "-", one.picture, one.language))


@click.group()
def teacher() -> None:
    """Passphrase and code of the teacher's pages."""


@teacher.command()
@click.pass_obj
def reset(settings: Settings) -> None:
    """Forget the passphrase; a new one can be set then. Learners and answers stay."""
    with opened(settings) as engine:
        forget(Store(engine))
        Sessions(engine).end()
        security.note("passphrase_reset", address=security.HERE)
        click.echo(f"The passphrase is forgotten. {code_note(first_code(Store(engine)))}")


@teacher.command("code")
@click.pass_obj
def code_command(settings: Settings) -> None:
    """Show the code that is needed to set the first passphrase."""
    with opened(settings) as engine:
        click.echo(code_note(first_code(Store(engine))))


def code_note(code: str | None) -> str:
    """Instructions for the teacher."""
    if code is None:
        return "The passphrase is set. If it is lost, see `teacher reset`."
    return f"To set the teacher's passphrase, open /teacher and give the code {code}."


COMMANDS = (migrate, export_command, import_command, backup, restore, new_authority_command, clock, learner, teacher)
