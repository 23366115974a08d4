"""Whether the server can work: probes pass through its parts, and their findings are kept."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
# A probe without a result for this time is stuck. Answers that wait as long are of no use either.
STUCK_AFTER_MS = 10_000.0
# How late the loop's clock may be, and how long a later one is reported.
LATE_MS, TOLD_FOR_MS = 1000.0, 10_000.0
OK, STARTING, STUCK, FAILED, SLOW = "ok", "starting", "stuck", "failed", "slow"
DRAINING = "draining"


@dataclass(frozen=True, slots=True)
class Probe:
    """A check of one part of the server."""

    run: Callable[[], str | None]
    """Passes through the part and returns the code of its trouble, or None. It may block."""
    spawn: Callable[[Callable[[], None]], object]
    """Runs a task beside the loop."""
    every_ms: float = 2000.0
    """From one start to the next. A probe never runs twice at once."""
    stuck_after_ms: float | None = STUCK_AFTER_MS
    """None for a probe of unlimited duration."""


class Health:
    """Runs the probes and keeps their findings. Reading those costs nothing and never waits.

    `clock()` is in ms and only goes forward.
    """

    def __init__(self, probes: Mapping[str, Probe], clock: Callable[[], float]) -> None:
        self._probes = probes
        self._clock = clock
        self._found: dict[str, str] = {}
        self._told: dict[str, str] = {}
        self._began_at_ms: dict[str, float] = {}
        self._under_way: dict[str, float] = {}
        self._looked_at_ms: float | None = None
        self._late_at_ms = float("-inf")

    def look(self) -> None:
        """Start the probes that are due. The watched loop calls it every LOOK_EVERY_S."""
        now = self._clock()
        if self._lateness_ms(now) > LATE_MS:
            self._late_at_ms = now
        self._looked_at_ms = now
        for name, probe in self._probes.items():
            if name not in self._under_way and now >= self._began_at_ms.get(name, float("-inf")) + probe.every_ms:
                self._began_at_ms[name] = self._under_way[name] = now
                probe.spawn(lambda name=name: self._run(name))  # type: ignore[misc]
        self._tell()

    @property
    def findings(self) -> dict[str, str]:
        """The finding of each probe, and the state of the loop."""
        now = self._clock()
        found = {name: self._found_by(name, now) for name in self._probes}
        is_late = self._lateness_ms(now) > LATE_MS or now - self._late_at_ms < TOLD_FOR_MS
        loop = STARTING if self._looked_at_ms is None else SLOW if is_late else OK
        return found | {"loop": loop}

    @property
    def is_live(self) -> bool:
        """Whether every probe has come back, whatever its finding. A restart cures only what is stuck."""
        now = self._clock()
        timed = [name for name, probe in self._probes.items() if probe.stuck_after_ms is not None]
        return all(name in self._found and not self._is_stuck(name, now) for name in timed)

    def _run(self, name: str) -> None:
        try:
            found = self._probes[name].run() or OK
        except Exception:
            found = FAILED
            if self._found.get(name) != FAILED:
                logger.exception("the probe of the %s failed", name)
        self._found[name] = found
        self._under_way.pop(name)

    def _found_by(self, name: str, now: float) -> str:
        first = STARTING if self._probes[name].stuck_after_ms is not None else OK
        return STUCK if self._is_stuck(name, now) else self._found.get(name, first)

    def _is_stuck(self, name: str, now: float) -> bool:
        limit = self._probes[name].stuck_after_ms
        return limit is not None and now - self._under_way.get(name, now) > limit

    def _lateness_ms(self, now: float) -> float:
        return 0.0 if self._looked_at_ms is None else now - self._looked_at_ms - LOOK_EVERY_S * 1000

    def _tell(self) -> None:
        """Log what has changed."""
        for name, found in self.findings.items():
            before = self._told.get(name, OK)
            if found not in (before, STARTING):
                logger.log(logging.INFO if found == OK else logging.ERROR, "health of the %s: %s", name, found)
                self._told[name] = found
