"""The Socket.IO side: validates messages, queues them, and sends the effects of the dialogue. It decides nothing."""

import logging
import random
from collections.abc import Callable, Sequence
from functools import partial
from math import inf
from typing import Any

from flask_socketio import SocketIO

from ..clock import now_ms
from ..dialogue import messages
from ..dialogue.settings import NoQuestion, UnknownSay
from ..drill.selection import TooFewFacts
from ..languages import Language
from ..store.drill_log import TakenOver
from ..store.records import key_of
from ..understanding.lexicon import Spoken
from . import metrics
from .admission import Admission
from .intake import BadAudio
from .lag import Lag
from .protocol import Command, Error, Outgoing, Played, Playing, Refused, Start, Started, Tap, Verdict
from .serial_queue import SerialQueue
from .serving.sockets import Callers
from .session import Heard, Session, StoreFailed, Trouble
from .sessions import Full, LiveSession, SessionRegistry
from .wire import event_of, outgoing, read, read_audio, read_start

logger = logging.getLogger(__name__)
# A session, what happened to it, and when that arrived (ms).
Letter = tuple[LiveSession, Heard | messages.Event, float]

# Two seconds of audio. A drill that is further behind would only get later by hearing more.
AUDIO_CAPACITY = 40
CAPACITY = 2 * AUDIO_CAPACITY
TICK_S, SWEEP_S = 0.05, 1.0
# A page waits so long for a database in trouble to give it its drill back. Later trouble is another one.
READABLE_WITHIN_MS, ANOTHER_TROUBLE_MS = 30_000.0, 600_000.0
# When the server stops: how long an open turn may take, and how far apart pages are sent away: they come back.
DRAIN_S, APART_S = 5.0, 0.02


class UnknownLearner(Exception):
    """The learner of a drill is not in the database."""


class Unreadable(Exception):
    """A drill cannot be taken up yet: the database is in trouble, or was a moment ago."""


class Gone(Exception):
    """The connection that asked for a drill is closed."""


