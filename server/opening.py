"""Opening a drill: all that one session is made of, joined as the learner's page asks."""

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

from .dialogue.dialogue import Dialogue
from .dialogue.effects import Clip
from .dialogue.settings import DialogueSettings
from .drill.attempt import Attempt
from .drill.course import Course, Step
from .drill.modes import MODES
from .engines.vad import WebRtcDetector
from .languages import Language
from .speech.belief import SpeechEngine
from .speech.listener import Listener
from .store.drill_log import DrillLog
from .store.errors import StoreError
from .store.recorder import Recorder
from .store.records import Drill, new_id
from .store.store import Store
from .store.writer import Writer
from .web.clock import now_ms, utc_ms
from .web.concurrency import Concurrency
from .web.gateway import UnknownLearner
from .web.incoming import Start
from .web.registry import new_token
from .web.session import Session

logger = logging.getLogger(__name__)


class _Standing(BaseModel):
    """Where a drill stands: what it was asked for, and what happened since. No sound and no name is in it."""

    start: Start
    seed: int
    drill: int
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Opening:
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
    concurrency: Concurrency
    ttl_ms: float

    def session(self, start: Start) -> Session:
        """Raises UnknownLearner, TooFewFacts."""
        epoch_ms = utc_ms() - now_ms()
        # Years of answers are read and added up: not on the event loop.
        standing, course, recorder = self.concurrency.offload(self._course, start, epoch_ms)
        token = (course.has_begun and start.token) or new_token()
        language = standing.start.language
        engine = self.engines[language]
        clips = self.concurrency.offload(self.clips, language, standing.start.voice)
        drill = Drill(
            standing.drill, standing.start.learner, language, engine.name, course.mode.name,
            course.mode.tables or tuple(sorted(set(standing.start.tables))), course.steps[0].at_ms,
        )
        largest = max(fact.answer for fact in course.mode.facts(standing.start.tables))
        log = DrillLog(self.writer, drill, _key(token), partial(_written, standing, course))
        return Session(
            self.languages[language].answering(largest), Dialogue(course, clips, self.settings),
            Listener(WebRtcDetector()), engine, self.concurrency.offload, log, recorder, epoch_ms, token,
            self.sounds, partial(self.is_prompt, language),
        )

    def forget_unfinished(self) -> None:
        """Those that nobody came back to in time."""
        try:
            self.concurrency.offload(self.store.forget_unfinished, round(utc_ms() - self.ttl_ms))
        except DBAPIError as error:
            logger.warning("unfinished drills stay until the database is well again (%s)", error.orig)

    def _course(self, start: Start, epoch_ms: float) -> tuple[_Standing, Course, Recorder | None]:
        """A new course, or the one that was going on under this token. Blocks. Raises what `session` does."""
        standing = self._unfinished(start.token, epoch_ms) or _Standing(
            start=start, drill=new_id(), seed=secrets.randbits(53) if start.seed is None else start.seed
        )
        start = standing.start
        history, recorder = self._learner(start.learner, standing.drill)
        largest = self.engines[start.language].largest_number(start.language)
        mode = MODES[start.drill].lasting(start.questions, start.minutes).within(start.lines, largest)
        practice = mode.practice(start.tables, history, standing.seed, epoch_ms)
        if not standing.steps:
            return standing, Course(practice, mode, now_ms()), recorder
        course = Course.replay(practice, mode, standing.steps)
        course.turn = max(course.turn, self.store.latest_turn(standing.drill))
        return standing, course, recorder

    def _unfinished(self, token: str | None, epoch_ms: float) -> _Standing | None:
        if not token:
            return None
        try:
            content = self.store.unfinished(_key(token), round(epoch_ms + now_ms() - self.ttl_ms))
            standing = _Standing.model_validate_json(content) if content else None
        except (DBAPIError, ValidationError):
            # Of a database in trouble, or of another version of this program: better a new drill than none.
            logger.exception("an unfinished drill cannot be read")
            return None
        return standing if standing and standing.start.language in self.languages else None

    def _learner(self, who: int | str | None, drill: int) -> tuple[list[Attempt], Recorder | None]:
        """What the learner did before this drill."""
        if isinstance(who, str):
            raise UnknownLearner
        history: list[Attempt] = []
        recorder = None
        if who is not None:
            try:
                if self.store.learner(who).consent_at_ms is not None:
                    recorder = Recorder(self.store, self.data_dir, who)
                history = self.store.attempts_of(who, but=drill)
            except StoreError:
                raise UnknownLearner from None
            except DBAPIError:
                # Better a drill that knows nothing of yesterday than none; what is answered is kept all the same.
                logger.exception("the history of learner %s cannot be read", who)
        return history, recorder


def _key(token: str) -> str:
    """What the store knows of a token: who reads the database cannot take up anybody's drill."""
    return hashlib.sha256(token.encode()).hexdigest()


def _written(standing: _Standing, course: Course) -> str | None:
    if not course.can_be_replayed:
        return None
    return standing.model_copy(update={"steps": tuple(course.steps)}).model_dump_json(exclude_defaults=True)
