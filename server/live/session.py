"""What drills and recitations have in common: joins the ear, the recogniser and the dialogue.

It sends nothing and yields effects.
"""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from ..audio.echo_guard import EchoGuard, Examined
from ..audio.listener import Listener
from ..audio.segmenter import VoiceContinued, VoiceStarted, VoiceStopped
from ..chant.messages import Effect, Ladder, Recited
from ..dialogue import messages
from ..dialogue.conversation import Conversation
from ..dialogue.messages import Clip, Interrupt, Progressed, Say
from ..dialogue.state import Ear, Phase
from ..drill.attempt import Attempt
from ..languages import Language
from .pool import Late
from .utterance import Utterance

logger = logging.getLogger(__name__)
INTERRUPTED_MS = 300
"""How long an interrupted prompt may still sound: the message travels, and the loudspeaker is late."""


class Recognisers(Protocol):
    """Lends one for each utterance: a speech engine, or the follower of one recitation."""

    def lease(self, language: str) -> Any: ...

    def release(self, language: str, recogniser: Any) -> None: ...


class Log(Protocol):
    """Stores the steps of a drill, and the answer to `turn` if there is one. `at_ms`: since 1970, UTC.

    Returns the code of the trouble, or None. Raises TakenOver if another process has taken the drill up.
    """

    def keep(self, turn: int, attempt: Attempt | None, at_ms: int, now_ms: float) -> str | None: ...

    def keep_lines(self, attempts: Sequence[Attempt], now_ms: float) -> str | None: ...


@dataclass(frozen=True, slots=True)
class EngineFailed:
    """The recogniser failed. The drill goes on by touch."""


@dataclass(frozen=True, slots=True)
class StoreFailed:
    """Answers wait to be written. The drill goes on."""

    code: str
    """The trouble of the database."""


Trouble = EngineFailed | StoreFailed
Told = messages.Effect | Ladder | Trouble


@dataclass(frozen=True, slots=True)
class Heard:
    """A chunk of audio."""

    # Not in its repr: no voice gets into a log.
    pcm: bytes = field(repr=False)
    missing: int = 0
    """How many chunks before it never arrived."""


