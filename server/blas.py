"""Limit the threads of a matrix product. Imported before numpy, which reads the setting once."""

import os

# Many drills share few cores: a product that spreads over all of them and spins while it waits delays the others.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
