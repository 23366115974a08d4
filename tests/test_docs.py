"""The documents tell the truth: options, defaults, events, files and make targets are those of the program."""

import inspect
import re
from importlib import import_module
from pathlib import Path
from typing import Any

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


SECURITY, RELIABILITY = ((ROOT / f"docs/{name}.md").read_text("utf-8") for name in ("security", "reliability"))
# Level 1 of OWASP ASVS 4.0.3: of each section, the numbers of its items.
LEVEL_1 = {
    "2.1": range(1, 13), "2.2": range(1, 4), "2.3": (1,), "2.5": range(1, 7), "2.7": range(1, 5), "2.8": (1,),
    "3.1": (1,), "3.2": range(1, 4), "3.3": (1, 2), "3.4": range(1, 6), "3.7": (1,),
    "4.1": (1, 2, 3, 5), "4.2": (1, 2), "4.3": (1, 2),
    "5.1": range(1, 6), "5.2": range(1, 9), "5.3": range(1, 11), "5.5": range(1, 5),
    "6.2": (1,), "7.1": (1, 2), "7.4": (1,), "8.2": range(1, 4), "8.3": range(1, 5), "9.1": range(1, 4),
    "10.3": range(1, 4), "11.1": range(1, 6), "12.1": (1,), "12.3": range(1, 6), "12.4": (1, 2), "12.5": (1, 2), "12.6": (1,),
    "13.1": (1, 3), "13.2": range(1, 4), "13.3": (1,), "14.2": range(1, 4), "14.3": (2, 3), "14.4": range(1, 8), "14.5": range(1, 4),
}


def rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if re.match(r"\| [^-]", line)]


def test_every_item_of_level_1_has_its_answer_and_what_holds_it() -> None:
    table = SECURITY.split("## Level 1")[1].split("\n## ")[0]
    answered = [row for row in rows(table) if row[0] != "ASVS"]
    items = [item for row in answered for item in row[0].split(", ")]
    assert sorted(items) == sorted(f"{section}.{number}" for section, numbers in LEVEL_1.items() for number in numbers)
    for _, _, answer, tests in answered:
        status = re.match(r"\*\*(Yes|Partly|No|Not here)\*\*", answer)
        assert status, answer
        assert bool(tests) is (status[1] in ("Yes", "Partly")), answer


@pytest.mark.parametrize("document", [SECURITY, RELIABILITY], ids=["security", "reliability"])
def test_every_test_that_a_document_names_is_there(document: str) -> None:
    tests = {name for path in (ROOT / "tests").rglob("test_*.py")
             for name in re.findall(r"^(?:async )?def (test_\w+)", path.read_text("utf-8"), re.MULTILINE)}
    tests |= {path.name for path in (ROOT / "tests/client").rglob("*.test.js")}
    named = set(re.findall(r"`(test_\w+|[\w-]+\.test\.js)`", document))
    assert named and not named - tests


def test_the_limits_are_those_of_the_program() -> None:
    units = {"kB": 1024, "MB": 1024**2, "GB": 1024**3}
    for what, most, constant in rows(SECURITY.split("## Limits")[1].split("\n## ")[0])[1:]:
        name = constant.strip("`")
        module = next(part for part in (name.rsplit(".", count)[0] for count in (1, 2)) if not part.rpartition(".")[2][0].isupper())
        value: Any = import_module(module)
        for part in name.removeprefix(f"{module}.").split("."):
            value = value.model_fields[part].default if hasattr(value, "model_fields") else getattr(value, part)
        number, _, unit = most.partition(" ")
        assert float(number) * units.get(unit, 1) == value, what
