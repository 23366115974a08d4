"""What all tests share: the same examples at every run, and no deadlines, since machines are slow at times."""

from pathlib import Path

import pytest
from hypothesis import settings
from tests.support.prompts import make_all_silent

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def silent_prompts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of prompts that are over at once, in all languages."""
    return make_all_silent(tmp_path_factory.mktemp("prompts"))
