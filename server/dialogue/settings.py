"""The dialogue's times and tries, and what it refuses."""

from dataclasses import dataclass

from ..drill.judging import JudgingSettings
from .endpointing import EndpointingSettings

SILENT_TRIES = 3  # repeat, hint, lesson; then sleep
UNSURE_TRIES = 3  # asked again twice, then with the keypad; then the fact rests
VAIN_TRIES = 10  # utterances in a row of which none was understood: nobody is answering
DOZING_TRIES = 3  # the same after that, until something is understood: what woke the drill may have been talk
PAUSE_MS = 200  # a shorter pause is part of a word; soft ends are heard for so long (audio/trim.py)
SHORTEST_WORD_MS = 200  # what is shorter, and no number, is a click or a chair; the shortest of 321 recorded answers
MOSTLY_ECHO = 0.5  # of such an utterance, what is not understood is not asked for again: it may be all echo
WAKING_AT = 0.6  # probability of a number that wakes a sleeping drill
WRONG_NONE_WEIGHT = 0.5  # however surely an utterance is an answer: right marked wrong is the dearest mistake
LONGEST_CALL_MS = 1600  # "start", however slowly; whoever talks longer talks to somebody else
INVITATIONS = 3  # so often somebody is invited to begin; then the drill only listens, for the room's sake


class UnknownSay(ValueError):
    """`played` names a prompt that was never spoken."""


class NoQuestion(ValueError):
    """There is no question that a tap or a command could be about."""


@dataclass(frozen=True, slots=True)
class DialogueSettings:
    """Times in milliseconds.

    thinking_ms: quiet time before help comes; a calm drill gives time to think (XtraMath: 6 to 12 s).
    loud_echo_db: from this level on the echo of prompts drowns answers over them: the drill falls back to half duplex,
    with a tail that is longer by the echo's delay. Once it is quiet_echo_db, answers over prompts are heard again.
    tail_ms: no utterance may start so soon after a prompt, whose echo may still be in the room.
    full_duplex: whether the microphone is heard while a prompt plays. early_ms: so long before the end of a question
    its answer may begin; the second number can then be guessed.
    played_grace_ms: how long the page may take to start playing. lost_sound_ms: an utterance whose sound stops arriving
    for so long is over. invite_every_ms: from one invitation to the next. rebuild_every_ms: after a mistake
    of the program the question is asked anew, but no more often than this.
    """

    thinking_ms: int = 12_000
    tail_ms: int = 250
    full_duplex: bool = True
    early_ms: int = 900
    loud_echo_db: float = -6.0
    quiet_echo_db: float = -9.0
    played_grace_ms: int = 1000
    lost_sound_ms: int = 3000
    invite_every_ms: int = 240_000
    rebuild_every_ms: int = 5000
    judging: JudgingSettings = JudgingSettings()
    endpointing: EndpointingSettings = EndpointingSettings()

    def __post_init__(self) -> None:
        if self.thinking_ms < 1000 or min(self.tail_ms, self.played_grace_ms, self.lost_sound_ms) < 0:
            raise ValueError("thinking_ms must be at least 1000 and no time negative")
