"""How much of the server one visitor may take. All of it follows from how many may practise at the same time."""

import logging
import resource
from dataclasses import dataclass
from math import ceil

logger = logging.getLogger(__name__)

# A browser opens six connections at once for a page.
CONNECTIONS_PER_SESSION = 6
CLASS_SIZE = 40
SHARE = 0.75
# For the database, models, files and threads: where connections take every descriptor, no answer can be kept.
RESERVED_DESCRIPTORS = 96
MOST_DESCRIPTORS = 2**16

# A drill sends 17 chunks of audio a second and little else.
FRAMES_PER_S, FRAMES_BURST = 200.0, 400.0
# A frame counts once for each 4 kB: the same rule bounds bytes.
FRAME_BYTES = 4096
# Of all connections of an address together: for each of its drills, and besides.
DRILL_FRAMES_PER_S, OTHER_FRAMES_PER_S = 30.0, 100.0
LONGEST_PAUSE_S = 10.0

LARGEST_MESSAGE_BYTES = 64 * 1024
MOST_FRAGMENTS = 16
# Unread messages to one page.
MOST_UNREAD = 256

KEEP_ALIVE_S = 5.0
HEADER_S = 10.0
BODY_S, BODY_BYTES_PER_S = 10.0, 20_000
WRITE_S = 30.0
START_S = 30.0


def share(most: int) -> int:
    """How many of `most` one address may have: three quarters, and always a class."""
    return max(ceil(SHARE * most), min(most, CLASS_SIZE))


@dataclass(frozen=True, slots=True)
class Limits:
    """For `max_sessions` drills at once. An address is an IPv4 address, or the first half of an IPv6 address."""

    connections: int
    """At the same time, with and without a drill."""
    max_sessions: int

    @property
    def connections_per_address(self) -> int:
        return share(self.connections)

    @property
    def starts_per_minute(self) -> int:
        """New drills of an address, as many at once; always a class, whether or not there is room for it."""
        return max(share(self.max_sessions), CLASS_SIZE)

    @property
    def requests_per_s(self) -> float:
        """HTTP requests of an address, as many at once; those that come faster wait."""
        return max(100.0, float(self.max_sessions))


def limits_for(max_sessions: int, descriptors: int) -> Limits:
    """Return the limits for this many sessions and file descriptors; warns if the descriptors are too few."""
    wanted = CONNECTIONS_PER_SESSION * max_sessions + CLASS_SIZE
    possible = max(1, descriptors - RESERVED_DESCRIPTORS)
    if possible < max_sessions + CLASS_SIZE:
        logger.warning(
            "this process may open %d files, too few for --max-sessions %d: at most %d connections are served; "
            "raise the limit (ulimit -Hn, LimitNOFILE=)",
            descriptors,
            max_sessions,
            possible,
        )
    return Limits(min(wanted, possible), max_sessions)


def raise_descriptor_limit() -> int:
    """As many open files as the system lets this process have. Returns how many that are."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, MOST_DESCRIPTORS)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return wanted
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (OSError, ValueError):  # some systems name a limit that they do not grant
        return soft
    return wanted
