"""SessionFactory a drill: all that one session is made of, joined as the learner's page asks."""

import hashlib
import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import DBAPIError

from ..asr.base import ChantEngine, SpeechEngine
from ..audio.detector import WebRtcDetector
from ..audio.listener import Listener
from ..chant.dialogue import ChantDialogue
from ..chant.progress import Progress
from ..clock import now_ms, utc_ms
from ..dialogue.dialogue import Dialogue
from ..dialogue.messages import Clip
from ..dialogue.settings import DialogueSettings
from ..drill.course import Course, Step
from ..drill.facts import facts_of
from ..drill.knowledge import Knowledge
from ..drill.modes import MODES
from ..drill.selection import TooFewFacts
from ..languages import Language
from ..store.drill_log import DrillLog
from ..store.errors import StoreError
from ..store.recorder import Recorder
from ..store.records import Drill, new_id
from ..store.snapshots import Snapshots, SnapshotTasks
from ..store.store import Store
from ..store.writer import Writer
from .chant_session import LISTENING, ChantSession, Following
from .concurrency import Concurrency
from .gateway import Gone, UnknownLearner
from .protocol import CHANT, Start
from .session import Session
from .sessions import new_token

logger = logging.getLogger(__name__)


class _DrillState(BaseModel):
    """Where a drill stands: what it was asked for, and what happened since. No sound and no name is in it."""

    start: Start
    seed: int
    drill: int
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class SessionFactory:
    """Makes sessions. engines: of each language; clips: of a language and of the voice that is wished for, or None.
    sounds: how clips sound, back to back. is_prompt: whether an utterance is a prompt of a language, of any tablet.

    For so long as `ttl_ms` a drill that was going on when the server stopped can be taken up again by its token.
    """

    languages: Mapping[str, Language]
    engines: Mapping[str, SpeechEngine]
    clips: Callable[[str, str | None], Mapping[str, Clip]]
    sounds: Callable[[Sequence[Clip]], np.ndarray]
    is_prompt: Callable[[str, bytes], bool]
    settings: DialogueSettings
    data_dir: Path
    store: Store
    writer: Writer
    snapshots: Snapshots
    snapshot_tasks: SnapshotTasks
    concurrency: Concurrency
    ttl_ms: float

    def session(self, start: Start, is_wanted: Callable[[], bool] = lambda: True) -> Session:
        """Raises UnknownLearner, TooFewFacts; Gone where it is not wanted any more, which is asked before each part."""
        return self.concurrency.offload(self._session, start, is_wanted)

    def _session(self, start: Start, is_wanted: Callable[[], bool]) -> Session:
        """One piece of work, so that nobody's second half waits for everybody's first. Blocks."""
        _require(is_wanted)
        epoch_ms = utc_ms() - now_ms()
        if start.drill == CHANT:
            return self._chant(start)
        state = self._state(start, epoch_ms)
        _require(is_wanted)
        learner = state.start.learner
        if isinstance(learner, str):
            raise UnknownLearner
        known, recorder = self._learner(learner, state.drill)
        _require(is_wanted)
        course = self._course(state, known, epoch_ms)
        token = (course.has_begun and start.token) or new_token()
        language = state.start.language
        engine = self.engines[language]
        drill = Drill(
            state.drill,
            learner,
            language,
            engine.name,
            course.mode.name,
            course.mode.tables or tuple(sorted(set(state.start.tables))),
            course.steps[0].at_ms,
        )
        largest = max(fact.answer for fact in course.mode.facts(state.start.tables))
        dialogue = Dialogue(course, self.clips(language, state.start.voice), self.settings)
        log = DrillLog(
            self.writer, drill, _key(token), partial(_written, state, dialogue), partial(self._ended, learner)
        )
        return Session(
            self.languages[language].answering(largest),
            dialogue,
            Listener(WebRtcDetector()),
            engine,
            self.concurrency.offload,
            log,
            recorder,
            token,
            self.sounds,
            partial(self.is_prompt, language),
            self.concurrency.recognise,
        )

    def _chant(self, start: Start) -> Session:
        """A recitation of the first table, as far as the recogniser counts. Raises TooFewFacts."""
        engine = self.engines[start.language]
        table = start.tables[0]
        largest = engine.largest_number(start.language)
        lines = [fact.right for fact in facts_of((table,), start.lines, largest)]
        if not isinstance(engine, ChantEngine) or not lines:
            raise TooFewFacts(f"nobody follows the table of {table}")
        return ChantSession(
            self.languages[start.language],
            ChantDialogue(Progress(table, lines), self.clips(start.language, start.voice), self.settings),  # type: ignore[arg-type]
            Listener(WebRtcDetector(), LISTENING),
            Following(engine.follower(start.language, table, lines)),  # type: ignore[arg-type]
            self.concurrency.offload,
            token=new_token(),
            sounds=self.sounds,
            recognise=self.concurrency.recognise,
        )

    def _ended(self, learner: int | None) -> None:
        if learner is not None:
            self.snapshot_tasks.refresh(learner)

    def forget_unfinished(self, living: Sequence[str]) -> None:
        """Those that nobody came back to in time. `living`: tokens of drills whose learner is there."""
        now, keys = utc_ms(), [_key(token) for token in living]
        try:
            self.concurrency.offload_store(self.store.forget_unfinished, round(now - self.ttl_ms), keys, now)
        except DBAPIError as error:
            logger.warning("unfinished drills stay until the database is well again (%s)", error.orig)

    def _state(self, start: Start, epoch_ms: float) -> _DrillState:
        """Of a new drill, or of the one that was going on under this token."""
        return self._unfinished(start.token, epoch_ms) or _DrillState(
            start=start, drill=new_id(), seed=secrets.randbits(53) if start.seed is None else start.seed
        )

    def _course(self, state: _DrillState, known: Knowledge, epoch_ms: float) -> Course:
        """Raises TooFewFacts."""
        start = state.start
        largest = self.engines[start.language].largest_number(start.language)
        mode = MODES[start.drill].lasting(start.questions, start.minutes).within(start.lines, largest)
        practice = mode.practice(start.tables, known, state.seed, epoch_ms)
        if not state.steps:
            return Course(practice, mode, now_ms())
        return Course.replay(practice, mode, state.steps, self.store.latest_turn(state.drill))

    def _unfinished(self, token: str | None, epoch_ms: float) -> _DrillState | None:
        if not token:
            return None
        try:
            content = self.store.unfinished(_key(token), round(epoch_ms + now_ms() - self.ttl_ms))
            state = _DrillState.model_validate_json(content) if content else None
        except (DBAPIError, ValidationError):
            # Of a database in trouble, or of another version of this program: better a new drill than none.
            logger.exception("an unfinished drill cannot be read")
            return None
        return state if state and state.start.language in self.languages else None

    def _learner(self, who: int | None, drill: int) -> tuple[Knowledge, Recorder | None]:
        """What was known of the learner before this drill."""
        knowledge = Knowledge()
        recorder = None
        if who is not None:
            try:
                if self.store.learner(who).consent_at_ms is not None:
                    recorder = Recorder(self.store, self.data_dir, who, self.concurrency.offload_store)
                known = self.snapshots.known(who, but=drill)
                self.snapshot_tasks.keep(known)
                knowledge = known.knowledge
            except StoreError:
                raise UnknownLearner from None
            except DBAPIError:
                # Better a drill that knows nothing of yesterday than none; what is answered is kept all the same.
                logger.exception("the history of learner %s cannot be read", who)
        return knowledge, recorder


def _require(is_wanted: Callable[[], bool]) -> None:
    if not is_wanted():
        raise Gone


def _key(token: str) -> str:
    """What the store knows of a token: who reads the database cannot take up anybody's drill."""
    return hashlib.sha256(token.encode()).hexdigest()


def _written(state: _DrillState, dialogue: Dialogue) -> str | None:
    course = dialogue.course
    if not course.can_be_replayed:
        return None
    return state.model_copy(update={"steps": tuple(course.steps)}).model_dump_json(exclude_defaults=True)
