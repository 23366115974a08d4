"""The system's WebKit in its two Linux ports, each driven by its own WebDriver."""

import json
import os
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from tests.support.programs import find_program
from tests.support.screen import unseen_screen
from tests.support.server import free_port

from .tab import PATIENCE_S, Tab


@dataclass(frozen=True)
class Port:
    """The programs of a port and the options of its browser. `options`: the WebDriver's name for them."""

    package: str
    driver: str
    browser: str
    options: str
    arguments: tuple[str, ...]
    needs_screen: bool


# As on a desk, with its own fake microphone.
GTK = Port(
    "webkit2gtk-driver",
    "WebKitWebDriver",
    "/usr/lib/*/webkit2gtk-4.*/MiniBrowser",
    "webkitgtk:browserOptions",
    (
        "--automation",
        "--enable-media-stream=true",
        "--enable-mock-capture-devices=true",
        "--features=-MockCaptureDevicesPrompt",
    ),
    needs_screen=True,
)
# As in a television or a kiosk; Debian's is some years old and was built without microphones.
WPE = Port(
    "wpewebkit-driver cog",
    "WPEWebDriver",
    "/usr/lib/*/wpe-webkit-*/MiniBrowser",
    "wpe:browserOptions",
    ("--automation", "--headless"),
    needs_screen=False,
)


class WebKit(Tab):
    """Speaks WebDriver with the driver at `address`."""

    def __init__(self, address: str, wanted: dict[str, Any]) -> None:
        self._address = address
        session = self._call("POST", "/session", capabilities={"alwaysMatch": wanted})["sessionId"]
        self._address = f"{address}/session/{session}"

    def _call(self, method: str, path: str, **params: Any) -> Any:
        request = urllib.request.Request(
            self._address + path,
            json.dumps(params).encode() if method == "POST" else None,
            {"Content-Type": "application/json"},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as refusal:
            raise AssertionError(f"WebKit refuses {path} {params}: {refusal.read().decode()}") from None

    def goto(self, url: str) -> None:
        self._call("POST", "/url", url=url)

    def read(self, expression: str) -> Any:
        return self._call("POST", "/execute/sync", script=f"return {expression}", args=[])

    def perform(self, source: dict[str, Any]) -> None:
        self._call("POST", "/actions", actions=[source])

    def close(self) -> None:
        self._call("DELETE", "")


@contextmanager
def running_webkit(port: Port, environment: Mapping[str, str]) -> Iterator[WebKit]:
    """Run the browser of that port; `environment`: further variables. Raises NotInstalled."""
    driver, browser = find_program(port.driver, package=port.package), find_program(port.browser, package=port.package)
    with ExitStack() as stack:
        screen = stack.enter_context(unseen_screen()) if port.needs_screen else {}
        own = {"LANG": "en_IN.UTF-8", "HOME": stack.enter_context(tempfile.TemporaryDirectory())}
        number = free_port()
        process = subprocess.Popen(
            [driver, f"--port={number}"],
            env=os.environ | own | screen | dict(environment),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        stack.callback(process.wait, 20)
        stack.callback(os.killpg, process.pid, signal.SIGKILL)  # a browser may outlive its driver
        address = f"http://127.0.0.1:{number}"
        _wait_until_ready(address, process)
        tab = WebKit(address, {port.options: {"binary": browser, "args": list(port.arguments)}})
        stack.callback(tab.close)
        yield tab


def _wait_until_ready(address: str, process: "subprocess.Popen[bytes]") -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline_s and process.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/status", timeout=5).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the WebDriver of WebKit did not start")
