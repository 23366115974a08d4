"""What systemd hears of a service of its kind `Type=notify` (sd_notify(3))."""

import logging
import os
import socket

logger = logging.getLogger(__name__)

READY, ALIVE, STOPPING = "READY=1", "WATCHDOG=1", "STOPPING=1"
# For our own supervisor: what has to be done once is done.
PREPARED = "STATUS=prepared"


def notify(*states: str) -> None:
    """Send the states as one message. Does nothing where no service manager listens; never waits, never raises."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    # A name that begins with @ lies in no file system.
    target = f"\0{address[1:]}" if address.startswith("@") else address
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)
            sender.sendto("\n".join(states).encode(), target)
    except OSError as error:
        logger.warning("systemd was not told %s (%s)", states[0], error)