class Gateway:
    """Ties connections to drills. `make_session(start, is_wanted)` opens a drill as the validated `start` message asks,
    or the one that was going on before the server was started anew; it raises UnknownLearner, TooFewFacts, Unreadable,
    and Gone where `is_wanted()` says no. `starts_at_once`: how many of them may be opened at a time. `late_ms()`: how
    long the recogniser's work waits by now. `taken_over(sessions)`: those with which another process goes on.
    `tell_taken(key)`: tells the other processes that a drill goes on here; they find out later without it.
    `is_stored(token)`: whether a drill that is not here can go on here. `is_unwritten()`: whether answers wait for the
    database in some process; none of its drills may be taken up before they are written.
    """

    def __init__(
        self,
        socketio: SocketIO,
        sessions: SessionRegistry,
        callers: Callers,
        languages: dict[str, Language],
        default_language: str,
        make_session: Callable[[Start, Callable[[], bool]], Session],
        starts_at_once: int = 2,
        late_ms: Callable[[], float] = lambda: 0.0,
        taken_over: Callable[[Sequence[Session]], Sequence[Session]] = lambda sessions: (),
        tell_taken: Callable[[str], object] = lambda key: None,
        is_stored: Callable[[str], bool] = lambda token: False,
        is_unwritten: Callable[[], bool] = lambda: False,
    ) -> None:
        self._socketio = socketio
        self._sessions = sessions
        self._callers = callers
        self._languages = languages
        self._default_language = languages[default_language]
        self._make_session = make_session
        self._admission = Admission(starts_at_once, socketio.start_background_task)
        self._late_ms = late_ms
        self._taken_over = taken_over
        self._tell_taken = tell_taken
        self._is_stored = is_stored
        self._is_unwritten = is_unwritten
        self._lag = Lag()
        self._unreadable_since_ms = -inf
        self._ticked_at_ms = now_ms()
        self.is_draining = False
        handlers: dict[str, Callable[..., Any]] = {
            "start": self._start,
            "audio": self._audio,
            "playing": self._playing,
            "played": self._played,
            "tap": self._tap,
            "command": self._command,
        }
        # Directly at the Socket.IO server: Flask's request context costs as much as hearing a chunk.
        for name, handler in handlers.items():
            socketio.server.on(name, self._guarded(handler))
        unknown = self._guarded(self._unknown)
        socketio.server.on("*", lambda name, connection, *_: unknown(connection, name))
        socketio.server.on("disconnect", self._disconnect)

    def tick(self) -> None:
        """Tell each drill when its deadline has come. Called every TICK_S."""
        now = now_ms()
        lag_ms = max(0.0, now - self._ticked_at_ms - TICK_S * 1000)
        metrics.LOOP_LAG_SECONDS.observe(lag_ms / 1000)
        self._lag.note(max(lag_ms, self._late_ms()), now)
        self._ticked_at_ms = now
        # If this server itself was late, the messages in its sockets were not.
        self._socketio.sleep(0)
        now = now_ms()
        for live_session in self._sessions.live_sessions():
            # Where something waits already, the time is looked at when its turn comes.
            if now >= live_session.session.dialogue.deadline_ms and not len(live_session.queue):
                self._put(live_session, messages.Tick())

    def sweep(self) -> None:
        """Remove abandoned drills, and connections that read too slowly. Called every SWEEP_S."""
        self._sessions.sweep(now_ms())
        self._callers.drop_slow_readers()
        metrics.SESSIONS.set(len(self._sessions))

    def let_go(self) -> None:
        """Let go of the drills that another process has taken up. Called every SWEEP_S."""
        self._let_go_of_those_taken(self._sessions.live_sessions())

    def let_go_of(self, key: str) -> None:
        """Do the same at once for one drill, if it is here: another process says that it has taken it up."""
        self._let_go_of_those_taken([each for each in self._sessions.live_sessions() if key_of(each.token) == key])

    def _let_go_of_those_taken(self, live_sessions: Sequence[LiveSession]) -> None:
        if not live_sessions:
            return
        taken_over = self._taken_over([each.session for each in live_sessions])
        for live_session in live_sessions:
            if live_session.session in taken_over:
                self._let_go(live_session)

    def _let_go(self, live_session: LiveSession) -> None:
        connection = self._sessions.remove(live_session)
        if connection is not None:
            self._callers.set_drill(connection, False)
            self._send_error(connection, live_session.session.language, Refused("taken_over"))
        self._put(live_session, messages.Disconnected())

    def drain(self) -> None:
        """Begin nothing more, and send each page away once its learner is not in a turn. Blocks."""
        self.is_draining = True
        began_ms = now_ms()
        drills = [each for each in self._sessions.live_sessions() if each.connection is not None]
        random.shuffle(drills)
        spread_ms = min(1000 * APART_S * len(drills), 1000 * DRAIN_S)
        leave_at_ms = {each: began_ms + spread_ms * place / len(drills) for place, each in enumerate(drills)}
        while leave_at_ms and now_ms() < began_ms + 1000 * DRAIN_S:
            for live_session, at_ms in list(leave_at_ms.items()):
                if live_session.connection is None:
                    del leave_at_ms[live_session]
                elif now_ms() >= at_ms and not live_session.is_in_turn:
                    self._callers.send_away(live_session.connection)
                    del leave_at_ms[live_session]
            self._socketio.sleep(TICK_S)

    def living(self) -> list[str]:
        """The tokens of drills that have a connection."""
        return [
            live_session.token for live_session in self._sessions.live_sessions() if live_session.connection is not None
        ]

    # Incoming

    def _guarded(self, handler: Callable[..., Any]) -> Callable[..., Any]:
        """A handler that answers each refusal and each error of ours with an `error`, never with silence."""

        def guarded(connection: str, *arguments: object) -> Any:
            try:
                return handler(connection, *arguments)
            except Refused as refused:
                return self._refuse(connection, refused, arguments)
            except Exception:
                logger.exception("a handler failed")
                return self._refuse(connection, Refused("internal"), arguments)

        return guarded

    def _start(self, connection: str, *arguments: object) -> dict[str, Any]:
        start = read_start(arguments)
        if start.language not in self._languages:
            raise Refused("unknown_language", f"this server speaks {', '.join(self._languages)}")
        self._admission.forget(connection)
        if self.is_draining:
            return self._come_back(connection)
        live_session = self._sessions.of_token(start.token)
        if live_session is not None and self._taken_over([live_session.session]):
            self._let_go(live_session)  # the page was elsewhere, and its drill has moved on there
            live_session = None
        if live_session is not None:
            self._require_room_in(live_session)
            return self._join(connection, start, live_session, resumed=True)
        has_room = self._has_room(connection)
        refused = self._refusal_of_new(connection) if has_room else Refused("busy")
        # A drill that was interrupted is no new work. Where there is no room for it, another process may have some.
        if refused is not None and not (start.token and self._is_stored(start.token)):
            raise refused
        if not has_room:
            return self._come_back(connection)
        self._callers.set_drill(connection, True)
        if not self._admission.enter():
            self._admission.wait(connection, partial(self._start_late, connection, start))
            return {"ok": True, "wait": True}
        try:
            return self._open(connection, start)
        finally:
            self._admission.leave()

    def _start_late(self, connection: str, start: Start) -> None:
        """Open the drill of a connection that had to wait. `started` or `error` answers it."""
        if self._is_connected(connection):
            open_late = self._guarded(lambda connection, _: self._open(connection, start, late=True))
            open_late(connection, {"language": start.language})

    def _open(self, connection: str, start: Start, late: bool = False) -> dict[str, Any]:
        """Open a new drill, or one that a restart interrupted."""
        if self.is_draining:
            return self._come_back(connection)
        if not self._has_room(connection):
            raise Refused("busy")
        queue = SerialQueue(self._handle, self._socketio.start_background_task)
        try:
            session = self._session(connection, start)
            rival = self._sessions.of_token(session.token)
            if rival is not None and rival.session.epoch < session.epoch:
                self._let_go(rival)
            live_session = self._sessions.open(
                LiveSession(session, queue, self._callers.address(connection), start.learner is None), connection
            )
        except UnknownLearner:
            raise Refused("unknown_learner") from None
        except TooFewFacts as error:
            raise Refused("bad_arguments", f"too few answers are understood: {error}") from None
        except Full:
            raise Refused("busy") from None
        except Gone:
            return {"ok": False}
        except Unreadable:
            return self._come_back(connection)
        if session.epoch:
            self._tell_taken(key_of(session.token))
        return self._join(connection, start, live_session, live_session.session.dialogue.has_begun, late)

    def _session(self, connection: str, start: Start) -> Session:
        """Open a drill. Raises Unreadable while a page may wait.

        After that a drill without its last answers is better than a new one, and that is better than none.
        """
        is_wanted = partial(self._is_connected, connection)
        if start.token and self._is_unwritten() and self._may_wait():
            raise Unreadable
        try:
            return self._make_session(start, is_wanted)
        except Unreadable:
            if self._may_wait():
                raise
            return self._make_session(start.model_copy(update={"token": None}), is_wanted)

    def _may_wait(self) -> bool:
        """Whether a page may still wait for the end of the database's trouble."""
        now = now_ms()
        if now - self._unreadable_since_ms > ANOTHER_TROUBLE_MS:
            self._unreadable_since_ms = now
        return now - self._unreadable_since_ms < READABLE_WITHIN_MS

    def _join(
        self, connection: str, start: Start, live_session: LiveSession, resumed: bool, late: bool = False
    ) -> dict[str, Any]:
        """Give the session to this connection. Returns what the page is told."""
        if self._sessions.of_connection(connection) is not live_session:
            self._leave(connection)  # its drill until now
        previous = self._sessions.attach(live_session, connection)
        self._callers.set_drill(connection, True)
        if previous is not None:
            self._callers.set_drill(previous, False)
            self._send_error(previous, live_session.session.language, Refused("taken_over"))
        told = Started(token=live_session.token, resumed=resumed, duplex=live_session.session.dialogue.duplex)
        if late:
            self._send(connection, told)
        self._put(live_session, messages.Resumed() if resumed else messages.Started(start.asleep))
        if not self._is_connected(connection):
            # It went while the history was read, before there was a session.
            self._leave(connection)
        return told.model_dump()

    def _is_connected(self, connection: str) -> bool:
        return bool(self._socketio.server.manager.is_connected(connection, "/"))

    def _come_back(self, connection: str) -> dict[str, Any]:
        """Send the page away. It comes back by itself after a moment: to this process, or to another one."""
        self._callers.send_away(connection)
        return {"ok": True, "wait": True}

    def _refusal_of_new(self, connection: str) -> Refused | None:
        """Why no new drill may begin now."""
        if not self._callers.may_start(connection):
            return Refused("too_fast", "too many drills begin at this address")
        if self._lag.is_standing(now_ms()):
            return Refused("busy", "those who practise already wait for their verdicts")
        return None

    def _has_room(self, connection: str) -> bool:
        """Asked before the learner's history is read in vain."""
        try:
            self._sessions.require_room(connection, self._callers.address(connection))
        except Full:
            return False
        return True

    def _audio(self, connection: str, *arguments: object) -> None:
        audio = read_audio(arguments)
        live_session = self._live_session(connection)
        try:
            accepted = live_session.intake.accept(audio.seq, audio.captured_ms, audio.pcm, now_ms())
        except BadAudio as bad:
            raise Refused(bad.code, str(bad)) from None
        if accepted is None:
            return
        if len(live_session.queue) >= AUDIO_CAPACITY:
            metrics.DROPPED_CHUNKS.inc()
            live_session.intake.lost()
        else:
            self._put(live_session, Heard(accepted.pcm, accepted.missing))

    def _playing(self, connection: str, *arguments: object) -> None:
        self._put_if_room(self._live_session(connection), messages.Playing(read(Playing, arguments).say))

    def _played(self, connection: str, *arguments: object) -> None:
        self._put_if_room(self._live_session(connection), messages.Played(read(Played, arguments).say))

    def _tap(self, connection: str, *arguments: object) -> None:
        tap = read(Tap, arguments)
        self._put_if_room(self._live_session(connection), messages.Tapped(tap.answer, tap.say))

    def _command(self, connection: str, *arguments: object) -> None:
        command = read(Command, arguments)
        self._put_if_room(self._live_session(connection), messages.Commanded(Spoken(command.name), command.say))

    def _unknown(self, connection: str, name: object) -> None:
        raise Refused("bad_arguments", f"there is no event {str(name)[:40]!r}")

    def _disconnect(self, connection: str, *_: object) -> None:
        self._admission.forget(connection)
        self._callers.set_drill(connection, False)
        self._leave(connection)

    def _leave(self, connection: str) -> None:
        live_session = self._sessions.detach(connection, now_ms())
        if live_session is not None:
            self._put(live_session, messages.Disconnected())

    def _live_session(self, connection: str) -> LiveSession:
        live_session = self._sessions.of_connection(connection)
        if live_session is None:
            raise Refused("not_started")
        return live_session

    def _put_if_room(self, live_session: LiveSession, event: messages.Event) -> None:
        self._require_room_in(live_session)
        self._put(live_session, event)

    @staticmethod
    def _require_room_in(live_session: LiveSession) -> None:
        if len(live_session.queue) >= CAPACITY:
            raise Refused("too_fast")

    @staticmethod
    def _put(live_session: LiveSession, item: Heard | messages.Event) -> None:
        live_session.queue.put((live_session, item, now_ms()))

    # Outgoing

    def _handle(self, letter: Letter) -> None:
        """Handle one letter, in the session's own task."""
        live_session, item, arrived_ms = letter
        session = live_session.session
        if isinstance(item, messages.Disconnected) and live_session.connection is not None:
            return  # the learner is back already
        if isinstance(item, messages.Tick) and len(live_session.queue):
            return  # the time is looked at when the turn of what waits has come
        try:
            for effect in session.handle(item, now_ms()):
                if isinstance(effect, Trouble):
                    refused = Refused(effect.code) if isinstance(effect, StoreFailed) else Refused("engine_failed")
                    self._send_error(live_session.connection, session.language, refused)
                    continue
                message = outgoing(effect, session.language.digits)
                if isinstance(message, Verdict):
                    took_ms = round(now_ms() - arrived_ms, 1)
                    message = message.model_copy(update={"server_ms": took_ms})
                    metrics.DECISION_SECONDS.observe(took_ms / 1000)
                    metrics.VERDICTS.labels(session.language.code, message.verdict).inc()
                self._send(live_session.connection, message)
        except TakenOver:
            self._let_go(live_session)
        except UnknownSay as error:
            self._send_error(live_session.connection, session.language, Refused("unknown_say", str(error)))
        except NoQuestion as error:
            self._send_error(live_session.connection, session.language, Refused("not_started", str(error)))
        except Exception:
            logger.exception("a drill failed at %r", item)
            self._send_error(live_session.connection, session.language, Refused("internal"))
            for effect in session.recover(now_ms(), is_there=live_session.connection is not None):
                self._send(live_session.connection, outgoing(effect, session.language.digits))

    def _send(self, connection: str | None, message: Outgoing) -> None:
        """Send nothing to a learner who is away: the drill repeats it on return."""
        if connection is not None:
            name, payload = event_of(message)
            self._socketio.emit(name, payload, to=connection)

    def _refuse(self, connection: str, refused: Refused, arguments: tuple[object, ...]) -> dict[str, Any]:
        """Send the error. Returns it for the acknowledgement."""
        live_session = self._sessions.of_connection(connection)
        if live_session is None and not self._admission.is_waiting(connection):
            self._callers.set_drill(connection, False)
        language = live_session.session.language if live_session else self._wanted_language(arguments)
        return {"ok": False} | self._send_error(connection, language, refused)

    def _send_error(self, connection: str | None, language: Language, refused: Refused) -> dict[str, Any]:
        metrics.REFUSALS.labels(refused.code).inc()
        error = Error(code=refused.code, message=language.errors[refused.code], detail=refused.detail)
        self._send(connection, error)
        return error.model_dump(mode="json")

    def _wanted_language(self, arguments: tuple[object, ...]) -> Language:
        wanted = arguments[0].get("language") if arguments and isinstance(arguments[0], dict) else None
        return self._languages.get(wanted if isinstance(wanted, str) else "", self._default_language)
