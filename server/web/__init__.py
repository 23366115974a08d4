"""The edge: pages, sockets and sessions. Knows HTTP and Socket.IO, decides nothing about the drill."""