class Session(ABC):
    """`handle` must be called by one task at a time, in the order in which things happened.

    `token` names it; `epoch` counts how often it was taken up. `sounds`: the samples of prompts (int16, 16 kHz);
    without it there is no echo guard. `offload` and `recognise`: see Concurrency; without the latter the former does
    its work.
    """

    utterance_kind: type[Utterance[Any]]
    dialogue: Conversation

    def __init__(
        self,
        language: Language,
        dialogue: Conversation,
        listener: Listener,
        engine: Recognisers,
        offload: Callable[..., Any],
        log: Log | None = None,
        token: str = "",
        sounds: Callable[[Sequence[Clip]], np.ndarray] | None = None,
        recognise: Callable[..., Any] | None = None,
        epoch: int = 0,
    ) -> None:
        self.token, self.epoch = token, epoch
        self.language = language
        self.dialogue = dialogue
        self._listener = listener
        self._engine = engine
        self._offload = offload
        self._trouble: str | None = None
        self._recognise = recognise or (lambda function, *arguments, within_ms=None: offload(function, *arguments))
        self._log = log
        self._sounds = sounds
        self._guard = EchoGuard()
        self._utterance: Utterance[Any] | None = None
        self._gap_at_ms = -1

    @property
    def heard_ms(self) -> int:
        """How much audio of the stream has come."""
        return self._listener.heard_ms

    def handle(self, item: Heard | messages.Event, now_ms: float) -> Iterator[Told]:
        """Raises UnknownSay and NoQuestion as the dialogue does, and TakenOver."""
        if isinstance(item, Heard):
            yield from self._hear(item, now_ms)
            return
        match item:
            case messages.Tick(has_sound=False) if self._utterance is not None and self._has_lost_sound(now_ms):
                yield from self._cut_off(self._utterance, now_ms)
                return
            case messages.Playing():
                self._guard.began(self.heard_ms)
            case messages.Played(say):
                self._guard.ended(self.heard_ms)
                item = messages.Played(say, self.heard_ms)
        yield from self._tell(item, now_ms)
        if isinstance(item, messages.Played) and self.dialogue.has_loud_echo:
            self._recognise(self._guard.measure)
            yield from self._tell_path(now_ms)
        # A new prompt, or sound that stopped arriving, ends an utterance that the dialogue no longer waits for.
        if not self.dialogue.is_hearing:
            self._forget()
        self._close_ear()

    def recover(self, now_ms: float, is_there: bool) -> Sequence[messages.Effect]:
        """Undo a step that failed, see `Conversation.rebuild`."""
        self._forget()
        return self._offload(self.dialogue.rebuild, now_ms, is_there)

    def _tell(self, event: messages.Event, now_ms: float) -> Iterator[Told]:
        yield from self._carry_out(self.dialogue.handle(event, now_ms), now_ms)

    def _carry_out(self, effects: Sequence[Effect | Progressed], now_ms: float) -> Iterator[Told]:
        """An answer is stored before its verdict is yielded, which can be relied on."""
        if any(isinstance(effect, Progressed | Recited) for effect in effects):
            before, self._trouble = self._trouble, self._keep(effects, now_ms)
            if self._trouble is not None and self._trouble != before:
                yield StoreFailed(self._trouble)
        for effect in effects:
            if not isinstance(effect, Progressed | Recited):
                yield effect
                self._play(effect)

    @abstractmethod
    def _keep(self, effects: Sequence[Effect | Progressed], now_ms: float) -> str | None:
        """Store what is to be kept of these. Returns the trouble of the database, None where there is none."""

    def _tell_path(self, now_ms: float) -> Iterator[Told]:
        path = self._guard.path
        if path is not None:
            yield from self._tell(messages.EchoMeasured(path.delay_ms, path.level_db), now_ms)

    def _play(self, effect: messages.Effect | Ladder) -> None:
        """Tell the echo guard what the page plays from now on."""
        match effect:
            case Say(clips=clips, gap_ms=gap_ms) if self._sounds is not None:
                self._guard.play(self._offload(self._sounds, clips), self.heard_ms + gap_ms)
            case Interrupt():
                self._guard.stop(self.heard_ms + INTERRUPTED_MS)

    def _hear(self, heard: Heard, now_ms: float) -> Iterator[Told]:
        if now_ms >= self.dialogue.deadline_ms:
            yield from self.handle(messages.Tick(has_sound=True), now_ms)
        if heard.missing:
            self._gap_at_ms = self.heard_ms
            if self._utterance is not None:
                self._utterance.damaged = True
        self._guard.hear(heard.pcm)
        ear = self.dialogue.ear
        if ear is Ear.CLOSED:
            self._forget()
            self._listener.skip(heard.pcm)
            return
        self._listener.arm(ear is Ear.OPEN)
        for event in self._listener.hear(heard.pcm):
            match event:
                case VoiceStarted():
                    yield from self._begin(event, now_ms)
                case VoiceContinued() if self._utterance is not None:
                    yield from self._continue(self._utterance, event, now_ms)
                    self._listener.end_after(self.dialogue.silence_limit_ms)
                case VoiceStopped() if self._utterance is not None:
                    yield from self._end(self._utterance, now_ms)
            self._listener.arm(self.dialogue.ear is Ear.OPEN)
        self._close_ear()

    def _close_ear(self) -> None:
        """Interrupt the stream if the ear is closed: later sound does not continue it and may begin within a word."""
        if self.dialogue.ear is Ear.CLOSED:
            self._listener.interrupt()

    def _begin(self, started: VoiceStarted, now_ms: float) -> Iterator[Told]:
        self._give_back()
        recogniser = None
        try:
            recogniser = self._engine.lease(self.language.code)
            recogniser.start()
        except Exception:
            yield self._failed()
        self._utterance = self.utterance_kind.begin(started, self.heard_ms, self._gap_at_ms, recogniser)
        yield from self._tell(messages.SpeechStarted(started.onset_ms), now_ms)

    @abstractmethod
    def _continue(self, utterance: Any, event: VoiceContinued, now_ms: float) -> Iterator[Told]:
        """One more frame of the utterance."""

    @abstractmethod
    def _end(self, utterance: Any, now_ms: float) -> Iterator[Told]:
        """The utterance is over."""

    @abstractmethod
    def _understood(self, utterance: Any, opinion: Any, examined: Examined, final: bool) -> Examined:
        """Keep the recogniser's opinion. Returns what the guard found, or what turned out since."""

    def _understand(
        self, utterance: Any, final: bool = False, within_ms: float | None = None
    ) -> Generator[EngineFailed, None, Examined]:
        """Ask the guard and the recogniser off the event loop.

        If no thread is free within `within_ms`, the opinion stays as it is.
        """
        try:
            opinion, examined = self._recognise(utterance.understand, self._guard, final, within_ms=within_ms)
        except Late:
            return Examined()
        except Exception:
            yield self._failed()
            utterance.fail()
            return Examined()
        return self._understood(utterance, opinion, examined, final)

    def _has_lost_sound(self, now_ms: float) -> bool:
        return self.dialogue.phase in (Phase.SPEECH, Phase.END_OF_TURN) and now_ms >= self.dialogue.deadline_ms

    def _cut_off(self, utterance: Utterance[Any], now_ms: float) -> Iterator[Told]:
        """The sound stopped arriving: what was heard of the answer counts, but proves nothing wrong."""
        utterance.damaged, self._gap_at_ms = True, self.heard_ms
        yield from self._end(utterance, now_ms)
        self._listener.interrupt()

    def _failed(self) -> EngineFailed:
        logger.exception("the recogniser failed; the drill goes on without it")
        return EngineFailed()

    def _forget(self) -> None:
        if self._utterance is not None or self._listener.is_open:
            self._listener.interrupt()
            self._give_back()

    def _give_back(self) -> None:
        utterance, self._utterance = self._utterance, None
        if utterance is not None and utterance.recogniser is not None:
            self._engine.release(self.language.code, utterance.recogniser)
