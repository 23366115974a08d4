"""What a learner's own voice gains: `python -m training.own_voice --language en [--words FOLDER] FOLDER`.

The clips are named as `training.evaluate` wants them; "7_anna_1.wav" is said by anna, "7_1.wav" by the folder's one
speaker. Simulated drills: twenty minutes of each speaker, in other orders, with clips in the second ten that the first
did not have. Four of five answers are right, a wrong one is that to a likely question. An answer that is not understood
is said again, in another clip. Each answer goes through a live session (`training.live`), once by a learner of whom
nothing is known, once by one whose right answers are remembered.

`--words`: other words, said by someone beside a learner after these twenty minutes.
"""

import argparse
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from bench.wav import read_wav
from server.drill.attempt import Attempt
from server.drill.judging import Verdict
from server.drill.speaker import Speaker
from server.languages import load_language

from .evaluate.outcomes import labelled_clips, likely_questions, usual_answer
from .live import RememberingEngine, Reply, ask, question_for

# Ten minutes.
ANSWERS = 80
TRIES = 3
RIGHT = 0.8

Clips = Mapping[int, Sequence[Path]]
Asked = Callable[[Path, int, Speaker], Reply]


def speakers(folder: Path) -> dict[str, dict[int, list[Path]]]:
    """Each speaker's clips of each number."""
    found: dict[str, dict[int, list[Path]]] = defaultdict(lambda: defaultdict(list))
    for number, path in labelled_clips(folder):
        parts = path.stem.split("_")
        found[parts[1] if len(parts) > 2 else folder.name][number].append(path)
    return found


def halves(clips: Clips, rng: np.random.Generator) -> tuple[Clips, Clips]:
    """Of each number one half of the clips and the other; of one clip both are that."""
    mixed = {number: [paths[at] for at in rng.permutation(len(paths))] for number, paths in clips.items()}
    return (
        {number: paths[: max(1, len(paths) // 2)] for number, paths in mixed.items()},
        {number: paths[len(paths) // 2 :] for number, paths in mixed.items()},
    )


def ten_minutes(
    clips: Clips, asked_live: Asked, speaker: Speaker, learns: bool, seed: Sequence[int]
) -> tuple[Counter[str], Speaker]:
    """What became of the answers, and what is known of the speaker then."""
    counts: Counter[str] = Counter()
    for turn in range(ANSWERS):
        # The same answers, however often one is said again.
        rng = np.random.default_rng([*seed, turn])
        said = int(rng.choice(sorted(clips)))
        asked = said if rng.random() < RIGHT else int(rng.choice(likely_questions(said)))
        kind = "right" if asked == said else "wrong"
        counts[kind] += 1
        for number in range(TRIES):
            path = clips[said][int(rng.integers(len(clips[said])))]
            reply = asked_live(path, asked, speaker)
            if not number:
                counts[f"{kind} {reply.verdict}"] += 1
            if reply.verdict is Verdict.UNSURE:
                continue
            if learns:
                attempt = Attempt(question_for(asked), reply.verdict, None, reply.confidence, None, 0)
                speaker = speaker.after([attempt])
            break
    return counts, speaker


def shown(counts: Counter[str]) -> Iterator[str]:
    yield f"{100 * counts['right unsure'] / counts['right']:.1f} % asked again"
    yield f"{100 * counts['right wrong'] / counts['right']:.2f} % marked wrong"
    yield f"wrong ones {100 * counts['wrong correct'] / counts['wrong']:.2f} % marked right"
    yield f"{100 * counts['wrong unsure'] / counts['wrong']:.1f} % asked again"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.own_voice", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="+", help="wav files named after the numbers that they say")
    parser.add_argument("--language", required=True, help="en, hi or mr")
    parser.add_argument("--words", type=Path, help="wav files of other words")
    parser.add_argument("--orders", type=int, default=5, help="how many orders of the answers")
    options = parser.parse_args()
    engine, language = RememberingEngine(), load_language(options.language)
    known: dict[tuple[Path, int, float], Reply] = {}

    def asked_live(path: Path, asked: int, speaker: Speaker) -> Reply:
        key = path, asked, speaker.none_weight(asked)
        if key not in known:
            known[key] = ask(read_wav(path), asked, engine, language, speaker=speaker)
        return known[key]

    learnt: list[Speaker] = []
    for folder in options.folder:
        for name, clips in speakers(folder).items():
            counts: dict[tuple[bool, int], Counter[str]] = defaultdict(Counter)
            for seed in range(options.orders):
                for learns in (False, True):
                    rng, speaker = np.random.default_rng(seed), Speaker()
                    for half, part in enumerate(halves(clips, rng), 1):
                        found, speaker = ten_minutes(part, asked_live, speaker, learns, (seed, half))
                        counts[learns, half].update(found)
                learnt.append(speaker)
            for (learns, half), found in sorted(counts.items()):
                print(f"{name:22} {'learnt' if learns else 'as ever'} {half}: {', '.join(shown(found))}", flush=True)
    if options.words:
        rng = np.random.default_rng(0)
        heard = [(path, usual_answer(rng)) for path in sorted(options.words.glob("*.wav"))]
        for title, who in (("as ever", [Speaker()]), ("learnt", learnt[:: options.orders])):
            judged = [
                asked_live(path, asked, speaker).verdict in (Verdict.CORRECT, Verdict.WRONG)
                for speaker in who
                for path, asked in heard
            ]
            print(f"other words {title}: {100 * sum(judged) / len(judged):.2f} % of {len(judged)} judged")


if __name__ == "__main__":
    main()
