"""Notify systemd about the state of a `Type=notify` service (sd_notify(3))."""

import logging
import os
import socket

logger = logging.getLogger(__name__)

READY, ALIVE, STOPPING = "READY=1", "WATCHDOG=1", "STOPPING=1"
# For our own supervisor: see worker.prepare.
PREPARED = "STATUS=prepared"


def notify(*states: str) -> None:
    """Send the states as one message. Does nothing without a service manager; never waits, never raises."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    # An address that begins with @ is an abstract socket.
    target = f"\0{address[1:]}" if address.startswith("@") else address
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)
            sender.sendto("\n".join(states).encode(), target)
    except OSError as error:
        logger.warning("systemd was not told %s (%s)", states[0], error)
