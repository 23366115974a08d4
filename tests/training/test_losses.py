"""The network's losses. Needs PyTorch, which only the training installs."""

import math

import pytest

torch = pytest.importorskip("torch")

from server.asr.numbers.vocabulary import CLASSES, HUNDREDS, LANGUAGES, NONE  # noqa: E402
from training.losses import listeners, meaning_loss, sounds_loss  # noqa: E402
from training.model import Meaning, NumbersNetwork  # noqa: E402
from training.views import Target  # noqa: E402

pytestmark = pytest.mark.torch


def meaning(last: dict[tuple[int, int], float], hundreds: dict[tuple[int, int], float] | None = None) -> Meaning:
    """Return the logits of one utterance: 0 except at (block, class)."""
    lasts = torch.zeros(1, len(LANGUAGES), CLASSES)
    above = torch.zeros(1, len(LANGUAGES), HUNDREDS)
    for (block, which), value in last.items():
        lasts[0, block, which] = value
    for (block, which), value in (hundreds or {}).items():
        above[0, block, which] = value
    return Meaning(lasts, above, torch.full((1, len(LANGUAGES)), -20.0))


def loss(found: Meaning, target: Target) -> float:
    return float(meaning_loss(found, [target]))


def test_each_language_is_heard_in_its_own_block_and_english_everywhere() -> None:
    assert listeners() == [(0,), (1, 0), (2, 0)]


@pytest.mark.parametrize(("language", "block"), [("en", 0), ("hi", 1), ("mr", 2)])
def test_what_is_said_is_learnt_in_the_block_of_its_language(language: str, block: int) -> None:
    target = Target(language, 56, 0)
    own = loss(meaning({(block, 56): 12}), target)
    for other in {0, 1, 2} - {block}:
        assert own < loss(meaning({(other, 56): 12}), target) - 1
    assert own < loss(meaning({(block, 57): 12}), target) - 1


def test_hundreds_count_for_numbers_only() -> None:
    right, wrong = meaning({(2, 56): 12}, {(2, 1): 9}), meaning({(2, 56): 12}, {(2, 3): 9})
    assert loss(right, Target("mr", 56, 1)) < loss(wrong, Target("mr", 56, 1)) - 1
    assert loss(right, Target("mr")) == pytest.approx(loss(wrong, Target("mr")))


def test_english_hears_nothing_in_hindi_but_hindi_may_hear_marathi() -> None:
    quiet = {(1, 56): 12.0}
    assert loss(meaning(quiet | {(0, NONE): 12}), Target("hi", 56, 0)) < loss(meaning(quiet), Target("hi", 56, 0))
    marathi = meaning(quiet | {(0, NONE): 12, (2, 56): 30})
    assert loss(marathi, Target("hi", 56, 0)) == pytest.approx(
        loss(meaning(quiet | {(0, NONE): 12}), Target("hi", 56, 0))
    )


def test_foreign_words_are_none_of_these_to_all_listeners() -> None:
    assert loss(meaning({(block, NONE): 12 for block in range(3)}), Target("")) < 0.1
    assert loss(meaning({(1, 5): 12}), Target("")) > 3


def test_an_objection_is_learnt_beside_the_number() -> None:
    calm, cross = meaning({(0, 56): 12}), meaning({(0, 56): 12})
    cross.appeal[0, 0] = 20
    assert loss(cross, Target("en", 56, 0, appeal=True)) < loss(calm, Target("en", 56, 0, appeal=True)) - 1


def test_sounds_count_only_where_they_are_known() -> None:
    logs = torch.full((2, 10, 4), math.log(0.25))
    assert float(sounds_loss(logs, [[], []])) == 0
    assert float(sounds_loss(logs, [[1, 2], []])) > 0


def test_the_network_gives_a_row_for_each_language() -> None:
    network = NumbersNetwork(sounds=30).eval()
    found, sounds = network(torch.zeros(2, 80, 64))
    assert [tuple(logits.shape) for logits in found] == [(2, 3, CLASSES), (2, 3, HUNDREDS), (2, 3)]
    assert sounds.shape == (2, 16, 30)
