"""Times and limits of the dialogue, and its errors."""

from dataclasses import dataclass
from itertools import pairwise

from ..drill.judging import JudgingSettings

SILENT_TRIES = 3
"""Silences in a row before the drill sleeps: the question again, a hint, a lesson."""
UNSURE_TRIES = 3
"""Unclear answers to one fact before it rests: asked again twice, then with the keypad."""
VAIN_TRIES = 10
"""Unclear utterances in a row before the drill sleeps: nobody is answering."""
DOZING_TRIES = 3
"""The same after that, until something is understood: the sound that woke the drill may have been talk."""
PAUSE_MS = 200
"""A shorter pause is part of a word. Soft ends of words are kept for this time (audio/trim.py)."""
SHORTEST_WORD_MS = 200
"""A shorter sound without a number is a click or a chair. This is the shortest of 321 recorded answers."""
MOSTLY_ECHO = 0.5
"""Share of echo from which an unclear utterance is not asked for again: all of it may be echo."""
WAKING_AT = 0.6
"""Probability of a number that wakes a sleeping drill."""
WRONG_NONE_WEIGHT = 0.5
"""Least weight of "none of these" before an answer is judged wrong: right marked wrong is the dearest mistake."""
LONGEST_CALL_MS = 1600
"""The longest "start". A longer voice talks to somebody else."""
INVITATIONS = 3
"""Invitations before the drill only listens: more would disturb the room."""


class UnknownSay(ValueError):
    """`played` names a prompt that was never spoken."""


class NoQuestion(ValueError):
    """There is no question that a tap or a command could be about."""


@dataclass(frozen=True, slots=True)
class EndpointingSettings:
    """How much silence ends a turn, in falling order of how complete the answer is."""

    expected_ms: int = 220
    """After the expected number, confidently heard."""
    probable_ms: int = 340
    """After the expected number, likely enough to be judged right. A longer wait saves none of 796 people's answers."""
    complete_ms: int = 460
    """After another number that cannot go on. People correct themselves."""
    extendable_ms: int = 900
    """After a number that can go on ("twenty" before "four")."""
    incomplete_ms: int = 1200
    """While nothing complete has been heard (fillers)."""
    begun_ms: int = 1400
    """After a beginning of the expected number ("thirty" where 36 is asked)."""
    stable_ms: int = 1500
    """A confident interpretation that stays unchanged this long ends the turn: in steady noise no pause comes."""
    confident_at: float = 0.8
    """Probability from which a number counts as heard."""
    probable_at: float = JudgingSettings().correct_at
    """Probability from which the expected number counts as likely."""
    longest_ms: int = 1600
    """Upper bound for a speaker who pauses often."""

    def __post_init__(self) -> None:
        rising = (
            0,
            self.expected_ms,
            self.probable_ms,
            self.complete_ms,
            self.extendable_ms,
            self.incomplete_ms,
            self.begun_ms,
            self.longest_ms,
        )
        if any(shorter > longer for shorter, longer in pairwise(rising)) or not self.expected_ms:
            raise ValueError("the silences must be positive and rise from expected_ms to longest_ms")


@dataclass(frozen=True, slots=True)
class DialogueSettings:
    """The times of a drill, and whether answers over a prompt are heard."""

    thinking_ms: int = 12_000
    """Silence before the first help. A calm drill gives time to think (XtraMath: 6 to 12 s)."""
    tail_ms: int = 250
    """No utterance starts so soon after a prompt: its echo may still be in the room."""
    full_duplex: bool = True
    """Whether the microphone is heard while a prompt plays."""
    early_ms: int = 900
    """How long before its end a question can be answered: its second number can then be guessed."""
    loud_echo_db: float = -6.0
    """From this level the echo of prompts drowns answers over them. The drill then falls back to half duplex, with a
    tail that is longer by the echo's delay."""
    quiet_echo_db: float = -9.0
    """From this level down, answers over prompts are heard again."""
    played_grace_ms: int = 1000
    """How long the page may take to start playing."""
    lost_sound_ms: int = 3000
    """An utterance ends when its sound stops arriving for this long."""
    invite_every_ms: int = 240_000
    """From one invitation to the next."""
    rebuild_every_ms: int = 5000
    """Least time between two rebuilds after an error of the program."""
    judging: JudgingSettings = JudgingSettings()
    endpointing: EndpointingSettings = EndpointingSettings()

    def __post_init__(self) -> None:
        if self.thinking_ms < 1000 or min(self.tail_ms, self.played_grace_ms, self.lost_sound_ms) < 0:
            raise ValueError("thinking_ms must be at least 1000 and no time negative")
