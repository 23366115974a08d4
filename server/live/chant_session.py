"""One recitation of a table: the voice is followed line by line."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..asr.base import ChantFollower
from ..audio.echo_guard import EchoGuard, Examined
from ..audio.segmenter import SegmenterSettings, VoiceContinued
from ..chant.dialogue import ChantDialogue
from ..chant.messages import ChantEnded, ChantHeard, Effect, Recited
from ..chant.progress import Mark
from ..clock import utc_ms
from ..dialogue.messages import Progressed
from ..dialogue.settings import PAUSE_MS
from ..drill.attempt import Attempt
from ..drill.judging import Verdict
from ..understanding.chant import Chant
from .session import Session, Told
from .utterance import PARTIAL_WITHIN_MS, Utterance

# A child may chant a whole table in one breath.
LISTENING = SegmenterSettings(cap_ms=60_000)
# How often a chant is followed while the voice goes on: each costs 10 ms, and a line lights up as much later.
FOLLOW_EVERY_MS = 400


@dataclass
class ChantUtterance(Utterance[Chant]):
    """An utterance of a recitation."""

    chant: Chant = Chant()
    """The latest opinion."""

    def go_on(self, event: VoiceContinued, heard_ms: int, every_ms: float = FOLLOW_EVERY_MS) -> bool:
        """Take one more frame. The last sound of a line is heard up to 250 ms after it: a pause is looked at twice."""
        return super().go_on(event, heard_ms, every_ms) or event.silence_ms == 2 * PAUSE_MS

    def fail(self) -> None:
        super().fail()
        self.chant = Chant()

    def understand(self, guard: EchoGuard, final: bool) -> tuple[Chant, Examined]:
        """Follow what is new; where it is echo, as silence. Blocks. Raises the engine's errors."""
        examined = self._examine(guard)
        if self.recogniser is None:
            return Chant(), examined
        new = bytes(self._audio[self._fed :])
        if examined.is_echo:
            new = bytes(len(new))
        elif examined.cleaned is not None:
            new = examined.cleaned[-len(new) :].rjust(len(new), b"\0") if new else b""
        self.recogniser.feed(new)
        self._fed = len(self._audio)
        return (self.recogniser.finish() if final else self.recogniser.partial()), examined


class Following:
    """The recognisers of one recitation: all its utterances have the same follower."""

    def __init__(self, follower: ChantFollower) -> None:
        self._follower = follower

    def lease(self, language: str) -> ChantFollower:
        return self._follower

    def release(self, language: str, recogniser: ChantFollower) -> None:
        """It goes on with the next utterance."""


# How a line counts: what the child did not say itself is no answer.
VERDICTS = {Mark.RIGHT: Verdict.CORRECT, Mark.WRONG: Verdict.WRONG, Mark.UNSURE: Verdict.UNSURE}


class ChantSession(Session):
    """A recitation."""

    utterance_kind = ChantUtterance
    dialogue: ChantDialogue
    _recited_at_ms: int | None = None

    def _keep(self, effects: Sequence[Effect | Progressed], now_ms: float) -> str | None:
        if self._log is None:
            return None
        attempts = [each for effect in effects if isinstance(effect, Recited) for each in self._attempts(effect)]
        return self._log.keep_lines(attempts, now_ms)

    def _attempts(self, recited: Recited) -> list[Attempt]:
        """All lines of a recitation have one time, though some may be stored when a connection is lost."""
        at_ms = self._recited_at_ms = self._recited_at_ms or utc_ms()
        return [
            Attempt(line.fact, VERDICTS.get(line.mark, Verdict.SILENCE), None, 1.0, line.took_ms, at_ms, in_order=True)
            for line in recited.lines
        ]

    def _continue(self, utterance: ChantUtterance, event: VoiceContinued, now_ms: float) -> Iterator[Told]:
        if utterance.go_on(event, self.heard_ms):
            yield from self._understand(utterance, within_ms=None if event.silence_ms else PARTIAL_WITHIN_MS)
            heard = ChantHeard(utterance.chant, utterance.begins_ms, event.silence_ms)
            yield from self._carry_out(self.dialogue.handle(heard, now_ms), now_ms)
            # A prompt has begun: what is heard from now on is an utterance of its own.
            if not self.dialogue.is_hearing:
                self._forget()

    def _end(self, utterance: ChantUtterance, now_ms: float) -> Iterator[Told]:
        examined = yield from self._understand(utterance, final=True)
        self._give_back()
        ended = ChantEnded(utterance.chant, utterance.begins_ms, utterance.voice_ms, examined.is_echo)
        yield from self._carry_out(self.dialogue.handle(ended, now_ms), now_ms)
        if examined.delay_ms is not None:
            yield from self._tell_path(now_ms)

    def _understood(self, utterance: ChantUtterance, chant: Chant, examined: Examined, final: bool) -> Examined:
        utterance.chant = chant
        return examined
