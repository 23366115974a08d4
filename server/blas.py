"""How many threads a matrix product takes. Imported before numpy, which reads it once."""

import os

# Many drills share few cores: a product that spreads over all of them, and spins while it waits, holds up the others.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
