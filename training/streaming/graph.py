"""What Vosk searches: a graph from the network's labels to words, and one of words, both in OpenFst's format.

Each label is a phone of one state; the blank is two, one within words and one between them. Transition 2p of phone p
begins it, 2p - 1 goes on (kaldi.Nnet). So the graph is CTC's: a label is heard for some frames, perhaps after blanks.
"""

import math
import struct
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

UNKNOWN = "[unk]"
SILENCE, BLANK = 1, 2
_POSITIONS = ("begin", "internal", "end", "singleton")
_BEGIN, _INTERNAL, _END, _SINGLETON = range(4)
# What it costs, in nats, to hear any sound in place of those of a known word: the first one, and those after it.
_FIRST_UNKNOWN, _NEXT_UNKNOWN = 2.0, 2.5
_OPENFST, _VERSION = 2125659606, 2
_EXPANDED_AND_MUTABLE, _SORTED_BY_INPUT, _SORTED_BY_OUTPUT = 0x3, 1 << 28, 1 << 30


class Graph:
    """States and arcs under construction; state 0 is where it begins."""

    def __init__(self) -> None:
        self._arcs: list[list[tuple[int, int, float, int]]] = []
        self._final: set[int] = set()

    def state(self, final: bool = False) -> int:
        self._arcs.append([])
        if final:
            self._final.add(len(self._arcs) - 1)
        return len(self._arcs) - 1

    def arc(self, source: int, target: int, heard: int = 0, said: int = 0, cost: float = 0.0) -> None:
        """`heard`: a transition, `said`: a word; 0 for none."""
        self._arcs[source].append((heard, said, cost, target))

    def hear(self, source: int, target: int, phone: int, said: int = 0, cost: float = 0.0) -> None:
        """Begin to hear a phone, which lasts in `target`."""
        self.arc(source, target, 2 * phone, said, cost)

    def lasting(self, phone: int, final: bool = False) -> int:
        """A state in which this phone goes on."""
        state = self.state(final)
        self.arc(state, state, 2 * phone - 1)
        return state

    def write(self, path: Path, by_output: bool) -> None:
        """Of type "vector", the arcs of each state sorted by what is said, or by what is heard."""
        order = _SORTED_BY_OUTPUT if by_output else _SORTED_BY_INPUT
        count = sum(len(arcs) for arcs in self._arcs)
        parts = [struct.pack("<i", _OPENFST), _text("vector"), _text("standard")]
        parts.append(struct.pack("<iiQqqq", _VERSION, 0, _EXPANDED_AND_MUTABLE | order, 0, len(self._arcs), count))
        for state, arcs in enumerate(self._arcs):
            parts.append(struct.pack("<fq", 0 if state in self._final else math.inf, len(arcs)))
            for heard, said, cost, target in sorted(arcs, key=lambda arc: arc[by_output]):
                parts.append(struct.pack("<iifi", heard, said, cost, target))
        path.write_bytes(b"".join(parts))


def _text(text: str) -> bytes:
    return struct.pack("<i", len(text)) + text.encode()


def phone(label: int, position: int) -> int:
    """Kaldi knows where in a word a phone is: there are four for each label from 1 on."""
    return BLANK + 1 + 4 * (label - 1) + position


def label_of_each_phone(labels: int) -> list[int]:
    return [0, 0] + [label for label in range(1, labels) for _ in _POSITIONS]


def word_boundaries(labels: int) -> str:
    """Vosk's word_boundary.int."""
    lines = [f"{SILENCE} nonword", f"{BLANK} internal"]
    lines += [f"{phone(label, at)} {name}" for label in range(1, labels) for at, name in enumerate(_POSITIONS)]
    return "\n".join(lines) + "\n"


def lexicon_graph(words: Mapping[int, Sequence[int]], unknown: int, sounds: Iterable[int]) -> Graph:
    """From transitions to words. `words`: the labels of each; `unknown` is two or more of the `sounds`."""
    graph = Graph()
    between, before = graph.state(final=True), graph.state()
    silence = graph.lasting(SILENCE, final=True)
    graph.arc(between, before)
    graph.hear(between, silence, SILENCE)
    graph.arc(silence, before)
    for word, labels in words.items():
        _add_word(graph, before, between, word, labels)
    _add_unknown(graph, before, between, unknown, list(sounds))
    return graph


def _add_word(graph: Graph, before: int, after: int, word: int, labels: Sequence[int]) -> None:
    last = len(labels) - 1
    sources, previous = [before], 0
    for at, label in enumerate(labels):
        position = _SINGLETON if not last else _BEGIN if not at else _END if at == last else _INTERNAL
        here = graph.lasting(phone(label, position))
        # Where a label comes twice, only a blank can tell the second from the first going on.
        for source in sources[label == previous :]:
            graph.hear(source, here, phone(label, position), 0 if at else word)
        if at == last:
            graph.arc(here, after)
        else:
            blank = graph.lasting(BLANK)
            graph.hear(here, blank, BLANK)
            sources, previous = [here, blank], label


def _add_unknown(graph: Graph, before: int, after: int, word: int, sounds: Sequence[int]) -> None:
    within, blank = graph.state(), graph.lasting(BLANK)
    graph.hear(within, blank, BLANK)
    for sound in sounds:
        first, next_, last = (graph.lasting(phone(sound, position)) for position in (_BEGIN, _INTERNAL, _END))
        graph.hear(before, first, phone(sound, _BEGIN), word, _FIRST_UNKNOWN)
        graph.arc(first, within)
        for source in (within, blank):
            graph.hear(source, next_, phone(sound, _INTERNAL), cost=_NEXT_UNKNOWN)
            graph.hear(source, last, phone(sound, _END), cost=_NEXT_UNKNOWN)
        graph.arc(next_, within)
        graph.arc(last, after)


def any_words(words: Sequence[int]) -> Graph:
    """One of `words`, as likely as another; or none. Vosk replaces this graph where it is given a grammar."""
    graph = Graph()
    start, end = graph.state(final=True), graph.state(final=True)
    for word in words:
        graph.arc(start, end, word, word, math.log(len(words)))
    return graph
