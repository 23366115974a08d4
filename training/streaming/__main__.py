"""`python -m training.streaming [--language mr] [--minutes M]`: trains the network and writes its folders for Vosk.

There is one network for all languages; each folder below training/build/vosk/ has what it knows of one of them. A
network that was trained before is trained further if `--minutes` is given, else only written.
"""

import argparse

from server.asr.numbers.vocabulary import LANGUAGES
from server.languages import load_language

from ..corpus import FOLDER, load
from .folder import write_folder
from .labels import labels
from .network import Network
from .train import restore, save, train

_VOSK = FOLDER / "vosk"
_TRAINED = _VOSK / "network.pt"
_MINUTES = 20.0
_HEAD_SHARE = 0.25


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.streaming", description=__doc__.splitlines()[0])
    parser.add_argument("--language", choices=LANGUAGES, help="write only this one")
    parser.add_argument("--minutes", type=float, help=f"length of the training; {_MINUTES:.0f} for a new network")
    options = parser.parse_args()
    known = labels()
    new = not _TRAINED.exists()
    network = Network(len(known.names)) if new else restore(known, _TRAINED)
    if new or options.minutes:
        clips, total_s = load(FOLDER / "corpus"), 60 * (options.minutes or _MINUTES)
        if new:
            train(network, clips, known, total_s * _HEAD_SHARE, head_only=True)
            total_s *= 1 - _HEAD_SHARE
        train(network, clips, known, total_s, head_only=False)
        save(network, known, _TRAINED)
    for code in [options.language] if options.language else LANGUAGES:
        folder = _VOSK / code
        write_folder(folder, network, known, load_language(code))
        print(folder)


if __name__ == "__main__":
    main()
