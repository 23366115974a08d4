"""The real server in a process of its own, once per async mode."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.server import running_server


@pytest.fixture(scope="session", params=["eventlet", "threading"])
def url(request: pytest.FixtureRequest, silent_prompts: Path) -> Iterator[str]:
    with running_server("--async-mode", request.param, "--prompts", str(silent_prompts)) as address:
        yield address
