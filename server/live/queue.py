"""Messages between servers and workers, through Redis or Valkey.

The database decides which process owns a drill, and each process looks there every second: a message only saves the
wait. So a queue that is away, slow or silent costs nothing else. Socket.IO's own queue does not fit: beside eventlet it
needs every socket patched, and it would send each message of each drill through the queue.
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from ..settings import SettingsError

logger = logging.getLogger(__name__)

CHANNEL = "paadas"
BEAT = f"{CHANNEL}:beat"
PATIENCE_S = 2.0
# A beat of some process comes every 2 s. A connection without any is dead, even if it looks open.
SILENCE_S = 10.0
AGAIN_S = 1.0


class MessageQueue:
    """Sends messages to all processes, and handles theirs.

    `handlers`: what to do with a message of each kind, on the loop. `spawn(task, *arguments)` runs a task beside it.
    `offload_send` and `offload_receive` run blocking work, each in a thread of its own. Raises SettingsError.
    """

    def __init__(
        self,
        url: str,
        handlers: Mapping[str, Callable[[str], None]],
        spawn: Callable[..., object],
        offload_send: Callable[..., Any],
        offload_receive: Callable[..., Any],
    ) -> None:
        try:
            import redis
        except ImportError:
            raise SettingsError("--message-queue needs Redis' client: pip install 'paadas[scale]'") from None
        try:
            self._client = redis.Redis.from_url(
                url,
                socket_timeout=PATIENCE_S,
                socket_connect_timeout=PATIENCE_S,
                retry=None,
                decode_responses=True,
                encoding_errors="replace",
            )
        except ValueError:
            # The library's message quotes what it could not read, which may be the password.
            raise SettingsError(
                "--message-queue has no address of a Redis or Valkey, such as redis://:password@host:6379/0; in a "
                "password, signs are written as %XX"
            ) from None
        self._error, self._refusals = redis.RedisError, (redis.AuthenticationError, redis.ResponseError)
        self._handlers = {f"{CHANNEL}:{kind}": handler for kind, handler in handlers.items()}
        self._spawn, self._offload_send, self._offload_receive = spawn, offload_send, offload_receive
        self._lines = self._client.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]
        self._heard_at_s = time.monotonic()
        self._own_beat = ""
        self._echoed = threading.Event()
        self._is_well = False

    def start(self) -> None:
        """Begin to receive."""
        self._spawn(self._listen)

    def tell(self, kind: str, text: str) -> None:
        """Send a message to all processes, this one too. Never waits; sends nothing while the queue is in trouble."""
        if self._is_well:
            self._spawn(self._offload_send, self._publish, f"{CHANNEL}:{kind}", text)

    def trouble(self) -> str | None:
        """The probe: send a beat and wait until it comes back. Returns the code of the trouble, or None. Blocks."""
        self._own_beat = secrets.token_hex(8)
        self._echoed.clear()
        found = self._publish(BEAT, self._own_beat) or (None if self._echoed.wait(PATIENCE_S) else "silent")
        self._is_well = found is None
        return found

    def _publish(self, channel: str, text: str) -> str | None:
        try:
            self._client.publish(channel, text)
        except self._refusals:
            return "refused"
        except self._error:
            return "away"
        return None

    def _listen(self) -> None:
        """Handle the messages on the loop, for ever."""
        while True:
            channel, text = self._offload_receive(self._receive)
            if handler := self._handlers.get(channel):
                try:
                    handler(text)
                except Exception:
                    logger.exception("a message of another worker (%.40r) failed", channel)

    def _receive(self) -> tuple[str, str]:
        """Return channel and text of the next message. Blocks until it comes, and reconnects meanwhile."""
        while True:
            try:
                if not self._lines.subscribed:
                    self._lines.subscribe(BEAT, *self._handlers)
                    self._heard_at_s = time.monotonic()
                message = self._lines.get_message(timeout=PATIENCE_S)
            except (self._error, OSError):
                self._lines.close()
                time.sleep(AGAIN_S)
                continue
            if message is not None:
                self._heard_at_s = time.monotonic()
                if message["data"] == self._own_beat:
                    self._echoed.set()
                return message["channel"], message["data"]
            if time.monotonic() - self._heard_at_s > SILENCE_S:
                self._lines.close()
