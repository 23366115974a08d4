"""Writing a network as the folder that `vosk.Model` loads."""

from pathlib import Path

from server.languages import Language
from server.understanding.text import words_of

from .features import CONF
from .graph import UNKNOWN, any_words, label_of_each_phone, lexicon_graph, word_boundaries
from .labels import BLANK, Labels, vocabulary
from .network import SUBSAMPLING, Network

# The server decides when a turn ends: Vosk shall not. Beams as wide as it takes for fair confidences of few words.
_MODEL_CONF = f"""\
--min-active=200
--max-active=7000
--beam=24.0
--lattice-beam=8.0
--acoustic-scale=1.0
--frame-subsampling-factor={SUBSAMPLING}
--frames-per-chunk=21
--endpoint.silence-phones=1
--endpoint.rule1.min-trailing-silence=30
--endpoint.rule2.min-trailing-silence=30
--endpoint.rule3.min-trailing-silence=30
--endpoint.rule4.min-trailing-silence=30
--endpoint.rule5.min-utterance-length=60
"""


def write_folder(folder: Path, network: Network, labels: Labels, language: Language) -> None:
    """Write what understands `language`. Of the network's labels, those of other languages are left out."""
    spelt = {word: labels.words[code][words_of(word)] for word, code in vocabulary(language).items()}
    kept = [BLANK, *sorted({label for word in spelt.values() for label in word})]
    place = {label: at for at, label in enumerate(kept)}
    words = ["<eps>", *spelt, UNKNOWN, "#0"]
    pdfs = label_of_each_phone(len(kept))
    for part in ("am", "conf", "graph/phones"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    network.write(folder / "am" / "final.mdl", kept, pdfs)
    (folder / "conf" / "mfcc.conf").write_text(CONF)
    (folder / "conf" / "model.conf").write_text(_MODEL_CONF)
    (folder / "graph" / "words.txt").write_text("".join(f"{word} {at}\n" for at, word in enumerate(words)), "utf-8")
    (folder / "graph" / "phones" / "word_boundary.int").write_text(word_boundaries(len(kept)))
    # Vosk asks for it; no transition has this number.
    (folder / "graph" / "disambig_tid.int").write_text(f"{2 * len(pdfs) + 1}\n")
    numbered = {at: [place[label] for label in spelt[word]] for at, word in enumerate(words) if word in spelt}
    sounds = [place[label] for label in kept if labels.is_sound(label)]
    lexicon = lexicon_graph(numbered, words.index(UNKNOWN), sounds)
    lexicon.write(folder / "graph" / "HCLr.fst", by_output=True)
    any_words(list(numbered)).write(folder / "graph" / "Gr.fst", by_output=False)
