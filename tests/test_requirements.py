"""The installed versions: within the ranges of setup.cfg, for every Python, each file by its hash."""

import re
from configparser import ConfigParser
from functools import cache
from importlib import metadata

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.support.server import ROOT

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
FILES = ("build", "runtime", "dev", "scale", "node")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")


@cache
def asked_for(part: str) -> list[Requirement]:
    """Return `install_requires` of setup.cfg, or an extra, for all platforms."""
    config = ConfigParser(interpolation=None)
    config.read(ROOT / "setup.cfg", "utf-8")
    section = "options" if part == "install_requires" else "options.extras_require"
    return [Requirement(line) for line in config[section][part].splitlines() if line]


def text_of(file: str) -> str:
    return (ROOT / "requirements" / f"{file}.txt").read_text("utf-8")


@cache
def locked(file: str, python: str | None = None) -> dict[str, Version]:
    """Return what the file installs here, or with that Python."""
    environment = {key: str(value) for key, value in default_environment().items()}
    if python:
        environment |= {"python_version": python, "python_full_version": f"{python}.1"}
    lines = [line.rstrip(" \\") for line in text_of(file).splitlines() if line[:1].isalnum()]
    requirements = [
        each for line in lines if not (each := Requirement(line)).marker or each.marker.evaluate(environment)
    ]
    pins: dict[str, Version] = {
        canonicalize_name(each.name): Version(str(each.specifier).removeprefix("==")) for each in requirements
    }
    assert len(pins) == len(requirements), "a name comes twice"
    return pins


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize(
    ("part", "file"),
    [
        ("install_requires", "runtime"),
        ("install_requires", "dev"),
        ("dev", "dev"),
        ("postgres", "dev"),
        ("scale", "scale"),
    ],
)
def test_all_that_is_asked_for_is_locked_within_its_range(part: str, file: str, python: str) -> None:
    pins = locked(file, python)
    here = [each for each in asked_for(part) if each.marker is None or each.marker.evaluate()]
    for requirement in here:
        assert pins[canonicalize_name(requirement.name)] in requirement.specifier, requirement


@pytest.mark.parametrize("file", FILES)
def test_every_file_that_is_fetched_is_known_by_its_hash(file: str) -> None:
    entries = re.split(r"\n(?=\w)", re.sub(r"^#.*\n", "", text_of(file), flags=re.MULTILINE).strip())
    for entry in entries:
        head, *hashes = [line.strip(" \\") for line in entry.splitlines()]
        assert re.match(r"[\w.-]+(\[[\w,]+\])?==[\w.]+( ; .+)?$", head), head
        assert hashes and all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", each) for each in hashes), head
    assert f"requirements/{file}.txt" in MAKEFILE


@pytest.mark.parametrize("python", PYTHONS)
def test_the_tests_run_with_the_versions_of_the_program(python: str) -> None:
    assert locked("runtime", python).items() <= locked("dev", python).items()


def test_the_versions_that_are_tested_are_those_that_are_locked() -> None:
    assert {name: Version(metadata.version(name)) for name in locked("dev")} == locked("dev")


def test_what_a_locked_package_needs_is_locked_too() -> None:
    """`pip install --no-deps` would leave it out."""
    pins = locked("dev")
    for name in pins:
        for line in metadata.requires(name) or []:
            needed = Requirement(line)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                assert pins[canonicalize_name(needed.name)] in needed.specifier, f"{name} needs {needed}"
