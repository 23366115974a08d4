"""A learner made of recordings: a Socket.IO client that plays whole drills in real time."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import numpy as np
import socketio
from socketio.exceptions import DisconnectedError

RATE = 16_000
CHUNK_MS = 60
CHUNK_SAMPLES = RATE * CHUNK_MS // 1000

_ROOM = np.random.default_rng(0).normal(0, 3, 30 * RATE).astype(np.int16)

# The answer to (left, right): samples (int16, 16 kHz), or None to stay silent.
AnswerWith = Callable[[int, int], np.ndarray | None]


def voice_bounds(samples: np.ndarray) -> tuple[int, int]:
    """Return the index of the first voice and the index after the last.

    Voice is 10 ms within 20 dB of the loudest and 10 dB above the quietest tenth.
    """
    frames = samples[: len(samples) // 160 * 160].reshape(-1, 160).astype(float)
    level_db = 10 * np.log10((frames**2).mean(axis=1) + 1)
    threshold_db = max(level_db.max() - 20, min(np.percentile(level_db, 10) + 10, level_db.max() - 6))
    voiced = np.flatnonzero(level_db >= threshold_db)
    return int(voiced[0]) * 160, (int(voiced[-1]) + 1) * 160


@dataclass
class Turn:
    """One spoken answer and its verdict. Times are seconds on the learner's own clock."""

    left: int
    right: int
    voice_ended_s: float
    verdict: dict[str, Any] | None = None
    verdict_s: float = 0.0
    interrupted: bool = False
    """The server stopped the prompt for this answer."""

    @property
    def latency_ms(self) -> float:
        """From the last voiced sample, as sent, to the verdict, as received; negative if the turn was cut short."""
        return (self.verdict_s - self.voice_ended_s) * 1000


