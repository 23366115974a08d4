"""Checks on zip archives from outside, made before they are opened."""

import zipfile
from pathlib import Path

# For one entry in the directory of a zip: its name and the notes of the program that wrote it.
BYTES_PER_FILE = 512
# A zip ends with a record of this size and a comment of at most 64 kB.
_END, _END_64, _END_BYTES = b"PK\x05\x06", b"PK\x06\x07", 22
_FARTHEST_END = _END_BYTES + 65_535


class TooManyFiles(zipfile.BadZipFile):
    """The zip lists more files than are allowed."""


def require_short_list(path: Path, most_files: int) -> None:
    """Check the size of a zip's directory, which zipfile reads into memory at once.

    Raises BadZipFile, TooManyFiles, OSError.
    """
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _FARTHEST_END))
        tail = file.read()
    at = len(tail) - _END_BYTES
    if tail[at : at + 4] != _END or tail[-2:] != bytes(2):
        at = tail.rfind(_END)
    if at < 0:
        raise zipfile.BadZipFile("it has no list of its files")
    size = int.from_bytes(tail[at + 12 : at + 16], "little")
    if size > BYTES_PER_FILE * most_files or tail[max(0, at - 20) : at].startswith(_END_64):
        raise TooManyFiles("there are too many files in it")
