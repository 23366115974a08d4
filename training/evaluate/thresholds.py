"""Find the judge's settings of least cost: `python -m training.evaluate thresholds FOLDER:LANGUAGE ... --talk FOLDER`.

The utterances are those of `training.evaluate people` and the held-out voices in classroom conditions.
"""

import argparse
from collections.abc import Iterator, Sequence

import numpy as np

from server.languages import Language, load_language

from ..corpus import Clip, held_out
from ..live import RememberingEngine
from .beliefs import Beliefs, Utterance, add_arguments, believed, joined, of_arguments, of_talk
from .conditions import conditions, no_answers, numbers_of
from .costs import Settings, candidates
from .outcomes import int16_of, likely_questions
from .people import answers_row, at, counted, talk_row

HEARD_IN = ("clean", "babble 20 dB", "babble 10 dB", "pitch x 1.5", "telephone", "reverberation")
NOISES = 120
BEST = 8


def voices(clips: Sequence[Clip], language: Language, count: int) -> Iterator[Utterance]:
    """Yield so many of the clips in each condition."""
    changes, some = conditions(clips), numbers_of(clips, language, 100)[:count]
    for name in HEARD_IN:
        rng = np.random.default_rng(1)
        for clip in some:
            number = int(clip.phrase.says)
            samples = int16_of(changes[name](clip.samples.astype(np.float32) / 32768, rng))
            yield samples, number, (number, *likely_questions(number))


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m training.evaluate thresholds", description=__doc__.splitlines()[0])
    add_arguments(parser)
    parser.add_argument("--clips", type=int, default=120, help="of each language in each condition")
    options = parser.parse_args(arguments)
    sets = of_arguments(options)
    beliefs: list[Beliefs] = [*sets.answers.values(), *sets.talk.values()]
    _, clips = held_out()
    engine = RememberingEngine(options.model)
    for code in dict.fromkeys(sets.language.values()) if clips else ():
        language = load_language(code)
        nothing = map(int16_of, no_answers(clips, code, np.random.default_rng(1), NOISES))
        beliefs += [
            believed(voices(clips, language, options.clips), engine, language),
            believed(of_talk(nothing, 1), engine, language),
        ]
    tried = [Settings(), *candidates()]
    counts = counted(joined(beliefs), tried)
    cost = counts.cost()
    for which in (*np.argsort(cost[1:])[:BEST] + 1, 0):
        found = at(counts, int(which))
        told = f"cost {cost[which]:.3f} with {tried[which]}:"
        print(told, answers_row("answers", found), talk_row("talk", found), sep="\n")
