"""The Socket.IO side: validates what comes in, queues it, and sends what the dialogue says. Decides nothing."""

import logging
import time
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from flask_socketio import SocketIO
from pydantic import BaseModel, ValidationError

from ..dialogue import events
from ..dialogue.effects import Judged
from ..dialogue.settings import NoQuestion, UnknownSay
from ..languages import Language
from ..speech.lexicon import Spoken
from . import metrics, wire
from .intake import BadAudio
from .mailbox import Mailbox
from .registry import Full, Registry, Seat
from .session import Heard, Session, StoreFailed, Trouble

logger = logging.getLogger(__name__)
Message = TypeVar("Message", bound=BaseModel)
# What happened, and when it arrived (ms).
Letter = tuple[Heard | events.Event, float]

# Two seconds of audio: if a drill is further behind than that, hearing more would only make it later still.
AUDIO_CAPACITY = 40
CAPACITY = 2 * AUDIO_CAPACITY
TICK_S = 0.05
SWEEP_MS = 1000.0


def now_ms() -> float:
    return time.monotonic() * 1000


class Refused(Exception):
    """A message that cannot be honoured; `code` is the protocol's word for the reason, `detail` is for developers."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(detail or code)
        self.code = code
        self.detail = detail


class UnknownLearner(Exception):
    """A drill is wanted for somebody who is not there, or not any more."""


class Gateway:
    """Ties connections to drills. `make_session(start)` opens a drill as the validated `start` message asks, or the
    one that was going on before the server was started anew; it raises UnknownLearner.
    """

    def __init__(
        self, socketio: SocketIO, registry: Registry, languages: dict[str, Language], default_language: str,
        make_session: Callable[[wire.Start], Session],
    ) -> None:
        self._socketio = socketio
        self._registry = registry
        self._languages = languages
        self._default_language = languages[default_language]
        self._make_session = make_session
        self._mailboxes: WeakKeyDictionary[Seat, Mailbox[Letter]] = WeakKeyDictionary()
        handlers: dict[str, Callable[..., Any]] = {
            "start": self._start, "audio": self._audio, "played": self._played, "tap": self._tap,
            "command": self._command,
        }
        # Straight at the Socket.IO server: Flask's request context around each chunk costs as much as hearing it.
        for name, handler in handlers.items():
            socketio.server.on(name, self._guarded(handler))
        unknown = self._guarded(self._unknown)
        socketio.server.on("*", lambda name, connection, *_: unknown(connection, name))
        socketio.server.on("disconnect", self._disconnect)

    def run_clock(self) -> None:
        """Tell each drill when its time has come, and clear away those that were left; never returns."""
        swept_at_ms = ticked_at_ms = now_ms()
        while True:
            self._socketio.sleep(TICK_S)
            now = now_ms()
            metrics.LOOP_LAG_SECONDS.observe(max(0.0, (now - ticked_at_ms) / 1000 - TICK_S))
            ticked_at_ms = now
            for seat in self._registry.seats():
                # Where something waits already, the time is looked at when its turn comes.
                if now >= seat.session.dialogue.deadline_ms and not len(self._mailboxes[seat]):
                    self._put(seat, events.Tick())
            if now - swept_at_ms > SWEEP_MS:
                swept_at_ms = now
                self._registry.sweep(now)
                metrics.SESSIONS.set(len(self._registry))

    # Incoming

    def _guarded(self, handler: Callable[..., Any]) -> Callable[..., Any]:
        """A handler that answers every refusal, and every mistake of ours, with an `error`: never with silence."""

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
        start = self._start_message(arguments)
        seat = self._registry.of_token(start.token)
        resumed = seat is not None
        left = self._registry.of_connection(connection)
        if seat is None:
            try:
                # Before the learner's history is read for nothing.
                self._registry.require_room(left)
                seat = self._registry.open(self._make_session(start), replacing=left)
                resumed = seat.session.dialogue.course.has_begun
            except UnknownLearner:
                raise Refused("unknown_learner") from None
            except Full:
                raise Refused("busy") from None
            if seat not in self._mailboxes:
                self._mailboxes[seat] = Mailbox(partial(self._handle, seat), self._socketio.start_background_task)
        if left is not None and left is not seat:
            self._disconnect(connection)
        previous = self._registry.attach(seat, connection)
        if previous is not None:
            self._send_error(previous, seat.session.language, Refused("taken_over"))
        self._put(seat, events.Resumed() if resumed else events.Started(start.asleep))
        if not self._socketio.server.manager.is_connected(connection, "/"):
            # Gone while the history was read, when there was no seat yet to give back.
            self._disconnect(connection)
        return {"ok": True, "token": seat.token, "resumed": resumed, "audio": wire.AUDIO_FORMAT}

    def _start_message(self, arguments: tuple[object, ...]) -> wire.Start:
        message = _only_dict(arguments)
        protocol = message.get("protocol")
        if type(protocol) is not int:
            raise Refused("bad_arguments", "protocol must be a whole number")
        if protocol != wire.PROTOCOL:
            raise Refused("unsupported_protocol", f"this server speaks protocol {wire.PROTOCOL}")
        start = _read(wire.Start, message)
        if start.language not in self._languages:
            raise Refused("unknown_language", f"this server speaks {', '.join(self._languages)}")
        return start

    def _audio(self, connection: str, *arguments: object) -> None:
        if len(arguments) != 3:
            raise Refused("bad_arguments", "audio needs seq, captured_ms and pcm")
        seat = self._seat(connection)
        seq, captured_ms, pcm = arguments
        try:
            accepted = seat.intake.accept(seq, captured_ms, pcm, now_ms())
        except BadAudio as bad:
            raise Refused(bad.code, str(bad)) from None
        if accepted is None:
            return
        if len(self._mailboxes[seat]) >= AUDIO_CAPACITY:
            metrics.DROPPED_CHUNKS.inc()
            seat.intake.lost()
        else:
            self._put(seat, Heard(accepted.pcm, accepted.missing))

    def _played(self, connection: str, *arguments: object) -> None:
        self._put_if_room(self._seat(connection), events.Played(_read(wire.Played, _only_dict(arguments)).say))

    def _tap(self, connection: str, *arguments: object) -> None:
        tap = _read(wire.Tap, _only_dict(arguments))
        self._put_if_room(self._seat(connection), events.Tapped(tap.answer, tap.say))

    def _command(self, connection: str, *arguments: object) -> None:
        command = _read(wire.Command, _only_dict(arguments))
        self._put_if_room(self._seat(connection), events.Commanded(Spoken(command.name), command.say))

    def _unknown(self, connection: str, name: object) -> None:
        raise Refused("bad_arguments", f"there is no event {str(name)[:40]!r}")

    def _disconnect(self, connection: str, *_: object) -> None:
        seat = self._registry.detach(connection, now_ms())
        if seat is not None:
            self._put(seat, events.Disconnected())

    def _seat(self, connection: str) -> Seat:
        seat = self._registry.of_connection(connection)
        if seat is None:
            raise Refused("not_started")
        return seat

    def _put_if_room(self, seat: Seat, event: events.Event) -> None:
        if len(self._mailboxes[seat]) >= CAPACITY:
            raise Refused("too_fast")
        self._put(seat, event)

    def _put(self, seat: Seat, item: Heard | events.Event) -> None:
        self._mailboxes[seat].put((item, now_ms()))

    # Outgoing

    def _handle(self, seat: Seat, letter: Letter) -> None:
        """Runs in the seat's own task, one letter at a time."""
        item, arrived_ms = letter
        session = seat.session
        if isinstance(item, events.Disconnected) and seat.connection is not None:
            return  # the learner is back already
        try:
            for effect in session.handle(item, now_ms()):
                if isinstance(effect, Trouble):
                    refused = Refused(effect.code) if isinstance(effect, StoreFailed) else Refused("engine_failed")
                    self._send_error(seat.connection, session.language, refused)
                    continue
                name, payload = wire.outgoing(effect, session.language.digits)
                if isinstance(effect, Judged):
                    payload["server_ms"] = round(now_ms() - arrived_ms, 1)
                    metrics.DECISION_SECONDS.observe(payload["server_ms"] / 1000)
                    metrics.VERDICTS.labels(session.language.code, payload["verdict"]).inc()
                self._send(seat.connection, name, payload)
        except UnknownSay as error:
            self._send_error(seat.connection, session.language, Refused("unknown_say", str(error)))
        except NoQuestion as error:
            self._send_error(seat.connection, session.language, Refused("not_started", str(error)))
        except Exception:
            logger.exception("a drill failed at %r", item)
            self._send_error(seat.connection, session.language, Refused("internal"))

    def _send(self, connection: str | None, name: str, payload: dict[str, Any]) -> None:
        """To a learner who is away nothing is sent: the drill says it all again when they are back."""
        if connection is not None:
            self._socketio.emit(name, payload, to=connection)

    def _refuse(self, connection: str, refused: Refused, arguments: tuple[object, ...]) -> dict[str, Any]:
        """Send the error; returns it for the acknowledgement, where one is wanted."""
        seat = self._registry.of_connection(connection)
        language = seat.session.language if seat else self._wanted_language(arguments)
        return {"ok": False} | self._send_error(connection, language, refused)

    def _send_error(self, connection: str | None, language: Language, refused: Refused) -> dict[str, Any]:
        metrics.REFUSALS.labels(refused.code).inc()
        payload = {"code": refused.code, "message": language.errors[refused.code], "detail": refused.detail}
        self._send(connection, "error", payload)
        return payload

    def _wanted_language(self, arguments: tuple[object, ...]) -> Language:
        wanted = arguments[0].get("language") if arguments and isinstance(arguments[0], dict) else None
        return self._languages.get(wanted if isinstance(wanted, str) else "", self._default_language)


def _only_dict(arguments: tuple[object, ...]) -> dict[str, Any]:
    if len(arguments) != 1 or not isinstance(arguments[0], dict):
        raise Refused("bad_arguments", "one object is expected")
    return arguments[0]


def _read(model: type[Message], message: dict[str, Any]) -> Message:
    try:
        return model.model_validate(message)
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, part['loc']))}: {part['msg']}" for part in error.errors())
        raise Refused("bad_arguments", problems[:300]) from None
