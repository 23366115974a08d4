"""The same tests on SQLite and on a real PostgreSQL."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy

from server.store.database import make_engine, migrate
from server.store.store import Store
from tests.support.postgres import postgres_programs, running_postgres
from tests.support.programs import NotInstalled, do_without

NewDatabase = Callable[[], str]


@pytest.fixture(scope="session")
def postgres() -> Iterator[NewDatabase]:
    """Make empty databases on a PostgreSQL server of our own."""
    programs = postgres_programs()
    if programs is None:
        do_without(NotInstalled("PostgreSQL is not installed"))
    numbers = itertools.count()
    # Nothing here needs to survive a power cut.
    with running_postgres(programs, "fsync=off") as server:
        admin = sqlalchemy.create_engine(
            server.replace("postgresql", "postgresql+psycopg") + "postgres", isolation_level="AUTOCOMMIT"
        )

        def new() -> str:
            name = f"test{next(numbers)}"
            with admin.connect() as connection:
                connection.exec_driver_sql(f"CREATE DATABASE {name}")
            return server + name

        yield new
        admin.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of an empty database, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'test.sqlite3'}"
    return request.getfixturevalue("postgres")()


@pytest.fixture
def engine(url: str) -> Iterator[sqlalchemy.Engine]:
    engine = make_engine(url)
    migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def store(engine: sqlalchemy.Engine) -> Store:
    return Store(engine)
