"""The two formats of a file: JSON with one table after the other, and a zip with a CSV file for each table."""

import csv
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from ..archive import require_short_list
from ..files import partial_of, private, put_in_place
from .errors import FileError, StoreError
from .rows import SINCE_VERSION, TABLES_OF_FILE

FORMAT, VERSION = "paadas", 2
# The longest valid row has some 500 characters. Without a limit, a line in a small zip could fill the memory.
LONGEST_LINE = 10_000
# A baseline of a hundred facts has 50,000 characters.
LONGEST_LINES = {"baselines": 500_000}
csv.field_size_limit(max(LONGEST_LINES.values()))
# Characters of a JSON file that are read at a time.
CHUNK = 64 * 1024
# One file for each table, and those that other programs add when they pack them again.
MOST_FILES = 100
# Unpacked. Two million answers, a school's year, take 360 MB of JSON or 160 MB of CSV.
LARGEST_FILE_BYTES = 2 * 1024**3
# Answers in CSV shrink to a sixth. A zip that unpacks to more than this for each byte is an attack.
LARGEST_RATIO = 100
Row = dict[str, Any]


class Sink(Protocol):
    """A file that takes tables."""

    def write(self, table: str, rows: Iterable[Row]) -> None: ...


class Source(Protocol):
    """A file that gives tables."""

    def read(self, table: str) -> Iterator[tuple[int, Any]]:
        """Yield the rows, each with the number under which a person finds it in the file."""


@contextmanager
def sink(path: Path) -> Iterator[Sink]:
    """Open `path`, .json or .zip, for writing. It replaces an older file once it is whole.

    Raises StoreError cannot_write, FileError.
    """
    kind = _kind(path)
    partial = partial_of(path)
    try:
        # It holds children's names: no other user may read it.
        with (
            open(partial, "wb", opener=private) as file,
            _JsonSink(file) if kind == ".json" else _CsvSink(file) as opened,
        ):
            yield opened
        put_in_place(partial, path)
    except OSError as error:
        raise StoreError("cannot_write", f"{path} cannot be written ({error.strerror or error})") from None
    finally:
        with suppress(OSError):
            partial.unlink()


@contextmanager
def source(path: Path) -> Iterator[Source]:
    """Open a file that `sink` wrote; rows are read one by one in little memory. Raises FileError."""
    try:
        if _kind(path) == ".json":
            _require_size(path, path.stat().st_size)
            with path.open(encoding="utf-8-sig") as file:
                yield _JsonSource(file, path)
        else:
            require_short_list(path, MOST_FILES)
            with zipfile.ZipFile(path) as archive:
                _require_harmless(archive, path)
                yield _CsvSource(archive)
    except OSError as error:
        raise FileError("damaged", f"{path} cannot be read ({error.strerror or error})") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError) as error:
        raise FileError("damaged", f"{path} is damaged ({error})") from None


def _kind(path: Path) -> str:
    if path.suffix not in (".json", ".zip"):
        raise FileError("kind", f"{path.name}: the name must end in .json, or in .zip for tables in CSV")
    return path.suffix


def _require_size(path: Path, size_bytes: int) -> None:
    if size_bytes > LARGEST_FILE_BYTES:
        limit_mb = LARGEST_FILE_BYTES // 1024**2
        raise FileError("too_large", f"{path} holds more than {limit_mb} MB: export class by class", mb=limit_mb)


def _require_harmless(archive: zipfile.ZipFile, path: Path) -> None:
    """Check the sizes in a zip's directory: zipfile unpacks no more than they say. Raises FileError."""
    tables = [entry for entry in archive.infolist() if entry.filename.removesuffix(".csv") in TABLES_OF_FILE]
    _require_size(path, sum(entry.file_size for entry in tables))
    for entry in tables:
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise FileError("damaged", f"{entry.filename} is packed in an unusual way: pack the files with deflate")
        if entry.file_size > LARGEST_RATIO * max(entry.compress_size, LONGEST_LINE):
            raise FileError("damaged", f"{entry.filename} is {LARGEST_RATIO} times as large as when it is packed")


