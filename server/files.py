"""Files that only the server's user may read, and files that go."""

import os
from contextlib import suppress
from pathlib import Path


def write_private(path: Path, content: bytes) -> None:
    """As a whole or not at all. Raises OSError."""
    partial = path.with_suffix(".partial")
    partial.unlink(missing_ok=True)  # one that was left lying there keeps its mode
    with open(partial, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(content)
    partial.replace(path)


def remove(path: Path) -> None:
    """Delete the file, and its folder if nothing else is in it; what is gone already is gone. Raises OSError."""
    path.unlink(missing_ok=True)
    with suppress(OSError):
        path.parent.rmdir()
