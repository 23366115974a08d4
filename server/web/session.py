"""One learner's drill: the ear, the recogniser and the dialogue joined. Sends nothing; yields effects."""

import logging
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from ..dialogue import events
from ..dialogue.dialogue import Dialogue
from ..dialogue.effects import Effect, Judged
from ..dialogue.phases import Ear, Phase
from ..dialogue.settings import PAUSE_MS
from ..drill.attempt import Attempt
from ..drill.judging import Verdict
from ..languages import Language
from ..speech import duration_ms
from ..speech.belief import Belief, Hypothesis, Recogniser, SpeechEngine, believe
from ..speech.listener import Listener
from ..speech.segmenter import UtteranceContinued, UtteranceEnded, UtteranceStarted

logger = logging.getLogger(__name__)

# How often the belief is renewed while a voice goes on. Each costs one run of the network.
PARTIAL_MS = 600


class Log(Protocol):
    """Where the steps of a drill are kept, with the answer to `turn` where there was one. `at_ms`: since 1970, UTC.

    The code says what troubles it, None where nothing does.
    """

    def keep(self, turn: int, attempt: Attempt | None, at_ms: int, now_ms: float) -> str | None: ...


class Recorder(Protocol):
    """Keeps the sound of an answer, for a learner who is allowed to be recorded. Blocks; never raises."""

    def keep(self, pcm: bytes, number: int, at_ms: int) -> None: ...


@dataclass(frozen=True, slots=True)
class EngineFailed:
    """The recogniser broke down; the drill goes on by touch."""


@dataclass(frozen=True, slots=True)
class StoreFailed:
    """Answers wait to be written; the drill goes on."""

    code: str


Trouble = EngineFailed | StoreFailed


@dataclass(frozen=True, slots=True)
class Heard:
    """A chunk of audio; `missing` chunks before it never arrived."""

    # Kept out of logs: nobody's voice is stored.
    pcm: bytes = field(repr=False)
    missing: int = 0


