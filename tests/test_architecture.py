"""The import rule, and what the pure parts may use."""

import ast
from pathlib import Path

import pytest

SERVER = Path(__file__).parents[1] / "server"

CORE = {
    "drill",
    "audio",
    "understanding",
    "languages",
    "dialogue",
    "chant",
    "asr",
    "store",
    "voices",
    "clock",
    "settings",
    "files",
}
# Each package with the packages of ours that it may import. create_app and the command line join them all.
MAY_IMPORT: dict[str, set[str]] = {
    "drill": set(),
    "audio": set(),
    "understanding": set(),
    "languages": {"drill", "understanding"},
    "dialogue": {"drill", "understanding"},
    "chant": {"dialogue", "drill", "understanding"},
    "asr": {"audio", "understanding", "languages"},
    "store": {"drill", "files", "archive", "names"},
    "voices": {"dialogue", "languages", "audio", "understanding", "asr", "archive"},
    "lan": {"files"},
    "live": CORE,
    "web": CORE | {"live", "archive", "security", "names"},
    "security": {"files"},
    "settings": set(),
    "files": set(),
    "archive": set(),
    "names": set(),
    "clock": set(),
}
PURE = ("drill", "audio", "understanding", "dialogue", "chant")
# It runs the detector of WebRTC.
IMPURE = ("audio/detector.py",)
IMPURE_MODULES = {
    "asyncio",
    "eventlet",
    "flask",
    "flask_socketio",
    "io",
    "logging",
    "onnxruntime",
    "os",
    "pathlib",
    "socket",
    "sqlite3",
    "sqlalchemy",
    "threading",
    "time",
    "vosk",
    "webrtcvad",
}


def imports(path: Path) -> set[str]:
    """Return the absolute dotted names of a file's imports, at any depth."""
    package = path.relative_to(SERVER.parent).with_suffix("").parts[:-1]
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = (
                ".".join((*package[: len(package) + 1 - node.level], *([node.module] if node.module else [])))
                if node.level
                else node.module
            )
            # `from .. import x` names modules, `from .x import y` names members of one.
            names |= {f"{base}.{alias.name}" for alias in node.names} | {base}
    return names


def modules(*packages: str) -> list[Path]:
    return sorted(
        path
        for package in packages
        for path in [*(SERVER / package).glob("**/*.py"), SERVER / f"{package}.py"]
        if path.is_file()
    )


def pure_modules() -> list[Path]:
    return [path for path in modules(*PURE) if str(path.relative_to(SERVER)) not in IMPURE]


def ours(names: set[str]) -> set[str]:
    """Return the server's packages that hold these names."""
    return {name.split(".")[1] for name in names if name.startswith("server.")} & set(MAY_IMPORT)


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports_point_one_way(package: str) -> None:
    assert modules(package), f"no such package: {package}"
    for path in modules(package):
        beyond = ours(imports(path)) - MAY_IMPORT[package] - {package}
        assert not beyond, f"{path.relative_to(SERVER)} may not import {beyond}"


def test_every_package_has_its_place() -> None:
    packages = {path.parent.name for path in SERVER.glob("*/__init__.py")}
    assert packages == set(MAY_IMPORT) - {"settings", "files", "archive", "names", "clock", "security"}


@pytest.mark.parametrize("path", pure_modules(), ids=lambda path: str(path.relative_to(SERVER)))
def test_the_core_knows_no_outside(path: Path) -> None:
    assert not {name.split(".")[0] for name in imports(path)} & IMPURE_MODULES


@pytest.mark.parametrize("path", pure_modules(), ids=lambda path: str(path.relative_to(SERVER)))
def test_the_core_asks_no_clock(path: Path) -> None:
    """A date may be a value; the present time is an argument."""
    names = {node.attr for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Attribute)}
    assert not names & {"now", "utcnow", "today"}


def test_only_the_modules_of_concurrency_know_eventlet() -> None:
    knows = {
        path.name for path in SERVER.glob("**/*.py") if any(name.split(".")[0] == "eventlet" for name in imports(path))
    }
    assert knows == {"concurrency.py", "threads.py", "by_greenlets.py"}


def test_the_server_never_imports_training() -> None:
    assert not [
        path for path in SERVER.glob("**/*.py") if any(name.split(".")[0] == "training" for name in imports(path))
    ]