class _JsonSink:
    """Writes one row a line: two exports can be compared line by line."""

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
        # A fixed date: the same data makes the same file.
        entry = zipfile.ZipInfo(f"{table}.csv", (2000, 1, 1, 0, 0, 0))
        entry.compress_type = zipfile.ZIP_DEFLATED
        # The byte order mark tells spreadsheets that it is UTF-8.
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
    """Reads one JSON document with its tables in order, twice if needed."""

    def __init__(self, file: io.TextIOWrapper, path: Path) -> None:
        self._file, self._path = file, path
        self._json = _JsonText(file)
        self._version = VERSION

    def read(self, table: str) -> Iterator[tuple[int, Any]]:
        """Yield the rows, counted from 1. Raises FileError."""
        tables = list(TABLES_OF_FILE)
        if table == tables[0]:
            self._begin()
        if SINCE_VERSION.get(table, 1) > self._version:
            if table == tables[-1]:
                self._end()
            return
        if self._next_key() != table or not self._json.take("["):
            order = ", ".join(tables)
            raise FileError("no_table", f"{self._path} has no list of {table}; the order is {order}", table=table)
        number = 0
        while not self._json.take("]"):
            if number and not self._json.take(","):
                raise FileError("row", f"{table}, row {number}: no comma follows it", table=table, row=number)
            number += 1
            try:
                row = self._json.value(LONGEST_LINES.get(table, LONGEST_LINE))
            except (ValueError, RecursionError) as error:
                raise FileError(
                    "row", f"{table}, row {number}: it cannot be read ({error})", table=table, row=number
                ) from None
            yield number, row
        if table == tables[-1]:
            self._end()

    def _begin(self) -> None:
        self._file.seek(0)
        self._json, head = _JsonText(self._file), dict[str, Any]()
        if self._json.take("{"):
            # No other keys come before the first table.
            while len(head) < 2 and (key := self._next_key()) in ("format", "version"):
                head[key] = self._json.value()
        if head.get("format") != FORMAT:
            raise FileError("not_ours", f"{self._path} was not exported by Paadas")
        version = head.get("version")
        if type(version) is not int or not 1 <= version <= VERSION:
            raise FileError("version", f"{self._path} has version {version!r} of the format, not 1 to {VERSION}")
        self._version = version

    def _next_key(self) -> str | None:
        self._json.take(",")
        key = self._json.value() if self._json.letter() == '"' else None
        return key if isinstance(key, str) and self._json.take(":") else None

    def _end(self) -> None:
        if not self._json.take("}") or self._json.letter():
            raise FileError("damaged", f"{self._path} is damaged: something follows its last table")


class _JsonText:
    """Takes JSON values one by one from a text of any length."""

    def __init__(self, file: io.TextIOWrapper) -> None:
        self._file, self._text, self._at = file, "", 0
        self._decode = json.JSONDecoder().raw_decode

    def letter(self) -> str:
        """Return the next character that is not a space; an empty string at the end."""
        while True:
            at = _SPACES.match(self._text, self._at).end()  # type: ignore[union-attr]
            self._at = at
            if at < len(self._text):
                return self._text[at]
            if not self._fill():
                return ""

    def take(self, letter: str) -> bool:
        """Pass over the next character if it is this one; return whether it was."""
        is_next = self.letter() == letter
        self._at += is_next
        return is_next

    def value(self, longest: int = LONGEST_LINE) -> Any:
        """Return the next value, of at most `longest` characters. Raises ValueError, RecursionError."""
        self.letter()
        while len(self._text) - self._at <= longest and self._fill():
            pass
        try:
            value, end = self._decode(self._text, self._at)
        except json.JSONDecodeError as error:
            raise ValueError(error.msg) from None  # its position is one of the buffer, not of the file
        if end > self._at + longest:
            raise ValueError("it is too long")
        self._at = end
        return value

    def _fill(self) -> bool:
        more = self._file.read(CHUNK)
        self._text, self._at = self._text[self._at :] + more, 0
        return bool(more)


_SPACES = re.compile(r"[ \t\r\n]*")


class _CsvSource:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    def read(self, table: str) -> Iterator[tuple[int, Any]]:
        """Yield the rows, numbered as in a spreadsheet: the heading is row 1. Raises FileError."""
        try:
            raw = self._archive.open(f"{table}.csv")
        except KeyError:
            if table in SINCE_VERSION:
                return
            raise FileError("no_table", f"there is no {table}.csv in the zip file", table=table) from None
        wanted = list(TABLES_OF_FILE[table][1].model_fields)
        with raw, io.TextIOWrapper(raw, "utf-8-sig", newline="") as text:
            longest = LONGEST_LINES.get(table, LONGEST_LINE)
            lines = iter(lambda: text.readline(longest), "")
            rows = ((number, _cells(line, longest, table, number)) for number, line in enumerate(lines, 1))
            _, heading = next(rows, (1, []))
            if sorted(heading) != sorted(wanted):
                columns = ", ".join(wanted)
                raise FileError("columns", f"{table}.csv must have the columns {columns}", table=table, columns=columns)
            for number, cells in rows:
                if len(cells) != len(heading):
                    raise FileError(
                        "row", f"{table}, row {number}: {len(cells)} cells, not {len(heading)}", table=table, row=number
                    )
                yield number, {column: cell or None for column, cell in zip(heading, cells, strict=True)}


def _cells(line: str, longest: int, table: str, number: int) -> list[str]:
    """Split a row into cells. A row is one line, because no value has more than one. Raises FileError."""
    if len(line) >= longest:
        raise FileError("row", f"{table}, row {number}: it is too long", table=table, row=number)
    try:
        return next(csv.reader([line], strict=True), [])
    except csv.Error as error:
        raise FileError("row", f"{table}, row {number}: it is damaged ({error})", table=table, row=number) from None
