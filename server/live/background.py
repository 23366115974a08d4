"""What goes on for as long as the server runs."""

import logging
from collections.abc import Callable

logger = logging.getLogger(__name__)


def repeat(sleep: Callable[[float], object], every_s: float, action: Callable[[], object]) -> None:
    """Never returns. What failed is tried again next time: a clock that stood still would be missed by every drill."""
    while True:
        sleep(every_s)
        try:
            action()
        except Exception:
            logger.exception("%s failed; it is tried again", getattr(action, "__qualname__", action))
