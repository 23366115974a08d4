"""Start Chromium."""

import os
from pathlib import Path

from playwright.sync_api import Browser, Playwright

from tests.support.programs import find_program

NAMES = ("chromium", "chromium-browser", "google-chrome")
# No sandbox for root (containers), no background requests, and a fake microphone.
FLAGS = [
    *(["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
]


def launch(playwright: Playwright, *flags: str, home: Path | None = None) -> Browser:
    """Start a headless Chromium with further `flags`, for a user with that home. Raises NotInstalled."""
    program = find_program(*NAMES, package="chromium")
    env = {**os.environ} if home is None else os.environ | {"HOME": str(home)}
    return playwright.chromium.launch(executable_path=program, args=[*FLAGS, *flags], env=env)
