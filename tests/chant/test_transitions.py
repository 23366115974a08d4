"""Whatever happens, in whatever order: no way leads where none is, and no line is lost."""

import random

import pytest

from server.chant.dialogue import TRANSITIONS
from server.chant.progress import Mark
from server.dialogue import messages
from server.dialogue.settings import NoQuestion
from server.dialogue.state import Phase
from server.understanding.lexicon import Spoken

from .conftest import Recital


@pytest.mark.parametrize("seed", range(60))
def test_anything_at_any_time(seed: int) -> None:
    """Each step asserts its transition; what was right stays right."""
    chance, recital = random.Random(seed), Recital().start()
    right: set[int] = set()
    for _ in range(120):
        step = chance.choice(["chant", "pause", "end", "wait", "played", "command", "tap", "lost", "back", "echo"])
        line = chance.choice([recital.dialogue.progress.expected + 1, chance.randint(1, 10)])
        try:
            match step:
                case "chant" if recital.dialogue.ear == "open":
                    recital.chant(min(line, 10), is_right=chance.choice([True, True, False, None]))
                case "pause" if recital.dialogue.is_hearing:
                    recital.pause()
                case "end" if recital.dialogue.is_hearing:
                    recital.end()
                case "wait":
                    recital.wait(chance.choice([300, 3000, 10_000]))
                case "played":
                    recital.tell(messages.Played(recital.say.id))
                case "command":
                    recital.tell(messages.Commanded(chance.choice([Spoken.REPEAT, Spoken.SKIP, Spoken.APPEAL])))
                case "tap":
                    recital.tell(messages.Tapped(chance.choice([7 * line, 1])))
                case "lost":
                    recital.tell(messages.Disconnected())
                case "back":
                    recital.tell(messages.Resumed())
                case "echo":
                    recital.tell(messages.EchoMeasured(100, chance.choice([-30.0, 0.0])))
        except NoQuestion:
            assert recital.phase in (Phase.SUSPENDED, Phase.FINISHED)
        if step in ("end", "lost", "back") or not recital.dialogue.is_hearing:
            now_right = {at for at, mark in enumerate(recital.marks) if mark is Mark.RIGHT}
            assert right <= now_right
            right = now_right
    assert set(TRANSITIONS) >= set(recital.phases)
