"""The system's Firefox, driven through WebDriver BiDi: Playwright drives only its own patched Firefox."""

import json
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from simple_websocket import Client

from tests.support.programs import find_program, running_program

from .tab import PATIENCE_S, Tab

NAMES = ("firefox-esr", "firefox")
PREFERENCES = {
    "media.autoplay.default": 0,
    "media.navigator.permission.disabled": True,
    "media.navigator.streams.fake": True,
    "intl.accept_languages": "en-IN,en",
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.update.disabledForTesting": True,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
}


class Line(Client):
    """Puts the port into the Host header: Firefox answers only such requests."""

    host: str

    def handshake(self) -> None:
        self.host = f"{self.host}:{self.port}"
        super().handshake()


class Firefox(Tab):
    """One tab."""

    keys_press_buttons = False  # not in headless mode, on any page

    def __init__(self, socket: Line) -> None:
        self._socket = socket
        self._sent = 0
        self._call("session.new", capabilities={})
        self._tab = self._call("browsingContext.getTree")["contexts"][0]["context"]

    def _call(self, method: str, **params: Any) -> dict[str, Any]:
        self._sent += 1
        self._socket.send(json.dumps({"id": self._sent, "method": method, "params": params}))
        while True:
            received = self._socket.receive(PATIENCE_S)
            assert received is not None, f"Firefox does not answer to {method}"
            answer = json.loads(received)
            if answer.get("id") == self._sent:
                assert answer["type"] == "success", answer
                return answer["result"]

    def goto(self, url: str) -> None:
        self._call("browsingContext.navigate", context=self._tab, url=url, wait="complete")

    def read(self, expression: str) -> Any:
        result = self._call(
            "script.evaluate",
            target={"context": self._tab},
            awaitPromise=False,
            expression=f"JSON.stringify({expression})",
        )
        assert result["type"] == "success", result
        return json.loads(result["result"]["value"]) if "value" in result["result"] else None

    def perform(self, source: dict[str, Any]) -> None:
        self._call("input.performActions", context=self._tab, actions=[source])


@contextmanager
def running_firefox(environment: Mapping[str, str]) -> Iterator[Firefox]:
    """Run a headless Firefox with a fake microphone; `environment`: further variables. Raises NotInstalled."""
    program = find_program(*NAMES, package="firefox-esr")
    with tempfile.TemporaryDirectory() as profile:
        settings = "".join(
            f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in PREFERENCES.items()
        )
        Path(profile, "user.js").write_text(settings)
        command = [
            program,
            "--headless",
            "--no-remote",
            "--profile",
            profile,
            "--remote-debugging-port",
            "0",
            "about:blank",
        ]
        own = os.environ | dict(environment)
        with (
            open(Path(profile, "log"), "w+") as log,
            running_program(command, stdout=log, stderr=log, env=own) as process,
        ):
            yield Firefox(Line.connect(_address(process, Path(log.name)) + "/session", max_message_size=None))


def _address(process: "subprocess.Popen[bytes]", log: Path) -> str:
    deadline_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline_s and process.poll() is None:
        if told := re.search(r"WebDriver BiDi listening on (ws://\S+)", log.read_text(errors="replace")):
            return told[1]
        time.sleep(0.05)
    raise RuntimeError(f"Firefox did not start:\n{log.read_text(errors='replace')}")
