"""The two kinds of files: JSON, one table after the other; and CSV, a zip with a file for each table."""

import csv
import io
import json
import os
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from ..files import put_in_place
from ..zips import require_short_list
from .errors import StoreError
from .rows import TABLES_OF_FILE

FORMAT, VERSION = "paadas", 1
# The longest row that makes sense has some 500 letters. A small zip can hold a line that fills the memory.
LONGEST_LINE = 10_000
# One for each table, and what other programs add when they pack them again.
MOST_FILES = 100
Row = dict[str, Any]


class Sink(Protocol):
    def write(self, table: str, rows: Iterable[Row]) -> None: ...


class Source(Protocol):
    def read(self, table: str) -> Iterator[tuple[int, Any]]:
        """The rows, each with the number under which a person finds it in the file."""


def _bad_file(message: str) -> StoreError:
    return StoreError("bad_file", message)


@contextmanager
def sink(path: Path) -> Iterator[Sink]:
    """Writes to `path`, .json or .zip: an older file is replaced once the new one is whole. Raises StoreError."""
    kind = _kind(path)
    partial = path.with_name(f".{path.name}.partial")
    try:
        # Names of children: nobody else on the machine reads them.
        with open(partial, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            with (_JsonSink(file) if kind == ".json" else _CsvSink(file)) as opened:
                yield opened
        put_in_place(partial, path)
    except OSError as error:
        raise StoreError("cannot_write", f"{path} cannot be written ({error.strerror or error})") from None
    finally:
        with suppress(OSError):
            partial.unlink()


@contextmanager
def source(path: Path) -> Iterator[Source]:
    """Reads what `sink` wrote. Raises StoreError: bad_file."""
    try:
        if _kind(path) == ".json":
            yield _JsonSource(path)
        else:
            require_short_list(path, MOST_FILES)
            with zipfile.ZipFile(path) as archive:
                yield _CsvSource(archive)
    except OSError as error:
        raise _bad_file(f"{path} cannot be read ({error.strerror or error})") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError) as error:
        raise _bad_file(f"{path} is damaged ({error})") from None


def _kind(path: Path) -> str:
    if path.suffix not in (".json", ".zip"):
        raise _bad_file(f"{path.name}: the name must end in .json, or in .zip for tables in CSV")
    return path.suffix


class _JsonSink:
    """A row a line, so that two exports can be compared line by line."""

    def __init__(self, file: io.BufferedWriter) -> None:
        self._file = io.TextIOWrapper(file, "utf-8", newline="\n")

    def __enter__(self) -> "_JsonSink":
        self._file.write(f'{{"format": "{FORMAT}", "version": {VERSION}')
        return self

    def write(self, table: str, rows: Iterable[Row]) -> None:
        self._file.write(f',\n"{table}": [')
        for number, row in enumerate(rows):
            self._file.write(("," if number else "") + "\n" + json.dumps(row, ensure_ascii=False))
        self._file.write("]")

    def __exit__(self, *_: object) -> None:
        self._file.write("}\n")
        self._file.flush()
        self._file.detach()


class _CsvSink:
    def __init__(self, file: io.BufferedWriter) -> None:
        self._archive = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED)

    def __enter__(self) -> "_CsvSink":
        return self

    def write(self, table: str, rows: Iterable[Row]) -> None:
        # A fixed date: the same data make the same file.
        entry = zipfile.ZipInfo(f"{table}.csv", (2000, 1, 1, 0, 0, 0))
        entry.compress_type = zipfile.ZIP_DEFLATED
        # The mark at the start tells spreadsheets that it is UTF-8.
        raw = self._archive.open(entry, "w", force_zip64=True)
        with io.TextIOWrapper(raw, "utf-8-sig", newline="") as text:
            writer = csv.DictWriter(text, list(TABLES_OF_FILE[table][1].model_fields))
            writer.writeheader()
            writer.writerows({column: _cell(value) for column, value in row.items()} for row in rows)

    def __exit__(self, *_: object) -> None:
        self._archive.close()


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return " ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else value


class _JsonSource:
    """Raises StoreError: bad_file."""

    def __init__(self, path: Path) -> None:
        whole = json.loads(path.read_text("utf-8"))
        if not isinstance(whole, dict) or whole.get("format") != FORMAT:
            raise _bad_file(f"{path} was not exported by Paadas")
        if whole.get("version") != VERSION:
            raise _bad_file(f"{path} has version {whole.get('version')!r} of the format, this program reads {VERSION}")
        for table in TABLES_OF_FILE:
            if not isinstance(whole.get(table), list):
                raise _bad_file(f"{path} has no list of {table}")
        self._tables = whole

    def read(self, table: str) -> Iterator[tuple[int, Any]]:
        """Counted from 1."""
        return enumerate(self._tables[table], 1)


class _CsvSource:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    def read(self, table: str) -> Iterator[tuple[int, Any]]:
        """Numbered as in a spreadsheet: the heading is row 1. Raises StoreError: bad_file."""
        try:
            raw = self._archive.open(f"{table}.csv")
        except KeyError:
            raise _bad_file(f"there is no {table}.csv in the zip file") from None
        wanted = list(TABLES_OF_FILE[table][1].model_fields)
        with raw, io.TextIOWrapper(raw, "utf-8-sig", newline="") as text:
            rows = (_cells(line, table) for line in iter(lambda: text.readline(LONGEST_LINE), ""))
            heading = next(rows, [])
            if sorted(heading) != sorted(wanted):
                raise _bad_file(f"{table}.csv must have the columns {', '.join(wanted)}")
            for number, cells in enumerate(rows, 2):
                if len(cells) != len(heading):
                    raise StoreError("bad_row", f"{table}, row {number}: {len(cells)} cells, not {len(heading)}")
                yield number, {column: cell or None for column, cell in zip(heading, cells)}


def _cells(line: str, table: str) -> list[str]:
    """A row is a line, since no value has more than one. Raises StoreError: bad_file."""
    if len(line) >= LONGEST_LINE:
        raise _bad_file(f"{table}.csv has a row that is too long")
    try:
        return next(csv.reader([line], strict=True), [])
    except csv.Error as error:
        raise _bad_file(f"{table}.csv is damaged ({error})") from None
