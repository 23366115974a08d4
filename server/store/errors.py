"""The errors of the store."""

import sqlite3

from sqlalchemy.exc import DBAPIError

# SQLSTATE of PostgreSQL -> our code: disk_full; lock_not_available, deadlock, serialization, statement timeout.
_POSTGRES_CODES = {
    "53100": "store_full",
    "55P03": "store_locked",
    "40P01": "store_locked",
    "40001": "store_locked",
    "57014": "store_locked",
}
# The low byte of an SQLite error is its kind; the bytes above it are details.
_SQLITE_CODES = {
    sqlite3.SQLITE_FULL: "store_full",
    sqlite3.SQLITE_BUSY: "store_locked",
    sqlite3.SQLITE_LOCKED: "store_locked",
}


class StoreError(Exception):
    """The store cannot do this. `code` is for programs, the message says what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class FileError(StoreError):
    """A file cannot be imported. `code` is bad_row for a fault in a row, else bad_file.

    `reason` selects a text in the reader's language: kind, damaged, not_ours, version, no_table, columns, row,
    too_large, too_many_rows. `values` fill that text, such as table and row.
    """

    def __init__(self, reason: str, message: str, **values: str | int) -> None:
        super().__init__("bad_row" if reason == "row" else "bad_file", message)
        self.reason, self.values = reason, values


def trouble_code(error: Exception) -> str:
    """Return the code of a database error: `store_full`, `store_locked`, or `store_failed` for all others."""
    original = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(original, sqlite3.Error):
        return _SQLITE_CODES.get(getattr(original, "sqlite_errorcode", 0) & 0xFF, "store_failed")
    return _POSTGRES_CODES.get(getattr(original, "sqlstate", None) or "", "store_failed")
