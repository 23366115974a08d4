"""A lag counts if it lasts; bursts, and a machine that slept, do not count."""

from hypothesis import given
from hypothesis import strategies as st

from server.live.lag import BEHIND_MS, STANDING_MS, Lag

TICK_MS = 50.0


def standing_after(lags_ms: list[float]) -> list[bool]:
    """Return whether the lag counts after each tick with this delay."""
    lag, now_ms, standing = Lag(), 0.0, []
    for late_ms in lags_ms:
        now_ms += TICK_MS + late_ms
        lag.note(late_ms, now_ms)
        standing.append(lag.is_standing(now_ms))
    return standing


def test_a_burst_does_not_count_however_long_it_takes() -> None:
    assert not any(standing_after([0.0] * 10 + [60_000.0] + [0.0] * 10))


def test_a_lag_that_stays_counts_until_it_is_gone() -> None:
    standing = standing_after([400.0] * 20 + [0.0] * 3)
    first = standing.index(True)
    assert first == -(-STANDING_MS // 450) and all(standing[first:20]) and not any(standing[20:])


@given(st.lists(st.floats(0, 5000), max_size=80))
def test_it_stands_only_where_every_tick_was_late_for_so_long(lags_ms: list[float]) -> None:
    behind_ms: float | None = None
    for late_ms, stands in zip(lags_ms, standing_after(lags_ms), strict=True):
        before_ms, behind_ms = behind_ms, None
        if late_ms >= BEHIND_MS:
            behind_ms = 0.0 if before_ms is None else before_ms + TICK_MS + late_ms
        assert stands is (behind_ms is not None and behind_ms >= STANDING_MS)
