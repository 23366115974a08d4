"""Whole drills in rooms that talk: `python -m training.rooms --talk FOLDER FOLDER:LANGUAGE ...`.

Each drill is a real session in virtual time. At the open microphone somebody talks, in a share of all utterances, or
the learner answers with a recording (wav files named after the number that they say): rightly in four of five, else
with what a child likely confuses it with. Talk is a recording that holds no number, two of them joined, or six voices
at once that say three each.
"""

import argparse
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bench.common import recordings
from bench.tablet import Tablet
from bench.wav import read_wav
from server.asr.base import SpeechEngine
from server.asr.numbers.engine import MODEL, NumbersEngine
from server.audio import SAMPLE_RATE
from server.audio.detector import WebRtcDetector
from server.audio.listener import Listener
from server.dialogue.dialogue import Dialogue
from server.dialogue.messages import Clip, Judged, Started
from server.dialogue.state import Phase
from server.drill.course import Course
from server.drill.facts import EVERY_FACT
from server.drill.judging import Verdict
from server.drill.modes import CALM
from server.drill.practice import Practice
from server.drill.selection import InTurn
from server.languages import Language, load_language
from server.live.session import Session

from .evaluate import likely_questions
from .live import question_for

TALK_SHARES = (0.0, 0.2, 0.5, 0.8)
RIGHT_SHARE = 0.8
PROMPT_MS = 400
# A child thinks before the answer; what is not decided so long after an utterance is not about it.
THINKS_MS, DECIDED_MS, STEP_MS = 600, 2400, 60
BABBLERS = 6
BABBLE_RMS = 400.0
NO_VERDICT = "none"

Sounds = Mapping[int, Sequence[np.ndarray]]


class Utterance(NamedTuple):
    """What was said, and what became of it. `kind`: "right", "wrong" or "talk"."""

    kind: str
    verdict: str


def babble(words: Sequence[np.ndarray], chance: np.random.Generator) -> np.ndarray:
    """Several voices at once, equally loud."""
    some = [words[int(place)].astype(float) for place in chance.integers(len(words), size=3 * BABBLERS)]
    voices = [np.concatenate(some[voice::BABBLERS]) for voice in range(BABBLERS)]
    together = np.zeros(max(map(len, voices)))
    for voice in voices:
        together[: len(voice)] += BABBLE_RMS * voice / max(1.0, float(np.std(voice)))
    return together


def talk(words: Sequence[np.ndarray], chance: np.random.Generator) -> np.ndarray:
    """A word, two words or babble, as often each."""
    count = int(chance.integers(3))
    if count == 0:
        return babble(words, chance)
    return np.concatenate([words[int(place)] for place in chance.integers(len(words), size=count)])


def drill(
    recorded: Sounds,
    words: Sequence[np.ndarray],
    share: float,
    utterances: int,
    engine: SpeechEngine,
    language: Language,
    seed: int,
) -> Iterator[Utterance]:
    """One session, in which so many things are said while the microphone is open and the drill awake."""
    chance = np.random.default_rng(seed)
    numbers = sorted(number for number in recorded if any(fact.answer == number for fact in EVERY_FACT))
    rounds = 1 + utterances // len(numbers)
    facts = [question_for(int(number)) for _ in range(rounds) for number in chance.permutation(numbers)]
    clips = {clip_id: Clip(clip_id, text, PROMPT_MS) for clip_id, text in language.clip_texts().items()}
    dialogue = Dialogue(Course(Practice(lambda: InTurn(facts)), CALM), clips)
    session = Session(language, dialogue, Listener(WebRtcDetector()), engine, lambda work, *args: work(*args))
    tablet = Tablet(session, lambda said: np.zeros(len(said) * PROMPT_MS * SAMPLE_RATE // 1000), seed=seed)
    tablet.tell(Started())
    said = 0
    while said < utterances and dialogue.phase is not Phase.FINISHED:
        if dialogue.phase not in (Phase.LISTEN, Phase.SLEEP):
            tablet.hear(STEP_MS)
            continue
        talks, asleep = chance.random() < share, dialogue.phase is Phase.SLEEP
        if talks:
            kind, sound = "talk", talk(words, chance)
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
    """One line of the table."""
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


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.rooms", description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", help="wav files named after the numbers they say: recordings/marathi:mr")
    parser.add_argument("--talk", type=Path, required=True, help="folder of wav files that hold no number")
    parser.add_argument("--model", type=Path, default=MODEL, help="another numbers network (.onnx)")
    parser.add_argument("--drills", type=int, default=2, help="of each folder at each share of talk")
    parser.add_argument("--utterances", type=int, default=60, help="in each drill")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    engine = NumbersEngine(options.model)
    words = [read_wav(path) for path in sorted(options.talk.glob("*.wav"))]
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
                heard += drill(recorded, words, share, options.utterances, engine, language, options.seed + place)
        print(row(share, heard), flush=True)


if __name__ == "__main__":
    main()
