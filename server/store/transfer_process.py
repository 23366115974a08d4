"""Export or import a file in a process of its own, which transfers.py starts.

The order is a line of JSON on the standard input. Progress goes to the standard output, a line of JSON each.
"""

import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DBAPIError

from .database import PATIENT_BUSY_MS, make_engine
from .errors import FileError, StoreError, trouble_code
from .exchange import export_file, import_file

# Drills have priority.
NICE = 10


def main() -> None:
    """Read the order, carry it out, and tell the result."""
    order = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_the_server, daemon=True).start()
    os.nice(NICE)
    try:
        tell(phase="done", read=carry_out(**order))
    except FileError as error:
        tell(phase="failed", reason=error.reason, values=error.values, message=str(error))
    except StoreError as error:
        tell(phase="failed", reason=error.code, message=str(error))
    except DBAPIError as error:
        tell(phase="failed", reason=trouble_code(error), message=str(error.orig))


def carry_out(url: str, kind: str, path: str, class_name: str | None) -> dict[str, int]:
    """Run the transfer. Returns the rows of each imported table. Raises StoreError, FileError, DBAPIError."""
    engine = make_engine(url, PATIENT_BUSY_MS)
    if kind == "export":
        export_file(engine, Path(path), class_name, lambda rows: tell(more=rows))
        return {}

    def checked(total: int) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # an import that writes is finished
        tell(phase="writing", total=total)

    return import_file(engine, Path(path), lambda rows: tell(more=rows), checked)


def tell(**news: Any) -> None:
    """Write a line of progress."""
    print(json.dumps(news), flush=True)


def _end_with_the_server() -> None:
    """End this process when the server closes its end of the standard input."""
    sys.stdin.read()
    os._exit(1)


if __name__ == "__main__":
    main()
