"""Whether the server can do its work: probes that pass through its parts, and what they found."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
# A probe that does not come back for so long is stuck. A queue of answers that takes longer helps nobody either.
STUCK_AFTER_MS = 10_000.0
# The clock of the loop may be late by so much; one that was later is told of for a while.
LATE_MS, TOLD_FOR_MS = 1000.0, 10_000.0
OK, STARTING, STUCK, FAILED, SLOW = "ok", "starting", "stuck", "failed", "slow"
DRAINING = "draining"


@dataclass(frozen=True, slots=True)
class Probe:
    """`run()` passes through a part of the server and returns what ails it, or None. It may block.

    `spawn(task)` runs a task beside the loop. The probe begins `every_ms` after it began last, but never twice at once.
    `stuck_after_ms`: None for a probe that takes its time.
    """

    run: Callable[[], str | None]
    spawn: Callable[[Callable[[], None]], object]
    every_ms: float = 2000.0
    stuck_after_ms: float | None = STUCK_AFTER_MS


class Health:
    """Sends the probes out, and remembers what they found. Asking for it costs nothing and waits for nobody.

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
        """Every LOOK_EVERY_S, by the loop that is watched: send out the probes whose time has come."""
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
        """What each probe found, and how the loop goes."""
        now = self._clock()
        found = {name: self._found_by(name, now) for name in self._probes}
        is_late = self._lateness_ms(now) > LATE_MS or now - self._late_at_ms < TOLD_FOR_MS
        loop = STARTING if self._looked_at_ms is None else SLOW if is_late else OK
        return found | {"loop": loop}

    @property
    def is_live(self) -> bool:
        """Whether every probe came back, whatever it found: a new start would cure what is stuck, and nothing else."""
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
        """What changed, on the terminal and in the journal."""
        for name, found in self.findings.items():
            before = self._told.get(name, OK)
            if found not in (before, STARTING):
                logger.log(logging.INFO if found == OK else logging.ERROR, "health of the %s: %s", name, found)
                self._told[name] = found
