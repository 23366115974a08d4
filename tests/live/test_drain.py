"""A server that stops lets open turns end, sends the pages away and begins nothing more."""

import asyncio
import http.client
import json
import signal
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from socketio.exceptions import BadNamespaceError

from server.live.gateway import DRAIN_S
from tests.live.playing import run, started
from tests.support.recordings import number_samples
from tests.support.server import free_port, serving

pytestmark = pytest.mark.gateway


@pytest.mark.parametrize("mode", ["eventlet", "threading"])
def test_who_speaks_has_a_verdict_and_who_thinks_is_sent_away(tmp_path: Path, silent_prompts: Path, mode: str) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    options = ("--port", str(port), "--data", str(tmp_path), "--prompts", str(silent_prompts), "--async-mode", mode)
    with serving(url, *options) as (process, log):
        kept_alive = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)

        def health() -> dict[str, str]:
            kept_alive.request("GET", "/healthz")
            return json.loads(kept_alive.getresponse().read())

        async def scenario() -> None:
            speaker, _ = await started(url, tables=[7])
            thinker, _ = await started(url, tables=[7])
            _, say, _ = await speaker.expect("say")
            left, right = say["show"]["left"], say["show"]["right"]
            await speaker.socket.emit("played", {"say": say["id"]})
            answer = asyncio.create_task(speaker.answer(left, right, number_samples("en", left * right)))
            while ("phase", {"name": "speech"}) not in speaker.events:
                await asyncio.sleep(0.02)
            assert (await asyncio.to_thread(health))["starts"] == "ok"
            process.send_signal(signal.SIGTERM)
            while thinker.socket.connected:
                await asyncio.sleep(0.02)
            if mode == "eventlet":  # the other one keeps no connection
                found = await asyncio.to_thread(health)
                assert (found["status"], found["starts"]) == ("trouble", "draining")
            with suppress(BadNamespaceError):  # it was sent away in the middle of the silence after its answer
                await answer
            assert [said["verdict"] for name, said in speaker.events if name == "verdict"] == ["correct"]

        run(scenario())
        assert process.wait(DRAIN_S + 10) == 0
        assert "Traceback" not in log.read_text()