@dataclass
class Learner:
    """Plays one drill with `await learner.practise(url, answer, ...)`; then `turns` and `events` hold what happened."""

    thinks_ms: int = 500
    """From the question's end to the answer."""
    hears_prompts: bool = False
    """Prompts take their time, and a full-duplex server gets the room's noise meanwhile."""
    http: aiohttp.ClientSession | None = None
    """A session that checks certificates in its own way; None: the usual one."""
    turns: list[Turn] = field(default_factory=list)
    """The spoken answers."""
    events: list[tuple[str, Any]] = field(default_factory=list)
    """The server's events."""

    def __post_init__(self) -> None:
        self.socket = socketio.AsyncClient(reconnection=False, http_session=self.http)
        self.token: str | None = None
        self.is_full_duplex = False
        self._seq = 0
        # The say that is heard now, and what ends it early.
        self._playing: int | None = None
        self._silenced = asyncio.Event()
        self._inbox: asyncio.Queue[tuple[str, Any, float]] = asyncio.Queue()
        for name in ("say", "interrupt", "listening", "heard", "verdict", "phase", "started", "finished", "error"):
            self.socket.on(name, self._receiver(name))
        self.left = asyncio.Event()
        """The line is lost, or closed."""
        self.socket.on("disconnect", lambda *reason: self._lose())

    def _lose(self) -> None:
        self.left.set()

    def _receiver(self, name: str) -> Callable[[Any], None]:
        def receive(payload: Any) -> None:
            self.events.append((name, payload))
            if name == "say" or (name == "interrupt" and payload["say"] == self._playing):
                self._playing = None
                self._silenced.set()
            self._inbox.put_nowait((name, payload, time.monotonic()))

        return receive

    def forget_events(self) -> None:
        """Drop events that were not read: after a lost connection they mean nothing."""
        self._inbox = asyncio.Queue()

    async def connect(self, url: str, origin: str | None = None, prefix: str = "") -> None:
        """Connect. `origin`: the page that a browser would name. `prefix`: where Paadas is on the host."""
        headers = {"Origin": origin} if origin else {}
        path = f"{prefix}/socket.io"
        self.left.clear()
        await self.socket.connect(url, headers, transports=["websocket"], socketio_path=path, wait_timeout=20)

    async def start(self, ack_s: float = 10, turn_s: float = 60, **wanted: Any) -> dict[str, Any]:
        """Send `start`. Returns the acknowledgement, or what follows it after a wait.

        `ack_s`, `turn_s`: how long to wait for either. Raises TimeoutError, and Socket.IO's own errors.
        """
        message = {
            "protocol": 1,
            "language": "en",
            "mode": "browser",
            "tables": [2],
            "questions": None,
            "learner": None,
            "token": self.token,
            "seed": None,
        } | wanted
        asked = asyncio.ensure_future(self._ask(message, ack_s, turn_s))
        gone = asyncio.ensure_future(self.left.wait())
        try:
            await asyncio.wait({asked, gone}, return_when=asyncio.FIRST_COMPLETED)
            if not asked.done():
                raise DisconnectedError("the line was lost")
            reply = await asked
        finally:
            asked.cancel()
            gone.cancel()
        self.token = reply.get("token", self.token)
        self.is_full_duplex = reply.get("duplex") == "full"
        return reply

    async def _ask(self, message: dict[str, Any], ack_s: float, turn_s: float) -> dict[str, Any]:
        reply: dict[str, Any] = await self.socket.call("start", message, timeout=ack_s)
        if not reply.get("wait"):
            return reply
        name, payload, _ = await self.expect("started", "error", timeout_s=turn_s)
        return payload if name == "started" else {"ok": False} | payload

    async def expect(self, *names: str, timeout_s: float = 15) -> tuple[str, Any, float]:
        """Return the next event with one of these names and its time; others are dropped. Raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            while True:
                name, payload, at_s = await self._inbox.get()
                if name in names:
                    return name, payload, at_s

    async def practise(self, url: str, answer: AnswerWith, **wanted: Any) -> None:
        """Connect and play until `finished`. Raises TimeoutError if the drill stalls."""
        await self.connect(url)
        reply = await self.start(**wanted)
        if not reply["ok"]:
            raise RuntimeError(f"refused: {reply}")
        await self.play(answer)
        await self.socket.disconnect()

    async def play(self, answer: AnswerWith) -> None:
        """Answer every question until `finished`."""
        while True:
            name, payload, _ = await self.expect("say", "finished")
            if name == "finished":
                return
            if payload["expects"] != "answer":
                continue
            left, right = payload["show"]["left"], payload["show"]["right"]
            if self.hears_prompts:
                await self.answer(left, right, answer(left, right), say=payload)
            else:
                await self.socket.emit("played", {"say": payload["id"]})
                await self.answer(left, right, answer(left, right))

    async def hear(self, say: dict[str, Any]) -> None:
        """Play the prompt and report it as the page does. Returns when it is over or interrupted."""
        self._playing, self._silenced = say["id"], asyncio.Event()
        for wait_ms, told in ((say["gap_ms"], "playing"), (say["duration_ms"], "played")):
            try:
                async with asyncio.timeout(wait_ms / 1000):
                    await self._silenced.wait()
                return
            except TimeoutError:
                if told == "played":
                    self._playing = None
                if told == "played" or self.is_full_duplex:
                    await self.socket.emit(told, {"say": say["id"]})

    async def tap_all(self) -> None:
        """Answer every question right, by touch, until `finished`."""
        while True:
            name, payload, _ = await self.expect("say", "finished")
            if name == "finished":
                return
            if payload["expects"] == "answer":
                show = payload["show"]
                await self.socket.emit("tap", {"answer": show["left"] * show["right"], "say": payload["id"]})

    async def answer(
        self,
        left: int,
        right: int,
        samples: np.ndarray | None,
        say: dict[str, Any] | None = None,
        onset_ms: int | None = None,
    ) -> Turn:
        """Think, speak `samples`, then stay silent until the verdict comes.

        `say`: the prompt to hear first. `onset_ms`: from its end to the first voice, negative to speak over it; without
        it the sound begins after `thinks_ms`. Raises TimeoutError without a verdict.
        """
        voice = np.empty(0, np.int16) if samples is None else samples
        voice_begins_at, voice_ends_at = voice_bounds(voice) if len(voice) else (0, 0)
        before_ms = self.thinks_ms if onset_ms is None else onset_ms - voice_begins_at * 1000 // RATE
        if say is not None:
            before_ms += say["gap_ms"] + say["duration_ms"]
        thought = self.silence(max(0, before_ms))
        voice_ends_at += len(thought)
        turn = Turn(left, right, voice_ended_s=0.0)
        began = len(self.events)
        verdict = asyncio.ensure_future(self.expect("verdict", timeout_s=25 + len(thought) / RATE))
        tasks: list[asyncio.Future[Any]] = [verdict]
        if say is not None:
            tasks.append(asyncio.ensure_future(self.hear(say)))
        try:
            async for sent_samples, at_s in self.stream(np.concatenate([thought, voice, self.silence(20_000)])):
                turn.voice_ended_s = at_s - (sent_samples + CHUNK_SAMPLES - voice_ends_at) / RATE
                if sent_samples + CHUNK_SAMPLES >= voice_ends_at and verdict.done():
                    break
            _, turn.verdict, turn.verdict_s = await verdict
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        turn.interrupted = any(name == "interrupt" for name, _ in self.events[began:])
        self.turns.append(turn)
        return turn

    async def stream(self, samples: np.ndarray) -> AsyncIterator[tuple[int, float]]:
        """Send `samples` as a microphone would. Yields the number sent before a chunk, and when that chunk ended."""
        began_s = time.monotonic()
        for start in range(0, len(samples) - CHUNK_SAMPLES + 1, CHUNK_SAMPLES):
            ends_s = began_s + (start + CHUNK_SAMPLES) / RATE
            await asyncio.sleep(max(0.0, ends_s - time.monotonic()))
            chunk = samples[start : start + CHUNK_SAMPLES].astype("<i2").tobytes()
            if self._playing is None or self.is_full_duplex:
                await self.socket.emit("audio", (self._seq, round(ends_s * 1000), chunk))
                self._seq += 1
            yield start, ends_s

    @staticmethod
    def silence(duration_ms: int) -> np.ndarray:
        """Return a quiet room: faint noise, because real microphones are never at zero. At most 30 s."""
        return _ROOM[: RATE * duration_ms // 1000]
