"""One learner's drill: joins the ear, the recogniser and the dialogue. It sends nothing and yields effects."""

import logging
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any, Protocol

import numpy as np

from ..asr.base import SpeechEngine
from ..audio.echo_guard import EchoGuard, Examined
from ..audio.listener import Listener
from ..audio.segmenter import VoiceContinued, VoiceStarted, VoiceStopped
from ..dialogue import messages
from ..dialogue.dialogue import Dialogue
from ..dialogue.messages import Clip, Effect, Interrupt, Judged, Progressed, Say
from ..dialogue.state import Ear, Phase
from ..drill.attempt import Attempt
from ..drill.judging import Verdict
from ..languages import Language
from ..understanding.interpretation import Interpretation, interpret
from .pool import Late
from .utterance import OVER_PROMPT_MS, PARTIAL_MS, PARTIAL_WITHIN_MS, Utterance

logger = logging.getLogger(__name__)
INTERRUPTED_MS = 300
"""How long an interrupted prompt may still sound: the message travels, and the loudspeaker is late."""


class Log(Protocol):
    """Stores the steps of a drill, and the answer to `turn` if there is one. `at_ms`: since 1970, UTC.

    Returns the code of the trouble, or None. Raises TakenOver if another process has taken the drill up.
    """

    def keep(self, turn: int, attempt: Attempt | None, at_ms: int, now_ms: float) -> str | None: ...

    def keep_lines(self, attempts: Sequence[Attempt], now_ms: float) -> str | None: ...


class Recorder(Protocol):
    """Stores the sound of an answer, with the consent of the learner. Never raises."""

    def keep(self, pcm: bytes, number: int, at_ms: int) -> None: ...


@dataclass(frozen=True, slots=True)
class EngineFailed:
    """The recogniser failed. The drill goes on by touch."""


@dataclass(frozen=True, slots=True)
class StoreFailed:
    """Answers wait to be written. The drill goes on."""

    code: str
    """The trouble of the database."""


Trouble = EngineFailed | StoreFailed


@dataclass(frozen=True, slots=True)
class Heard:
    """A chunk of audio."""

    # Not in its repr: no voice gets into a log.
    pcm: bytes = field(repr=False)
    missing: int = 0
    """How many chunks before it never arrived."""


