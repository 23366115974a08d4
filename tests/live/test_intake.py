"""Which audio is accepted. Time is virtual."""

import pytest

from server.live.intake import AHEAD_MS, AudioIntake, BadAudio


def chunk(duration_ms: int) -> bytes:
    return bytes(32 * duration_ms)


CHUNK = chunk(60)


def test_audio_in_real_time_is_let_in_for_ever() -> None:
    intake = AudioIntake()
    for seq in range(2000):
        accepted = intake.accept(seq, 60 * seq, CHUNK, now_ms=60 * seq + (40 if seq % 3 else 0))
        assert accepted is not None and (accepted.pcm, accepted.missing) == (CHUNK, 0)


@pytest.mark.parametrize(
    ("seq", "captured_ms", "pcm", "code"),
    [
        (0, 0, b"", "bad_audio"),
        (0, 0, CHUNK[:-1], "bad_audio"),
        (0, 0, chunk(19), "bad_audio"),
        (0, 0, chunk(201), "bad_audio"),
        (0, 0, "text", "bad_audio"),
        (0, 0, None, "bad_audio"),
        (0, 0, [0] * 960, "bad_audio"),
        ("0", 0, CHUNK, "bad_arguments"),
        (0, None, CHUNK, "bad_arguments"),
        (-1, 0, CHUNK, "bad_arguments"),
        (True, 0, CHUNK, "bad_arguments"),
        (0, float("nan"), CHUNK, "bad_arguments"),
        (0, 1.5, CHUNK, "bad_arguments"),
        (2**53, 0, CHUNK, "bad_arguments"),
        (10**400, 0, CHUNK, "bad_arguments"),
    ],
)
def test_what_is_no_audio_is_refused_and_changes_nothing(
    seq: object, captured_ms: object, pcm: object, code: str
) -> None:
    intake = AudioIntake()
    with pytest.raises(BadAudio) as refused:
        intake.accept(seq, captured_ms, pcm, 0)
    assert refused.value.code == code
    accepted = intake.accept(0, 0, CHUNK, 0)
    assert accepted is not None and accepted.missing == 0


@pytest.mark.parametrize("duration_ms", [20, 60, 200])
def test_chunks_of_20_to_200_ms_are_audio(duration_ms: int) -> None:
    assert AudioIntake().accept(0, 0, chunk(duration_ms), 0)


def test_repeats_are_ignored_and_gaps_are_counted() -> None:
    intake = AudioIntake()
    assert intake.accept(5, 0, CHUNK, 0)
    assert intake.accept(5, 0, CHUNK, 60) is None
    assert intake.accept(4, 0, CHUNK, 120) is None
    accepted = intake.accept(9, 240, CHUNK, 240)
    assert accepted is not None and accepted.missing == 3


def test_a_count_that_begins_anew_is_no_repeat() -> None:
    intake = AudioIntake()
    heard = [intake.accept(seq, 60 * seq, CHUNK, 60 * number) for number, seq in enumerate([0, 0, 1, 2, 0, 1, 2])]
    assert [accepted.missing if accepted else None for accepted in heard] == [0, None, 0, 0, 0, 0, 0]


@pytest.mark.parametrize("rate", [44_100, 48_000, 32_000])
def test_another_rate_is_noticed_by_how_fast_it_arrives(rate: int) -> None:
    intake = AudioIntake()
    pcm = bytes(2 * rate * 60 // 1000)
    with pytest.raises(BadAudio) as refused:
        for seq in range(100):
            intake.accept(seq, 60 * seq, pcm, 60.0 * seq)
    assert refused.value.code == "bad_rate"


def test_a_backlog_after_an_outage_is_dropped_and_told_as_missing() -> None:
    intake = AudioIntake()
    for seq in range(10):
        intake.accept(seq, 60 * seq, CHUNK, 60 * seq)
    # Four seconds of nothing, then all that was said in them at once, then normal operation.
    outage_ms = 4000
    backlog = [intake.accept(seq, 60 * seq, CHUNK, 600 + outage_ms) for seq in range(10, 76)]
    kept_ms = 60 * sum(accepted is not None for accepted in backlog)
    assert kept_ms <= AHEAD_MS
    after = [intake.accept(seq, 60 * seq, CHUNK, 60 * seq + 100) for seq in range(77, 97)]
    assert all(accepted is not None for accepted in after)
    assert sum(accepted.missing for accepted in after if accepted) == sum(accepted is None for accepted in backlog) + 1


@pytest.mark.parametrize("stall_ms", [500, 1000, 1900])
def test_what_a_stall_held_up_is_heard_late_and_whole(stall_ms: int) -> None:
    """The network or a busy server stalls, again and again."""
    intake, arrived_ms = AudioIntake(), 0.0
    for seq in range(400):
        arrived_ms = max(arrived_ms, 60.0 * seq)
        if seq % 80 == 50:
            arrived_ms += stall_ms
        accepted = intake.accept(seq, 60 * seq, CHUNK, arrived_ms)
        assert accepted is not None and accepted.missing == 0


def test_pauses_in_sending_are_no_fault() -> None:
    intake = AudioIntake()
    seq, now_ms = 0, 0.0
    for _ in range(20):
        for _ in range(30):
            # Capture times that count audio instead of time.
            assert intake.accept(seq, 60 * seq, CHUNK, now_ms)
            seq, now_ms = seq + 1, now_ms + 60
        now_ms += 3000


def test_what_could_not_be_heard_counts_as_missing() -> None:
    intake = AudioIntake()
    intake.accept(0, 0, CHUNK, 0)
    intake.lost()
    accepted = intake.accept(1, 60, CHUNK, 60)
    assert accepted is not None and accepted.missing == 1


@pytest.mark.parametrize("jump_ms", [-(10**9), -5000, 5000, 10**9])
def test_a_clock_that_jumps_is_not_believed(jump_ms: int) -> None:
    """The arrival of sound counts. Capture times are used only if much arrives at once."""
    intake = AudioIntake()
    for seq in range(400):
        captured_ms = 10**10 + 60 * seq + (jump_ms if seq >= 200 else 0)
        accepted = intake.accept(seq, captured_ms, CHUNK, 60 * seq)
        assert accepted is not None and accepted.missing == 0


@pytest.mark.parametrize("clock_ms", [0, 2**53 - 1])
def test_a_clock_that_stands_still_is_no_wrong_rate(clock_ms: int) -> None:
    intake = AudioIntake()
    assert all(intake.accept(seq, clock_ms, CHUNK, 60 * seq) for seq in range(400))
