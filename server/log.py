"""The log of the process, on its standard error."""

import logging


def begin(worker: str = "") -> None:
    """Begin to log. `worker` names this process in each line."""
    name = f"[{worker}] " if worker else ""
    logging.basicConfig(format=f"%(asctime)s %(levelname)s {name}%(name)s: %(message)s", level=logging.INFO)
