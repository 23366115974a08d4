"""Work that repeats while the server runs."""

import logging
from collections.abc import Callable

logger = logging.getLogger(__name__)


def repeat(sleep: Callable[[float], object], every_s: float, action: Callable[[], object]) -> None:
    """Call `action` every `every_s` for ever, also after an error: the clock of the drills must not stop."""
    while True:
        sleep(every_s)
        try:
            action()
        except Exception:
            logger.exception("%s failed; it is tried again", getattr(action, "__qualname__", action))
