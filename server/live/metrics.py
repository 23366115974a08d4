"""What an operator can watch, in Prometheus' form. With `--workers` each figure is of all of them together."""

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

SESSIONS = Gauge(
    "paadas_sessions", "Drills that are going on, or whose learner may come back", multiprocess_mode="livesum"
)
VERDICTS = Counter("paadas_verdicts", "Judged utterances and silences", ["language", "verdict"])
DROPPED_CHUNKS = Counter("paadas_dropped_chunks", "Chunks of audio dropped because the drill was too far behind")
REFUSALS = Counter("paadas_refusals", "Messages answered with an error", ["code"])
DECISION_SECONDS = Histogram(
    "paadas_decision_seconds",
    "From the arrival of what ended a turn to the verdict that leaves",
    buckets=(0.005, 0.01, 0.02, 0.04, 0.08, 0.12, 0.25, 0.5, 1, 2),
)
STORE_PENDING = Gauge(
    "paadas_store_pending", "Answers that wait for a database in trouble", multiprocess_mode="livesum"
)
STORE_LOST = Gauge(
    "paadas_store_lost", "Answers that found no room to wait, or that no database takes", multiprocess_mode="sum"
)
LOOP_LAG_SECONDS = Histogram(
    "paadas_loop_lag_seconds",
    "How late the server's clock ticks: what every message waits",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1),
)
HEALTHY = Gauge(
    "paadas_healthy",
    "1 where a part of a worker is well, as its /healthz tells",
    ["worker", "part"],
    multiprocess_mode="livemin",
)
WORKERS = Gauge("paadas_workers", "Processes that serve", multiprocess_mode="livesum")
HANG_UPS = Counter("paadas_hang_ups", "Connections refused or hung up on, for the sake of the others", ["reason"])


def exposition() -> bytes:
    """Return all figures in Prometheus' text format. With several workers it reads the file of each."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest()
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    return generate_latest(together)