class Session:
    """`handle` must be called by one task at a time, in the order in which things happened.

    `token` names it; `epoch` counts how often it was taken up. `recorder`: None without consent. `sounds`: the samples
    of prompts (int16, 16 kHz); without it there is no echo guard. `is_prompt`: whether an utterance is a prompt of
    another tablet. `offload` and `recognise`: see Concurrency; without the latter the former does its work.
    """

    utterance_kind: type[Utterance] = Utterance

    def __init__(
        self,
        language: Language,
        dialogue: Dialogue,
        listener: Listener,
        engine: SpeechEngine,
        offload: Callable[..., Any],
        log: Log | None = None,
        recorder: Recorder | None = None,
        token: str = "",
        sounds: Callable[[Sequence[Clip]], np.ndarray] | None = None,
        is_prompt: Callable[[bytes], bool] = lambda pcm: False,
        recognise: Callable[..., Any] | None = None,
        epoch: int = 0,
    ) -> None:
        self.token, self.epoch = token, epoch
        self.language = language
        self.dialogue = dialogue
        self._listener = listener
        self._engine = engine
        self._offload = offload
        self._recognise = recognise or (lambda function, *arguments, within_ms=None: offload(function, *arguments))
        self._log = log
        self._recorder = recorder
        self._trouble: str | None = None
        self._sounds = sounds
        self._is_prompt = is_prompt
        self._guard = EchoGuard()
        self._utterance: Utterance | None = None
        self._gap_at_ms = -1

    @property
    def heard_ms(self) -> int:
        """How much audio of the stream has come."""
        return self._listener.heard_ms

    def handle(self, item: Heard | messages.Event, now_ms: float) -> Iterator[Effect | Trouble]:
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

    def recover(self, now_ms: float, is_there: bool) -> list[Effect]:
        """Undo a step that failed, see `Dialogue.rebuild`."""
        self._forget()
        return self._offload(self.dialogue.rebuild, now_ms, is_there)

    def _tell(self, event: messages.Event, now_ms: float) -> Iterator[Effect | Trouble]:
        """Tell the dialogue. An answer is stored before its verdict is yielded, which can be relied on."""
        effects = self.dialogue.handle(event, now_ms)
        progressed = next((effect for effect in effects if isinstance(effect, Progressed)), None)
        if progressed is not None:
            judged = next((effect for effect in effects if isinstance(effect, Judged)), None)
            yield from self._keep(judged, progressed.at_ms, now_ms)
        for effect in effects:
            if not isinstance(effect, Progressed):
                yield effect
                self._play(effect)

    def _tell_path(self, now_ms: float) -> Iterator[Effect | Trouble]:
        path = self._guard.path
        if path is not None:
            yield from self._tell(messages.EchoMeasured(path.delay_ms, path.level_db), now_ms)

    def _play(self, effect: Effect) -> None:
        """Tell the echo guard what the page plays from now on."""
        match effect:
            case Say(clips=clips, gap_ms=gap_ms) if self._sounds is not None:
                self._guard.play(self._offload(self._sounds, clips), self.heard_ms + gap_ms)
            case Interrupt():
                self._guard.stop(self.heard_ms + INTERRUPTED_MS)

    def _keep(self, judged: Judged | None, at_ms: int, now_ms: float) -> Iterator[StoreFailed]:
        if self._log is None:
            return
        turn, attempt = (judged.turn, judged.attempt) if judged else (0, None)
        before, self._trouble = self._trouble, self._log.keep(turn, attempt, at_ms, now_ms)
        if self._trouble is not None and self._trouble != before:
            yield StoreFailed(self._trouble)

    def _hear(self, heard: Heard, now_ms: float) -> Iterator[Effect | Trouble]:
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

    def _begin(self, started: VoiceStarted, now_ms: float) -> Iterator[Effect | Trouble]:
        self._give_back()
        recogniser = None
        try:
            recogniser = self._engine.lease(self.language.code)
            recogniser.start()
        except Exception:
            yield self._failed()
        self._utterance = self.utterance_kind.begin(started, self.heard_ms, self._gap_at_ms, recogniser)
        yield from self._tell(messages.SpeechStarted(started.onset_ms), now_ms)

    def _continue(self, utterance: Utterance, event: VoiceContinued, now_ms: float) -> Iterator[Effect | Trouble]:
        if utterance.go_on(event, self.heard_ms, self._belief_every_ms):
            within_ms = None if event.silence_ms else PARTIAL_WITHIN_MS
            yield from self._understand(utterance, within_ms=within_ms)
            yield from self._tell(
                messages.InterimResult(utterance.interpretation, event.silence_ms, event.spoken_ms), now_ms
            )

    @property
    def _belief_every_ms(self) -> float:
        """How often to ask the recogniser. A tablet that hears itself hears mostly its own prompt while that plays."""
        if self.dialogue.phase is not Phase.PROMPT:
            return PARTIAL_MS
        return OVER_PROMPT_MS if self._guard.path is None else inf

    def _end(self, utterance: Utterance, now_ms: float) -> Iterator[Effect | Trouble]:
        examined = yield from self._understand(utterance, final=True)
        self._give_back()
        ended = messages.SpeechEnded(
            utterance.interpretation,
            utterance.damaged,
            utterance.voice_ms,
            utterance.longest_pause_ms,
            1.0 if examined.is_echo else examined.share,
            examined.voice_from_ms,
        )
        effects = list(self._tell(ended, now_ms))
        yield from effects
        if examined.delay_ms is not None:
            yield from self._tell_path(now_ms)
        for effect in effects:
            if isinstance(effect, Judged):
                self._record(effect, utterance.audio, now_ms)

    def _has_lost_sound(self, now_ms: float) -> bool:
        return self.dialogue.phase in (Phase.SPEECH, Phase.END_OF_TURN) and now_ms >= self.dialogue.deadline_ms

    def _cut_off(self, utterance: Utterance, now_ms: float) -> Iterator[Effect | Trouble]:
        """The sound stopped arriving: what was heard of the answer counts, but proves nothing wrong."""
        utterance.damaged, self._gap_at_ms = True, self.heard_ms
        yield from self._end(utterance, now_ms)
        self._listener.interrupt()

    def _record(self, judged: Judged, audio: bytes, now_ms: float) -> None:
        """Record a right answer: only then is it known what was said."""
        attempt = judged.attempt
        if self._recorder is not None and attempt.verdict is Verdict.CORRECT and not attempt.appeal:
            self._recorder.keep(audio, attempt.fact.answer, attempt.at_ms)

    def _understand(
        self, utterance: Utterance, final: bool = False, within_ms: float | None = None
    ) -> Generator[EngineFailed, None, Examined]:
        """Ask the guard and the recogniser off the event loop, and interpret the reply in view of the question.

        If no thread is free within `within_ms`, the interpretation stays as it is.
        """
        try:
            hypothesis, examined = self._recognise(utterance.understand, self._guard, final, within_ms=within_ms)
        except Late:
            return Examined()
        except Exception:
            yield self._failed()
            utterance.recogniser, utterance.interpretation = None, Interpretation()
            return Examined()
        utterance.interpretation = interpret(hypothesis, self.language.lexicon, self.dialogue.question)
        if final and self._may_be_prompt(utterance, examined) and self._recognise(self._is_prompt, utterance.audio):
            utterance.interpretation = Interpretation()
            return Examined(is_echo=True)
        return examined

    def _may_be_prompt(self, utterance: Utterance, examined: Examined) -> bool:
        """Whether another tablet may have said it. A right answer is no prompt; the own prompts are known already."""
        return not examined.is_echo and utterance.interpretation.best[0] != self.dialogue.answer

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
