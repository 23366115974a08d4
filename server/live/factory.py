"""Make a session from its parts, as the learner's page asks."""

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
from ..drill.modes import CHANT, MODES
from ..drill.selection import TooFewFacts
from ..drill.speaker import Speaker
from ..languages import Language
from ..store.drill_log import DrillLog
from ..store.errors import StoreError
from ..store.recorder import Recorder
from ..store.records import Drill, key_of, new_id
from ..store.snapshots import Snapshots, SnapshotTasks
from ..store.store import Store
from ..store.writer import Writer
from .chant_session import LISTENING, ChantSession, Following
from .concurrency import Concurrency
from .drill_session import DrillSession
from .gateway import Gone, UnknownLearner, Unreadable
from .protocol import Start
from .session import Session
from .sessions import new_token

logger = logging.getLogger(__name__)


class _DrillState(BaseModel):
    """The state of a drill: the wishes that it began with, and its steps since. It has no sound and no name."""

    start: Start
    seed: int
    drill: int
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class SessionFactory:
    """Makes sessions. After a restart of the server an unfinished drill can be resumed with its token."""

    languages: Mapping[str, Language]
    engines: Mapping[str, SpeechEngine]
    """By language."""
    clips: Callable[[str, str | None], Mapping[str, Clip]]
    """The clips of a language in a voice; None for the standard one."""
    sounds: Callable[[Sequence[Clip]], np.ndarray]
    """The samples of clips, back to back (int16, 16 kHz)."""
    is_prompt: Callable[[str, bytes], bool]
    """Whether an utterance is any tablet's prompt in a language."""
    settings: DialogueSettings
    data_dir: Path
    store: Store
    writer: Writer
    snapshots: Snapshots
    snapshot_tasks: SnapshotTasks
    concurrency: Concurrency
    ttl_ms: float
    """How long an unfinished drill can be resumed."""

    def session(self, start: Start, is_wanted: Callable[[], bool] = lambda: True) -> Session:
        """A new drill, or the unfinished one of its token. Raises UnknownLearner, TooFewFacts; Gone if unwanted."""
        return self.concurrency.offload(self._session, start, is_wanted)

    def _session(self, start: Start, is_wanted: Callable[[], bool]) -> Session:
        """One piece of work, in which no drill waits for the parts of others. Blocks."""
        _require(is_wanted)
        epoch_ms = utc_ms() - now_ms()
        if start.drill == CHANT:
            return self._chant(start)
        state, epoch = self._state(start)
        _require(is_wanted)
        learner = state.start.learner
        if isinstance(learner, str):
            raise UnknownLearner
        known, speaker, recorder = self._learner(learner, state)
        _require(is_wanted)
        course = self._course(state, known, speaker, epoch_ms)
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
            self.writer, drill, key_of(token), partial(_written, state, dialogue), partial(self._ended, learner), epoch
        )
        return DrillSession(
            self.languages[language].answering(largest),
            dialogue,
            Listener(WebRtcDetector()),
            engine,
            self.concurrency.offload,
            log,
            recorder,
            partial(self.is_prompt, language),
            token=token,
            sounds=self.sounds,
            recognise=self.concurrency.recognise,
            epoch=epoch,
        )

    def is_stored(self, token: str) -> bool:
        """Whether an unfinished drill has this token. Not while the database is in trouble: its page asks again."""
        try:
            return bool(self.concurrency.offload_store(self.store.is_unfinished, key_of(token), self._oldest_ms()))
        except DBAPIError:
            return False

    def taken_over(self, sessions: Sequence[Session]) -> list[Session]:
        """Return the sessions that another process has taken up; none while the database is in trouble."""
        try:
            epochs = self.concurrency.offload_store(self.store.epochs, [key_of(session.token) for session in sessions])
        except DBAPIError:
            return []
        return [session for session in sessions if epochs.get(key_of(session.token), 0) > session.epoch]

    def _chant(self, start: Start) -> Session:
        """A recitation of the first table, as far as the recogniser counts. Raises TooFewFacts."""
        engine = self.engines[start.language]
        table = start.tables[0]
        largest = engine.largest_number(start.language)
        lines = [fact.right for fact in facts_of((table,), start.lines, largest)]
        if not isinstance(engine, ChantEngine) or not lines:
            raise TooFewFacts(f"nobody follows the table of {table}")
        learner, token = start.learner, new_token()
        if isinstance(learner, str):
            raise UnknownLearner
        if learner is not None:
            try:
                self.store.learner(learner)
            except StoreError:
                raise UnknownLearner from None
            except DBAPIError:
                logger.exception("learner %s cannot be read", learner)
        drill = Drill(new_id(), learner, start.language, engine.name, CHANT, (table,), utc_ms())
        log = DrillLog(self.writer, drill, key_of(token), lambda: None, partial(self._ended, learner))
        progress = Progress(table, lines, start.from_line)
        return ChantSession(
            self.languages[start.language],
            ChantDialogue(progress, self.clips(start.language, start.voice), self.settings),
            Listener(WebRtcDetector(), LISTENING),
            Following(engine.follower(start.language, table, lines)),
            self.concurrency.offload,
            log=log,
            token=token,
            sounds=self.sounds,
            recognise=self.concurrency.recognise,
        )

    def _ended(self, learner: int | None) -> None:
        if learner is not None:
            self.snapshot_tasks.refresh(learner)

    def forget_unfinished(self, living: Sequence[str]) -> None:
        """Forget drills to which no learner came back in time. `living`: tokens of drills with a connection."""
        now, keys = utc_ms(), [key_of(token) for token in living]
        try:
            self.concurrency.offload_store(self.store.forget_unfinished, round(now - self.ttl_ms), keys, now)
        except DBAPIError as error:
            logger.warning("unfinished drills stay until the database is well again (%s)", error.orig)

    def _state(self, start: Start) -> tuple[_DrillState, int]:
        """Of a new drill, or of the one that was going on under this token; and its epoch from now on."""
        seed = secrets.randbits(53) if start.seed is None else start.seed
        return self._unfinished(start.token) or (_DrillState(start=start, drill=new_id(), seed=seed), 0)

    def _course(self, state: _DrillState, known: Knowledge, speaker: Speaker, epoch_ms: float) -> Course:
        """Raises TooFewFacts."""
        start = state.start
        largest = self.engines[start.language].largest_number(start.language)
        mode = MODES[start.drill].lasting(start.questions, start.minutes).within(start.lines, largest, start.only_lines)
        practice = mode.practice(start.tables, known, state.seed, epoch_ms, speaker)
        if not state.steps:
            return Course(practice, mode, now_ms())
        return Course.replay(practice, mode, state.steps, self.store.latest_turn(state.drill))

    def _oldest_ms(self) -> int:
        """When an unfinished drill must have been saved to be resumed now."""
        return round(utc_ms() - self.ttl_ms)

    def _unfinished(self, token: str | None) -> tuple[_DrillState, int] | None:
        if not token:
            return None
        try:
            found = self.store.take_up(key_of(token), self._oldest_ms())
            state = _DrillState.model_validate_json(found[0]) if found else None
        except DBAPIError as error:
            logger.warning("an unfinished drill cannot be read (%s)", error.orig)
            raise Unreadable from None
        except ValidationError:
            # The state is of another version: better a new drill than none.
            logger.exception("an unfinished drill cannot be read")
            return None
        return (state, found[1]) if found and state and state.start.language in self.languages else None

    def _learner(self, who: int | None, state: _DrillState) -> tuple[Knowledge, Speaker, Recorder | None]:
        """The learner's knowledge and voice before this drill, and a recorder if there is consent."""
        knowledge, speaker = Knowledge(), Speaker()
        recorder = None
        if who is not None:
            try:
                if self.store.learner(who).consent_at_ms is not None:
                    recorder = Recorder(self.store, self.data_dir, who, self.concurrency.offload_store)
                known = self.snapshots.known(who, but=state.drill)
                self.snapshot_tasks.keep(known)
                knowledge = known.knowledge
                language = state.start.language
                speaker = speaker.after(
                    self.store.recent_right_answers(who, language, self.engines[language].name, but=state.drill)
                )
            except StoreError:
                raise UnknownLearner from None
            except DBAPIError:
                # Better a drill without a history than none. Its answers are stored all the same.
                logger.exception("the history of learner %s cannot be read", who)
        return knowledge, speaker, recorder


def _require(is_wanted: Callable[[], bool]) -> None:
    if not is_wanted():
        raise Gone


def _written(state: _DrillState, dialogue: Dialogue) -> str | None:
    course = dialogue.course
    if not course.can_be_replayed:
        return None
    return state.model_copy(update={"steps": tuple(course.steps)}).model_dump_json(exclude_defaults=True)
