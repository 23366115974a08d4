"""The real server in a process of its own, once per async mode."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from server.languages import available, load_language
from tests.support.prompts import make_silent_prompts
from tests.support.server import running_server


@pytest.fixture(scope="session")
def silent_prompts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prompts")
    for code in available():
        make_silent_prompts(folder, load_language(code))
    return folder


@pytest.fixture(scope="session", params=["eventlet", "threading"])
def url(request: pytest.FixtureRequest, silent_prompts: Path) -> Iterator[str]:
    with running_server("--async-mode", request.param, "--prompts", str(silent_prompts)) as address:
        yield address
