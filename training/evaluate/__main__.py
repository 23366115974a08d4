"""Measure recorded answers: `python -m training.evaluate --language mr [--model M] [--json] FOLDER`.

The clips are wav files (16-bit) whose names begin with the number that they say ("7_anna_1.wav"). Each is an answer
in a live drill in virtual time (`training.live`), with the noise of a room around it: a faint one, the clip's own
floor, or none, as behind a noise gate, in turn.

`python -m training.evaluate COMMAND` measures something else:
people: folders of people, each judged by settings that were chosen without it;
rooms: whole drills in rooms where people talk;
strangers: numbers and other words of five people;
conditions: synthetic voices in quiet and noise;
objections: "no, I said fifty-six";
thresholds: the judge's settings of least cost.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

from server.asr.numbers.engine import MODEL
from server.languages import load_language

from ..live import RememberingEngine
from .outcomes import evaluate, labelled_clips, report

# Each is a module, loaded when it is asked for: some need libraries that only the training installs.
COMMANDS = ("conditions", "objections", "people", "rooms", "strangers", "thresholds")


def main(arguments: Sequence[str]) -> None:
    if arguments and arguments[0] in COMMANDS:
        import_module(f"{__package__}.{arguments[0]}").main(arguments[1:])
    else:
        recordings(arguments)


def recordings(arguments: Sequence[str]) -> None:
    """One folder of clips in one language."""
    parser = argparse.ArgumentParser(
        prog="python -m training.evaluate", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="folder of wav files named after the numbers that they say")
    parser.add_argument("--language", required=True, help="en, hi or mr")
    parser.add_argument("--model", type=Path, default=MODEL, help="another numbers network (.onnx)")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    options = parser.parse_args(arguments)
    clips = labelled_clips(options.folder)
    if not clips:
        parser.error(f"no wav files named after numbers in {options.folder}")
    counts = report(list(evaluate(clips, RememberingEngine(options.model), load_language(options.language))))
    figures = asdict(counts)
    confusions = figures.pop("confusions")
    if options.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name.replace('_', ' '):20} {value}")
    print(f"{'confusions':20} {', '.join(f'{pair} ({count})' for pair, count in confusions.items()) or 'none'}")


if __name__ == "__main__":
    main(sys.argv[1:])
