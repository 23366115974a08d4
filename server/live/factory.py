"""SessionFactory a drill: all that one session is made of, joined as the learner's page asks."""

import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import DBAPIError

from ..asr.base import SpeechEngine
from ..audio.detector import WebRtcDetector
from ..audio.listener import Listener
from ..clock import now_ms, utc_ms
from ..dialogue.dialogue import Dialogue
from ..dialogue.effects import Clip
from ..dialogue.settings import DialogueSettings
from ..drill.course import Course, Step
from ..drill.knowledge import Knowledge
from ..drill.modes import MODES
from ..languages import Language
from ..store.drill_log import DrillLog
from ..store.errors import StoreError
from ..store.recorder import Recorder
from ..store.records import Drill, new_id
from ..store.snapshots import Snapshots, SnapshotTasks
from ..store.store import Store
from ..store.writer import Writer
from .concurrency import Concurrency
from .gateway import Gone, UnknownLearner
from .protocol import Start
from .session import Session
from .sessions import key_of, new_token

logger = logging.getLogger(__name__)


class _Standing(BaseModel):
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
        standing, epoch = self._standing(start, epoch_ms)
        _require(is_wanted)
        learner = standing.start.learner
        if isinstance(learner, str):
            raise UnknownLearner
        known, recorder = self._learner(learner, standing.drill)
        _require(is_wanted)
        course = self._course(standing, known, epoch_ms)
        token = (course.has_begun and start.token) or new_token()
        language = standing.start.language
        engine = self.engines[language]
        drill = Drill(
            standing.drill,
            learner,
            language,
            engine.name,
            course.mode.name,
            course.mode.tables or tuple(sorted(set(standing.start.tables))),
            course.steps[0].at_ms,
        )
        largest = max(fact.answer for fact in course.mode.facts(standing.start.tables))
        dialogue = Dialogue(course, self.clips(language, standing.start.voice), self.settings)
        log = DrillLog(
            self.writer,
            drill,
            key_of(token),
            partial(_written, standing, dialogue),
            partial(self._ended, learner),
            epoch,
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
            epoch,
        )

    def taken_over(self, sessions: Sequence[Session]) -> list[Session]:
        """Those with which another process goes on. While the database is in trouble, none is known of."""
        try:
            epochs = self.concurrency.offload_store(self.store.epochs, [key_of(session.token) for session in sessions])
        except DBAPIError:
            return []
        return [session for session in sessions if epochs.get(key_of(session.token), 0) > session.epoch]

    def _ended(self, learner: int | None) -> None:
        if learner is not None:
            self.snapshot_tasks.refresh(learner)

    def forget_unfinished(self, living: Sequence[str]) -> None:
        """Those that nobody came back to in time. `living`: tokens of drills whose learner is there."""
        now, keys = utc_ms(), [key_of(token) for token in living]
        try:
            self.concurrency.offload_store(self.store.forget_unfinished, round(now - self.ttl_ms), keys, now)
        except DBAPIError as error:
            logger.warning("unfinished drills stay until the database is well again (%s)", error.orig)

    def _standing(self, start: Start, epoch_ms: float) -> tuple[_Standing, int]:
        """Of a new drill, or of the one that was going on under this token; and its epoch from now on."""
        seed = secrets.randbits(53) if start.seed is None else start.seed
        return self._unfinished(start.token, epoch_ms) or (_Standing(start=start, drill=new_id(), seed=seed), 0)

    def _course(self, standing: _Standing, known: Knowledge, epoch_ms: float) -> Course:
        """Raises TooFewFacts."""
        start = standing.start
        largest = self.engines[start.language].largest_number(start.language)
        mode = MODES[start.drill].lasting(start.questions, start.minutes).within(start.lines, largest)
        practice = mode.practice(start.tables, known, standing.seed, epoch_ms)
        if not standing.steps:
            return Course(practice, mode, now_ms())
        course = Course.replay(practice, mode, standing.steps)
        course.turn = max(course.turn, self.store.latest_turn(standing.drill))
        return course

    def _unfinished(self, token: str | None, epoch_ms: float) -> tuple[_Standing, int] | None:
        if not token:
            return None
        try:
            found = self.store.take_up(key_of(token), round(epoch_ms + now_ms() - self.ttl_ms))
            standing = _Standing.model_validate_json(found[0]) if found else None
        except (DBAPIError, ValidationError):
            # Of a database in trouble, or of another version of this program: better a new drill than none.
            logger.exception("an unfinished drill cannot be read")
            return None
        return (standing, found[1]) if found and standing and standing.start.language in self.languages else None

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


def _written(standing: _Standing, dialogue: Dialogue) -> str | None:
    course = dialogue.course
    if not course.can_be_replayed:
        return None
    return standing.model_copy(update={"steps": tuple(course.steps)}).model_dump_json(exclude_defaults=True)
