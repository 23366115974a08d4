"""The documents tell the truth: options, defaults, events, files and make targets are those of the program."""

import inspect
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from server.cli import main
from server.settings import ROOT, Settings
from server.web import outgoing

from tests.support.error_codes import sent_codes

README = (ROOT / "README.md").read_text("utf-8")
OPTIONS = re.findall(r"^\| `--([a-z-]+)` \| (?:`([^`]*)`)? *\|", README, re.MULTILINE)


def test_the_configuration_table_has_every_option_and_its_default() -> None:
    shown = CliRunner().invoke(main, ["--help"]).output
    assert {f"--{name}" for name, _ in OPTIONS} == set(re.findall(r"^  (--[a-z-]+)", shown, re.MULTILINE)) - {"--help"}
    fields = {option.name: next(o for o in option.opts if o.startswith("--"))[2:] for option in main.params}
    settings = Settings()
    for field, option in fields.items():
        written = dict(OPTIONS)[option]
        value = getattr(settings, field)
        actual = "" if value in ({}, None, False) else str(value.relative_to(ROOT)) if isinstance(value, Path) else f"{value:g}" \
            if isinstance(value, float) else str(value)
        assert written == actual, option


@pytest.mark.parametrize("option", [name for name, _ in OPTIONS])
def test_every_option_can_be_set_by_its_variable(option: str) -> None:
    variable = f"PAADAS_{option.replace('-', '_').upper()}"
    declared = next(parameter for parameter in main.params if f"--{option}" in parameter.opts)
    assert declared.envvar == variable


def test_the_protocol_tables_name_the_events_of_both_sides() -> None:
    def named(heading: str) -> set[str]:
        table = README.split(heading)[1].split("\n\n")[0]
        return set(re.findall(r"^\| `([a-z]+)` \|", table, re.MULTILINE))

    gateway = (ROOT / "server/web/gateway.py").read_text("utf-8")
    effects = (ROOT / "server/web/outgoing.py").read_text("utf-8")
    client = "".join(path.read_text("utf-8") for path in (ROOT / "client").glob("*.js"))
    incoming = set(re.findall(r'"([a-z]+)": self\._\w+', gateway))
    outgoing = set(re.findall(r'return "([a-z]+)", ', effects)) | set(re.findall(r'_send\(\w+, "([a-z]+)"', gateway))
    assert named("| client sends |") == incoming
    assert named("| server sends |") == outgoing
    for event in incoming | outgoing:
        assert f'"{event}"' in client, f"the page does not know {event}"


@pytest.mark.parametrize(("event", "made_by"), [("say", outgoing._say), ("verdict", outgoing._verdict)])
def test_the_protocol_tables_name_all_that_the_server_says(event: str, made_by: object) -> None:
    row, = re.findall(rf"^\| `{event}` \| (.*)$", README, re.MULTILINE)
    sent = set(re.findall(r'^\s+"(\w+)":', inspect.getsource(made_by), re.MULTILINE))
    assert sent and sent <= set(re.findall(r"\w+", row))


def test_the_protocol_tables_name_every_code_of_an_error() -> None:
    table = README.split("| code of `error` |")[1].split("\n\n")[0]
    written = {code for codes in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for code in re.findall(r"`(\w+)`", codes)}
    assert written == sent_codes()


@pytest.mark.parametrize("target", sorted(set(re.findall(r"(?<![\w-])make ([a-z-]+)", README)) - {"a"}))
def test_every_make_target_in_the_readme_exists(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("path", sorted(set(re.findall(r"\]\(((?!http)[^)#]+)\)", README))))
def test_every_linked_file_exists(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize("module", sorted(set(re.findall(r"python -m ([\w.]+)", README))))
def test_every_command_in_the_readme_knows_its_help(module: str) -> None:
    assert (ROOT / f"{module.replace('.', '/')}.py").is_file()
    source = (ROOT / f"{module.replace('.', '/')}.py").read_text("utf-8")
    assert "argparse" in source and "__main__" in source