class Session:
    """`handle` must be called by one task at a time, in the order in which things happened.

    `token` names it. `recorder`: None for whoever may not be recorded, which is nearly everybody. `epoch_ms`: what
    makes the `now_ms` of the calls milliseconds since 1970, UTC.
    """

    def __init__(
        self, language: Language, dialogue: Dialogue, listener: Listener, engine: SpeechEngine,
        offload: Callable[..., Any], log: Log | None = None, recorder: Recorder | None = None, epoch_ms: float = 0.0,
        token: str = "",
    ) -> None:
        self.token = token
        self.language = language
        self.dialogue = dialogue
        self._listener = listener
        self._engine = engine
        self._offload = offload
        self._log = log
        self._recorder = recorder
        self._utterance: list[bytes] = []
        self._epoch_ms = epoch_ms
        self._trouble: str | None = None
        self._recogniser: Recogniser | None = None
        self._held: list[bytes] = []
        self._news = False
        self._believed_at_ms = 0
        self._onset_ms = self._begins_at_ms = self._gap_at_ms = -1
        self._voice_until_ms = 0
        self._pause_ms = self._longest_pause_ms = 0

    @property
    def heard_ms(self) -> int:
        """How much audio has been listened to."""
        return self._listener.segmenter.heard_ms

    def handle(self, item: Heard | events.Event, now_ms: float) -> Iterator[Effect | Trouble]:
        """Raises UnknownSay and NoQuestion as the dialogue does."""
        if isinstance(item, Heard):
            yield from self._hear(item, now_ms)
            return
        if isinstance(item, events.Played):
            item = replace(item, heard_ms=self.heard_ms)
        yield from self._tell(item, now_ms)
        # In LISTEN nobody has spoken yet: an utterance that is still open is one whose sound stopped arriving.
        if self.dialogue.ear is Ear.CLOSED or (self.dialogue.phase is Phase.LISTEN and self._listener.segmenter.open):
            self._forget()

    def _tell(self, event: events.Event, now_ms: float) -> Iterator[Effect | Trouble]:
        """An answer is kept before its verdict goes out: whoever hears a verdict can rely on it."""
        steps = len(self.dialogue.course.steps)
        effects = self.dialogue.handle(event, now_ms)
        judged = next((effect for effect in effects if isinstance(effect, Judged)), None)
        # A course that is too long to be taken up again notes no further steps; its answers count all the same.
        if judged is not None or len(self.dialogue.course.steps) > steps:
            yield from self._keep(judged, now_ms)
        yield from effects

    def _keep(self, judged: Judged | None, now_ms: float) -> Iterator[StoreFailed]:
        if self._log is None:
            return
        attempt, at_ms = None, round(self._epoch_ms + now_ms)
        if judged is not None:
            judgement = judged.judgement
            attempt = Attempt(
                judged.fact, judgement.verdict, judgement.heard, judgement.confidence, judged.response_ms, at_ms,
                judged.appeal,
            )
        turn = judged.turn if judged else 0
        before, self._trouble = self._trouble, self._log.keep(turn, attempt, at_ms, now_ms)
        if self._trouble is not None and self._trouble != before:
            yield StoreFailed(self._trouble)

    def _hear(self, heard: Heard, now_ms: float) -> Iterator[Effect | Trouble]:
        if now_ms >= self.dialogue.deadline_ms:
            yield from self.handle(events.Tick(), now_ms)
        if self.dialogue.ear is Ear.CLOSED:
            self._forget()
            return
        if heard.missing:
            self._gap_at_ms = self.heard_ms
        segmenter = self._listener.segmenter
        segmenter.armed = self.dialogue.ear is Ear.OPEN
        for event in self._listener.hear(heard.pcm):
            match event:
                case UtteranceStarted(onset_ms, audio):
                    self._begins_at_ms = self.heard_ms - round(duration_ms(audio))
                    self._onset_ms, self._voice_until_ms = onset_ms, self.heard_ms
                    yield from self._begin(audio)
                    yield from self._tell(events.SpeechStarted(onset_ms), now_ms)
                case UtteranceContinued():
                    yield from self._continue(event, now_ms)
                    segmenter.silence_limit_ms = self.dialogue.silence_limit_ms
                case UtteranceEnded():
                    yield from self._end(now_ms)
            if self.dialogue.ear is not Ear.OPEN:
                self._forget()
                return

    def _begin(self, audio: bytes) -> Iterator[EngineFailed]:
        self._give_back()
        try:
            self._recogniser = self._engine.lease(self.language.code)
            self._recogniser.start()
            self._recogniser.feed(audio)
        except Exception:
            yield self._failed()
        self._utterance = [] if self._recorder is None else [audio]
        self._believed_at_ms = self._pause_ms = self._longest_pause_ms = 0
        self._news = True

    def _continue(self, event: UtteranceContinued, now_ms: float) -> Iterator[Effect | Trouble]:
        self._held.append(event.audio)
        if self._recorder is not None:
            self._utterance.append(event.audio)
        self._news = self._news or event.voiced
        if not event.silence_ms:
            self._voice_until_ms = self.heard_ms
            self._longest_pause_ms = max(self._longest_pause_ms, self._pause_ms)
        self._pause_ms = event.silence_ms
        if event.silence_ms == PAUSE_MS or (
            not event.silence_ms and event.spoken_ms - self._believed_at_ms >= PARTIAL_MS
        ):
            self._believed_at_ms = event.spoken_ms
            belief = yield from self._understand("belief")
            yield from self._tell(events.SpeechHeard(belief, event.silence_ms, event.spoken_ms), now_ms)

    def _end(self, now_ms: float) -> Iterator[Effect | Trouble]:
        if not self._news:
            # Nothing but silence since the last belief. A sound would count: the k of "ek" comes after a pause.
            self._held.clear()
        belief = yield from self._understand("finish")
        self._give_back()
        # Soft consonants come before the voice: what was lost just before that may be of the answer, too.
        damaged = self._gap_at_ms >= self._begins_at_ms
        voice_ms = self._voice_until_ms - self._onset_ms
        effects = list(self._tell(events.SpeechEnded(belief, damaged, voice_ms, self._longest_pause_ms), now_ms))
        yield from effects
        for effect in effects:
            if isinstance(effect, Judged):
                self._record(effect, now_ms)

    def _record(self, judged: Judged, now_ms: float) -> None:
        """Only of a right answer is it known what was said."""
        if self._recorder is not None and judged.judgement.verdict is Verdict.CORRECT and not judged.appeal:
            audio, self._utterance = b"".join(self._utterance), []
            self._offload(self._recorder.keep, audio, judged.fact.answer, round(self._epoch_ms + now_ms))

    def _understand(self, method: str) -> Generator[EngineFailed, None, Belief]:
        """Feed what was held, ask for the recogniser's `belief` or `finish` away from the loop, read the reply."""
        audio, self._held, self._news = b"".join(self._held), [], False
        if self._recogniser is None:
            return Belief()
        try:
            hypothesis = self._offload(_ask, self._recogniser, method, audio)
        except Exception:
            yield self._failed()
            return Belief()
        return believe(hypothesis, self.language.lexicon, self.dialogue.question)

    def _failed(self) -> EngineFailed:
        logger.exception("the recogniser failed; the drill goes on without it")
        self._recogniser = None
        return EngineFailed()

    def _forget(self) -> None:
        self._listener.interrupt()
        self._give_back()

    def _give_back(self) -> None:
        self._held.clear()
        if self._recogniser is not None:
            self._engine.release(self.language.code, self._recogniser)
            self._recogniser = None


def _ask(recogniser: Recogniser, method: str, audio: bytes) -> Hypothesis:
    recogniser.feed(audio)
    return recogniser.finish() if method == "finish" else recogniser.belief()
