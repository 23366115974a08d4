"""Uploads. They are written to the data folder's disk without blocking other requests."""

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from flask import Flask, Request
from werkzeug.datastructures import FileStorage

# Written at a time, by a thread. Smaller files stay in memory.
CHUNK_BYTES = 1024 * 1024


class Upload:
    """A file that a thread writes chunk by chunk, because a disk may be slow; between chunks others get a turn.

    It is deleted when it is closed or forgotten.
    """

    def __init__(self, folder: Path, offload: Callable[..., Any]) -> None:
        self._file, self._offload = tempfile.NamedTemporaryFile(dir=folder), offload  # noqa: SIM115 (`close` closes it)
        self._waiting = bytearray()

    @property
    def path(self) -> Path:
        return Path(self._file.name)

    def write(self, content: bytes) -> int:
        self._waiting += content
        if len(self._waiting) >= CHUNK_BYTES:
            self._write_out()
        return len(content)

    def seek(self, place: int, whence: int = os.SEEK_SET) -> int:
        self._write_out()
        return self._file.seek(place, whence)

    def _write_out(self) -> None:
        content, self._waiting = bytes(self._waiting), bytearray()
        if content:
            self._offload(self._written, content)

    def _written(self, content: bytes) -> None:
        self._file.write(content)
        self._file.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def take_uploads(app: Flask, folder: Path, offload: Callable[..., Any]) -> None:
    """Store the files of all requests in `folder`."""

    class UploadingRequest(Request):
        def _get_file_stream(
            self,
            total_content_length: int | None,
            content_type: str | None,
            filename: str | None = None,
            content_length: int | None = None,
        ) -> IO[bytes]:
            if (total_content_length or CHUNK_BYTES) < CHUNK_BYTES:
                return super()._get_file_stream(total_content_length, content_type, filename, content_length)
            return Upload(folder, offload)  # type: ignore[return-value]

    app.request_class = UploadingRequest


def keep(file: FileStorage, path: Path) -> None:
    """Keep an uploaded file as `path`. Raises OSError."""
    if isinstance(file.stream, Upload):
        with suppress(OSError):  # some file systems have no links
            os.link(file.stream.path, path)
            return
    file.save(path)
