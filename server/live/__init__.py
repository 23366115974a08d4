"""The real-time side: what goes over the socket, and the drills behind it."""
