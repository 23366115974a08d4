"""Opening a drill: all that one session is made of, joined as the learner's page asks."""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from .dialogue.dialogue import Dialogue
from .dialogue.effects import Clip
from .dialogue.settings import DialogueSettings
from .drill.attempt import Attempt
from .drill.modes import MODES, Mode
from .drill.practice import Practice
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
from .web.concurrency import Concurrency
from .web.gateway import UnknownLearner, now_ms
from .web.session import Session
from .web.wire import Start

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Opening:
    """Makes sessions; `engines` and `clips` are those of each language."""

    languages: Mapping[str, Language]
    engines: Mapping[str, SpeechEngine]
    clips: Mapping[str, Mapping[str, Clip]]
    settings: DialogueSettings
    data_dir: Path
    store: Store
    writer: Writer
    concurrency: Concurrency

    def session(self, start: Start) -> Session:
        """Raises UnknownLearner."""
        who = start.learner
        if isinstance(who, str):
            raise UnknownLearner
        engine = self.engines[start.language]
        mode = MODES[start.drill].lasting(start.questions, start.minutes).within(
            start.lines, engine.largest_number(start.language)
        )
        largest = max(fact.answer for fact in mode.facts(start.tables))
        epoch_ms = time.time() * 1000 - now_ms()
        # Years of answers are read and added up: not on the event loop.
        practice, recorder = self.concurrency.offload(self._learner, who, start, mode, epoch_ms)
        dialogue = Dialogue(practice, self.clips[start.language], mode, self.settings, now_ms())
        log = None
        if who is not None:
            started_at_ms = round(epoch_ms + now_ms())
            tables = mode.tables or tuple(sorted(set(start.tables)))
            log = DrillLog(self.writer, Drill(
                new_id(), who, start.language, engine.name, mode.name, tables, started_at_ms
            ))
        return Session(
            self.languages[start.language].answering(largest), dialogue, Listener(WebRtcDetector()), engine,
            self.concurrency.offload, log, recorder, epoch_ms,
        )

    def _learner(
        self, who: int | None, start: Start, mode: Mode, epoch_ms: float
    ) -> tuple[Practice, Recorder | None]:
        history: list[Attempt] = []
        recorder = None
        if who is not None:
            try:
                if self.store.learner(who).consent_at_ms is not None:
                    recorder = Recorder(self.store, self.data_dir, who)
                history = self.store.attempts_of(who)
            except StoreError:
                raise UnknownLearner from None
            except DBAPIError:
                # Better a drill that knows nothing of yesterday than none; what is answered is kept all the same.
                logger.exception("the history of learner %s cannot be read", who)
        return mode.practice(start.tables, history, start.seed, epoch_ms), recorder
