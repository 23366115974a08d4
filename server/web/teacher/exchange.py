"""What goes out and comes in as files."""

from typing import Protocol


class BadFile(Exception):
    """A file that cannot be read in; `detail` says what is wrong with it, for those who can mend it."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Exchange(Protocol):
    """Everything but the teacher's settings. All methods block."""

    def export_json(self) -> bytes: ...

    def export_csv(self) -> bytes: ...

    def read_in(self, name: str, content: bytes) -> int:
        """Add what is not there yet; returns how many answers were new. Raises BadFile, and then nothing was added."""
