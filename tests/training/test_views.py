"""How clips become views: the meaning of joined clips, and changes within their range."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from server.asr.numbers.features import FILTERS, MELS, log_mel
from server.asr.numbers.vocabulary import COMMANDS, NONE
from server.audio import SAMPLE_RATE
from training import corpus, views
from training.corpus import FIRST_CALIBRATING, Clip, held_out, load, save
from training.noises import filtered, noise
from training.phrases import Phrase
from training.views import (
    WARPED,
    WINDOW_FRAMES,
    Composer,
    Target,
    batch,
    crowd,
    padded,
    reverberant,
    stretched,
    target_of,
    telephone,
    whispered,
)

RNG = np.random.default_rng(0)


def clip(says: str, language: str = "en", speaker: str = "kokoro-1", seconds: float = 0.5) -> Clip:
    pitch = 120 + sum(map(ord, says))
    samples = np.sin(2 * np.pi * pitch * np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE)
    return Clip(Phrase(language, says, says), speaker, (samples * 20000).astype(np.int16))


CLIPS = [clip(says) for says in ("50", "6", "48", "100", "156", "no", "repeat", "appeal", "lead", "tail", "other")]


@pytest.mark.parametrize(
    ("says", "target"),
    [
        ("0", (0, 0)),
        ("56", (56, 0)),
        ("100", (0, 1)),
        ("156", (56, 1)),
        ("400", (0, 4)),
        ("repeat", (100, -1)),
        ("no", (105, -1)),
        ("lead", (NONE, -1)),
        ("other", (NONE, -1)),
    ],
)
def test_what_a_clip_means(says: str, target: tuple[int, int]) -> None:
    found = target_of(clip(says))
    assert (found.last, found.hundreds) == target
    assert found.language == "en"


def test_an_objection_is_one_and_a_far_language_is_none_of_ours() -> None:
    assert target_of(clip("appeal")).appeal
    assert target_of(clip("other", language="fr")).language == ""


def test_the_commands_follow_the_remainders_in_the_servers_order() -> None:
    assert [target_of(clip(name)).last for name in COMMANDS] == list(range(100, 100 + len(COMMANDS)))


@pytest.mark.parametrize(
    ("first", "second", "language", "meant"),
    [
        ("50", "6", "en", {56, 6}),  # fifty ... six; or "fifty, no, six"
        ("50", "6", "hi", {6}),  # Hindi has no such number
        ("48", "56", "en", {56}),
        ("100", "56", "mr", {156, 56}),
        ("6", "50", "en", {50}),
    ],
)
def test_of_two_numbers_the_last_counts_unless_they_are_one(
    first: str, second: str, language: str, meant: set[int]
) -> None:
    clips = [clip(first, language), clip("no", language), last := clip(second, language)]
    composer = Composer([*clips, clip("7", language, speaker="kokoro-2")], seed=1)
    composer._by_speaker["kokoro-1", "small"] = clips[:1]
    composer._by_speaker["kokoro-1", "large"] = clips[:1]
    found = {
        target.last + 100 * target.hundreds
        for _, target in (composer._second_thoughts(last, np.ones(100, np.float32), target_of(last)) for _ in range(40))
    }
    assert found == meant


@pytest.mark.parametrize(
    ("hundred", "number", "meant"),
    [
        (("mr", "दोनशे", "200"), ("mr", "छप्पन्न", "56"), 256),
        (("hi", "तीन सौ", "300"), ("hi", "सात", "7"), 307),
        (("en", "two hundred", "200"), ("en", "fifty six", "56"), 256),
        (("mr", "शंभर", "100"), ("mr", "छप्पन्न", "56"), 156),
        (("mr", "छप्पन्न", "56"), ("mr", "दोनशे", "200"), 200),
        (("hi", "दो सौ", "200"), ("hi", "शून्य", "0"), 0),
    ],
)
def test_hundreds_go_before_a_number_where_it_is_said_so(
    hundred: tuple[str, str, str], number: tuple[str, str, str], meant: int
) -> None:
    before, after = (Clip(Phrase(*one), "kokoro-1", clip("6").samples) for one in (hundred, number))
    composer = Composer([before, after], seed=1)
    samples, target = composer._above_100(after, after.samples.astype(np.float32), target_of(after))
    assert target.last + 100 * target.hundreds == meant
    joined = meant != int(after.phrase.says)
    assert target.texts == ((f"{before.phrase.text} {after.phrase.text}",) if joined else (after.phrase.text,))
    assert (len(samples) > 1.7 * len(after.samples)) == joined


@pytest.mark.parametrize("says", ["6", "156"])
def test_words_may_follow_a_number(says: str) -> None:
    number, tail = clip(says), clip("tail")
    composer = Composer([number, tail], seed=1)
    before, after = (np.trim_zeros(one.samples) / np.float32(32768) for one in (number, tail))

    def follows(samples: np.ndarray) -> bool:
        rest = np.trim_zeros(np.trim_zeros(samples)[len(before) :])
        return len(rest) > 100 and np.array_equal(rest[:100], after[:100])

    assert any(follows(composer._utterance(number)[0]) for _ in range(200))


def test_views_are_what_the_server_could_see() -> None:
    composer = Composer(CLIPS, seed=2)
    views = [composer.draw() for _ in range(120)]
    for view in views:
        assert view.mel.shape[0] == MELS and view.mel.shape[1] % 4 == 0 and view.mel.shape[1] <= WINDOW_FRAMES
        assert np.isfinite(view.mel).all() and view.mel.max() < 3
    kinds = {(view.target.last, view.target.hundreds) for view in views}
    assert {(6, 0), (56, 1), (NONE, -1)} <= kinds


def test_what_is_cut_short_ends_within_its_number() -> None:
    number = clip("56")
    composer = Composer([number, clip("lead"), clip("48")], seed=1)
    pieces = sliding_window_view(number.samples / np.float32(32768), 100)
    for _ in range(200):
        samples, target, whole = composer._utterance(number)
        if not whole:
            assert (target.last, target.texts) == (56, ())
            assert (pieces == samples[-100:]).all(axis=1).any()


def test_in_noise_the_surroundings_are_wide(monkeypatch: pytest.MonkeyPatch) -> None:
    composer, sizes_s = Composer(CLIPS, seed=3), []

    def silence(size: int) -> np.ndarray:
        sizes_s.append(size / SAMPLE_RATE)
        return np.zeros(size, np.float32)

    monkeypatch.setattr(composer, "_background", silence)
    for _ in range(100):
        composer.render(np.ones(SAMPLE_RATE // 2, np.float32), target_of(CLIPS[0]))
    assert min(sizes_s) < 0.7 and 1.5 < max(sizes_s) < 2.2


def test_the_same_seed_draws_the_same_views() -> None:
    one, two = (Composer(CLIPS, seed=4).draw() for _ in range(2))
    assert one.target == two.target
    np.testing.assert_array_equal(one.mel, two.mel)


def test_others_talk_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "_SAME_CROWD", 2)
    composer = Composer(CLIPS, seed=4)
    composer.draw()
    crowd_at_first = composer._babble
    composer.draw()
    assert not np.array_equal(composer._babble, crowd_at_first)


def test_what_tables_ask_for_is_drawn_twice_as_often() -> None:
    np.testing.assert_allclose(views._weights([clip("60"), clip("59"), clip("7")]), np.cumsum([0.4, 0.2, 0.4]))


def test_a_batch_fills_up_with_silence() -> None:
    composer = Composer(CLIPS, seed=5)
    views = [composer.draw() for _ in range(6)]
    together = batch(views)
    assert together.shape == (6, MELS, max(view.mel.shape[1] for view in views))
    for row, view in zip(together, views, strict=True):
        assert (row[:, view.mel.shape[1] :] == view.mel.min()).all()


def test_an_unwarped_throat_is_the_servers_own() -> None:
    middle = WARPED[int(np.argmin([np.abs(filters - FILTERS).sum() for filters in WARPED]))]
    samples = RNG.standard_normal(SAMPLE_RATE).astype(np.float32) * 0.1
    assert np.abs(log_mel(samples, middle.astype(np.float32)) - log_mel(samples)).mean() < 0.02


def test_a_shorter_throat_raises_what_is_heard() -> None:
    tone = np.sin(2 * np.pi * 1000 * np.arange(SAMPLE_RATE) / SAMPLE_RATE).astype(np.float32)
    loudest = [int(log_mel(tone, filters.astype(np.float32)).mean(axis=1).argmax()) for filters in WARPED]
    assert loudest == sorted(loudest) and loudest[0] < loudest[-1]


def test_what_has_no_room_in_a_raised_voice_is_left_out() -> None:
    hiss = np.sin(2 * np.pi * 7000 * np.arange(SAMPLE_RATE) / SAMPLE_RATE).astype(np.float32)
    assert np.abs(stretched(hiss, 1 / 1.6)).max() < 0.1  # 11.2 kHz: else it would sound as 4.8
    assert np.abs(stretched(hiss, 1 / 1.1)).max() > 0.5


def test_stretching_changes_length_and_pitch_alike() -> None:
    tone = np.sin(2 * np.pi * 500 * np.arange(SAMPLE_RATE) / SAMPLE_RATE).astype(np.float32)
    faster = stretched(tone, 1 / 1.5)
    assert len(faster) == pytest.approx(SAMPLE_RATE / 1.5, abs=2)
    peak = np.abs(np.fft.rfft(faster, SAMPLE_RATE)).argmax()
    assert peak == pytest.approx(750, abs=3)


def test_a_telephone_lets_no_treble_through() -> None:
    hiss = telephone(RNG.standard_normal(SAMPLE_RATE).astype(np.float32), np.random.default_rng(1))
    spectrum = np.abs(np.fft.rfft(hiss)) ** 2
    assert spectrum[7200:].sum() < 1e-4 * spectrum.sum()


def test_a_filter_keeps_its_band() -> None:
    spectrum = np.abs(np.fft.rfft(filtered(RNG.standard_normal(SAMPLE_RATE), 300, 3400)))
    assert spectrum[320:3380].mean() > 100 * spectrum[3500:].mean()


@pytest.mark.parametrize("change", [reverberant, whispered, telephone])
def test_no_room_or_microphone_makes_it_longer_or_breaks_it(change: Callable[..., np.ndarray]) -> None:
    samples = CLIPS[0].samples / np.float32(32768)
    changed = change(samples, np.random.default_rng(3))
    assert 0.9 * len(samples) <= len(changed) <= len(samples) and np.isfinite(changed).all() and changed.std() > 0


def test_noises_have_the_loudness_that_they_promise() -> None:
    rng = np.random.default_rng(6)
    for _ in range(60):
        samples = noise(int(rng.integers(3000, 40_000)), rng)
        assert np.isfinite(samples).all()
        assert np.sqrt(np.mean(samples**2)) == pytest.approx(1, abs=0.01)


def test_a_crowd_is_as_loud_as_noise() -> None:
    voices = crowd(CLIPS, SAMPLE_RATE * 2, np.random.default_rng(0))
    assert np.sqrt(np.mean(voices**2)) == pytest.approx(1, abs=0.01)


def test_what_is_too_long_loses_its_beginning() -> None:
    mel = np.arange(400, dtype=np.float32)[None].repeat(MELS, axis=0)
    assert padded(mel)[0, -1] == 399 and padded(mel).shape[1] == WINDOW_FRAMES


def test_clips_are_stored_and_found_again(tmp_path: Path) -> None:
    save(tmp_path / "00001.npz", CLIPS[:2])
    save(tmp_path / "00002.npz", [])
    found = load(tmp_path)
    assert [(one.phrase, one.speaker) for one in found] == [(one.phrase, one.speaker) for one in CLIPS[:2]]
    np.testing.assert_array_equal(found[1].samples, CLIPS[1].samples)
    assert not list(tmp_path.glob("*.partial"))


def test_calibrating_speakers_do_not_measure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus, "FOLDER", tmp_path)
    (tmp_path / "held-out").mkdir()
    names = [f"kokoro-{number}" for number in (0, FIRST_CALIBRATING - 1, FIRST_CALIBRATING)]
    save(tmp_path / "held-out" / "00000.npz", [clip("6", speaker=name) for name in names])
    measure, calibrate = held_out()
    assert [one.speaker for one in measure] == names[:2] and [one.speaker for one in calibrate] == names[2:]


def test_targets_of_foreign_languages_are_none_of_these() -> None:
    assert Target("") == Target("", NONE, -1, False, ())
