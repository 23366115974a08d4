"""The socket that visitors come to, before anything is there to serve them."""

import os
import socket

# So many may wait to be let in: a class that opens the page at the same moment.
BACKLOG = 1024


def listen(host: str, port: int) -> socket.socket:
    """Listen at a port. Raises OSError if another program serves it."""
    # Never shared with another server (SO_REUSEPORT): visitors would come to either of them.
    return _listen(host, port, is_shared=False)


def reserve(host: str, port: int) -> socket.socket:
    """Reserve a port for `listen_beside`, without listening at it. Raises OSError if another program serves it."""
    listen(host, port).close()
    reserved = socket.socket(_family(host))
    reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    reserved.bind((host, port))
    return reserved


def listen_beside(host: str, port: int) -> socket.socket:
    """Listen at a reserved port. The kernel spreads the connections over all its sockets. Raises OSError."""
    return _listen(host, port, is_shared=True)


def _listen(host: str, port: int, is_shared: bool) -> socket.socket:
    listener = socket.create_server((host, port), family=_family(host), backlog=BACKLOG, reuse_port=is_shared)
    os.set_inheritable(listener.fileno(), False)
    return listener


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
