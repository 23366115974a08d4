"""The socket that visitors come to, before anything is there to serve them."""

import os
import socket

# So many may wait to be let in: a class that opens the page at the same moment.
BACKLOG = 1024


def listen(host: str, port: int) -> socket.socket:
    """Raises OSError where somebody serves the port already."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Never shared with another server (SO_REUSEPORT): visitors would come to either of them.
    listener = socket.create_server((host, port), family=family, backlog=BACKLOG, reuse_port=False)
    os.set_inheritable(listener.fileno(), False)
    return listener
