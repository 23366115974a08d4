#!/usr/bin/env python3
"""Starts Paadas: `python run.py --help`."""

import os

# Many drills share few cores: a matrix product that spreads over all of them, and spins while it waits, holds up the
# others. Must be set before numpy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from server.cli import main  # noqa: E402

if __name__ == "__main__":
    main()
