"""Run whole drills in rooms where people talk: `python -m training.evaluate rooms FOLDER:LANGUAGE ... --talk FOLDER`.

Each drill is a real session in virtual time. In a share of all utterances another person talks at the open microphone;
otherwise the learner answers with a recording (wav files named after their number): right in four of five, else with a
likely confusion. Talk is a word, a sentence or babble.
"""

import argparse
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bench.common import recordings
from bench.tablet import Tablet
from server.asr.base import SpeechEngine
from server.asr.numbers.engine import MODEL, NumbersEngine
from server.audio import SAMPLE_RATE
from server.audio.detector import WebRtcDetector
from server.audio.listener import Listener
from server.dialogue.dialogue import Dialogue
from server.dialogue.messages import Clip, Judged, Started
from server.dialogue.state import Phase
from server.dialogue.turn import RIGHT_SHARE
from server.drill.course import Course
from server.drill.facts import EVERY_FACT
from server.drill.judging import Verdict
from server.drill.modes import CALM
from server.drill.practice import Practice
from server.drill.selection import InTurn
from server.languages import Language, load_language
from server.live.drill_session import DrillSession

from ..live import question_for
from .outcomes import likely_questions
from .talk import babble, sentence, words

TALK_SHARES = (0.0, 0.1, 0.3, 0.6)
PROMPT_MS = 400
# A child thinks before the answer. A decision later than this after an utterance is not about it.
THINKS_MS, DECIDED_MS, STEP_MS = 600, 2400, 60
NO_VERDICT = "none"

Sounds = Mapping[int, Sequence[np.ndarray]]


class Utterance(NamedTuple):
    """What was said, and the verdict on it."""

    kind: str
    """"right", "wrong" or "talk"."""
    verdict: str


def talk(spoken: Sequence[np.ndarray], chance: np.random.Generator) -> np.ndarray:
    """Return a word, a sentence or babble, each equally often."""
    match chance.integers(3):
        case 0:
            return spoken[int(chance.integers(len(spoken)))]
        case 1:
            return sentence(spoken, chance)
        case _:
            return babble(spoken, chance)


def drill(
    recorded: Sounds,
    spoken: Sequence[np.ndarray],
    share: float,
    utterances: int,
    engine: SpeechEngine,
    language: Language,
    seed: int,
) -> Iterator[Utterance]:
    """Run one session with this many utterances while the microphone is open and the drill awake."""
    chance = np.random.default_rng(seed)
    numbers = sorted(number for number in recorded if any(fact.answer == number for fact in EVERY_FACT))
    rounds = 1 + utterances // len(numbers)
    facts = [question_for(int(number)) for _ in range(rounds) for number in chance.permutation(numbers)]
    clips = {clip_id: Clip(clip_id, text, PROMPT_MS) for clip_id, text in language.clip_texts().items()}
    dialogue = Dialogue(Course(Practice(lambda: InTurn(facts)), CALM), clips)
    session = DrillSession(language, dialogue, Listener(WebRtcDetector()), engine, lambda work, *args: work(*args))
    tablet = Tablet(session, lambda said: np.zeros(len(said) * PROMPT_MS * SAMPLE_RATE // 1000), seed=seed)
    tablet.tell(Started())
    said = 0
    while said < utterances and dialogue.phase is not Phase.FINISHED:
        if dialogue.phase not in (Phase.LISTEN, Phase.SLEEP):
            tablet.hear(STEP_MS)
            continue
        talks, asleep = chance.random() < share, dialogue.phase is Phase.SLEEP
        if talks:
            kind, sound = "talk", talk(spoken, chance)
        else:
            kind, number = "right", dialogue.answer
            others = [other for other in likely_questions(number) if other in recorded]
            if others and chance.random() >= RIGHT_SHARE:
                kind, number = "wrong", int(chance.choice(others))
            sound = recorded[number][int(chance.integers(len(recorded[number])))]
        before = len(tablet.happened)
        tablet.add(sound, THINKS_MS)
        tablet.hear(THINKS_MS + len(sound) * 1000 / SAMPLE_RATE + DECIDED_MS)
        if not asleep:
            judged = [effect.attempt for effect in tablet.happened[before:] if isinstance(effect, Judged)]
            yield Utterance(kind, judged[0].verdict if judged else NO_VERDICT)
            said += 1


def row(share: float, heard: Sequence[Utterance]) -> str:
    """Return one line of the table."""
    counts = Counter(heard)
    totals = Counter(utterance.kind for utterance in heard)

    def of(kind: str, *verdicts: str) -> str:
        found = sum(counts[Utterance(kind, verdict)] for verdict in verdicts)
        return f"{found}/{totals[kind]} ({found / max(1, totals[kind]):.1%})"

    again = (Verdict.UNSURE, Verdict.SILENCE, NO_VERDICT)
    return (
        f"| {share:.0%} | {of('right', *again)} | {of('right', Verdict.WRONG)} | {of('wrong', Verdict.CORRECT)} "
        f"| {of('wrong', *again)} | {of('talk', Verdict.CORRECT, Verdict.WRONG)} |"
    )


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m training.evaluate rooms", description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", help="wav files named after the numbers they say: recordings/marathi:mr")
    parser.add_argument("--talk", type=Path, required=True, help="folder of wav files that hold no number")
    parser.add_argument("--model", type=Path, default=MODEL, help="another numbers network (.onnx)")
    parser.add_argument("--drills", type=int, default=2, help="of each folder at each share of talk")
    parser.add_argument("--utterances", type=int, default=60, help="in each drill")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    engine = NumbersEngine(options.model)
    spoken = words(options.talk)
    print(
        "| talk | right ones asked again | right marked wrong | wrong marked right | wrong ones asked again "
        "| talk judged |"
    )
    print("| --- | --- | --- | --- | --- | --- |")
    for share in TALK_SHARES:
        heard: list[Utterance] = []
        for argument in options.folders:
            folder, code = argument.rsplit(":", 1)
            language, recorded = load_language(code), recordings(code, Path(folder))
            for place in range(options.drills):
                heard += drill(recorded, spoken, share, options.utterances, engine, language, options.seed + place)
        print(row(share, heard), flush=True)
