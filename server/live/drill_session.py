"""One learner's drill: the voice is read as an answer to the question."""

from collections.abc import Callable, Iterator, Sequence
from math import inf
from typing import Any, Protocol

from ..asr.base import SpeechEngine
from ..audio.echo_guard import Examined
from ..audio.listener import Listener
from ..audio.segmenter import VoiceContinued
from ..chant.messages import Effect
from ..dialogue import messages
from ..dialogue.dialogue import Dialogue
from ..dialogue.messages import Judged, Progressed
from ..dialogue.state import Phase
from ..drill.judging import Verdict
from ..languages import Language
from ..understanding.hypothesis import Hypothesis
from ..understanding.interpretation import Interpretation, interpret
from .session import Log, Session, Told
from .utterance import OVER_PROMPT_MS, PARTIAL_MS, PARTIAL_WITHIN_MS, Answer


class Recorder(Protocol):
    """Stores the sound of an answer, with the consent of the learner. Never raises."""

    def keep(self, pcm: bytes, number: int, at_ms: int) -> None: ...


class DrillSession(Session):
    """`recorder`: None without consent. `is_prompt`: whether an utterance is a prompt of another tablet."""

    utterance_kind = Answer
    dialogue: Dialogue

    def __init__(
        self,
        language: Language,
        dialogue: Dialogue,
        listener: Listener,
        engine: SpeechEngine,
        offload: Callable[..., Any],
        log: Log | None = None,
        recorder: Recorder | None = None,
        is_prompt: Callable[[bytes], bool] = lambda pcm: False,
        **parts: Any,
    ) -> None:
        super().__init__(language, dialogue, listener, engine, offload, log, **parts)
        self._recorder = recorder
        self._is_prompt = is_prompt

    def _keep(self, effects: Sequence[Effect | Progressed], now_ms: float) -> str | None:
        if self._log is None:
            return None
        at_ms = next(effect.at_ms for effect in effects if isinstance(effect, Progressed))
        judged = next((effect for effect in effects if isinstance(effect, Judged)), None)
        turn, attempt = (judged.turn, judged.attempt) if judged else (0, None)
        return self._log.keep(turn, attempt, at_ms, now_ms)

    def _continue(self, utterance: Answer, event: VoiceContinued, now_ms: float) -> Iterator[Told]:
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

    def _end(self, utterance: Answer, now_ms: float) -> Iterator[Told]:
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
                self._record(effect, utterance.audio)

    def _record(self, judged: Judged, audio: bytes) -> None:
        """Record a right answer: only then is it known what was said."""
        attempt = judged.attempt
        if self._recorder is not None and attempt.verdict is Verdict.CORRECT and not attempt.appeal:
            self._recorder.keep(audio, attempt.fact.answer, attempt.at_ms)

    def _understood(self, utterance: Answer, hypothesis: Hypothesis, examined: Examined, final: bool) -> Examined:
        """Read the reply in view of the question. Another tablet's prompt is no answer."""
        utterance.interpretation = interpret(hypothesis, self.language.lexicon, self.dialogue.question)
        if final and self._may_be_prompt(utterance, examined) and self._recognise(self._is_prompt, utterance.audio):
            utterance.interpretation = Interpretation()
            return Examined(is_echo=True)
        return examined

    def _may_be_prompt(self, utterance: Answer, examined: Examined) -> bool:
        """Whether another tablet may have said it. A right answer is no prompt; the own prompts are known already."""
        return not examined.is_echo and utterance.interpretation.best[0] != self.dialogue.answer
