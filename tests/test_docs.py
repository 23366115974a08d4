"""The documents agree with the program: options, defaults, events, files, links and commands."""

import ast
import re
import shlex
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from server.cli import main
from server.live.protocol import CLIENT_EVENTS, SERVER_EVENTS
from server.settings import ROOT, Settings
from tests.support.generated_docs import BLOCKS, updated
from training.evaluate.__main__ import COMMANDS as EVALUATIONS

DOCUMENTS = [
    *(path for path in sorted(ROOT.glob("*.md"))),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "server").glob("**/MODEL_CARD.md")),
    ROOT / "audio_prompts" / "SOURCES.md",
]
TEXTS = {path: path.read_text("utf-8") for path in DOCUMENTS}
DEPLOYMENT = (ROOT / "docs" / "deployment.md").read_text("utf-8")
OPTIONS = re.findall(r"^\| `--([a-z-]+)` \| (?:`([^`]*)`)? *\|", DEPLOYMENT, re.MULTILINE)
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
# A command is a line of a code block, or stands between backquotes; a comment may follow it.
COMMAND = re.compile(
    r"(?:^    |`)((?:PAADAS_\w+=\S+ )?(?:python -m|python run\.py|make)(?: [^`\n]*?)?)(?:`| +#.*$|$)", re.MULTILINE
)
COMMANDS = sorted({command.strip() for text in TEXTS.values() for command in COMMAND.findall(text)})
LINKS = sorted(
    {(path, link) for path, text in TEXTS.items() for link in re.findall(r"\]\(((?!https?:)[^)\s]+)\)", text)}
)


def starting(words: str) -> list[list[str]]:
    """Return the rest of each command that starts with these words, split into words."""
    found = [shlex.split(command.removeprefix(words)) for command in COMMANDS if f"{command} ".startswith(f"{words} ")]
    assert found, f"no document says {words}"
    return found


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_bytes()) <= 8192


def test_the_model_card_is_one_page() -> None:
    assert all(len(path.read_bytes()) <= 6144 for path in DOCUMENTS if path.name == "MODEL_CARD.md")


def test_pictures_are_small() -> None:
    assert not [path for path in (ROOT / "docs").glob("*.png") if path.stat().st_size > 150_000]


@pytest.mark.parametrize("path", BLOCKS, ids=lambda path: path.name)
def test_what_follows_from_the_code_is_up_to_date(path: Path) -> None:
    assert path.read_text("utf-8") == updated(path), "run python -m tests.support.generated_docs"


def test_the_table_of_options_has_every_option_and_its_default() -> None:
    shown = CliRunner().invoke(main, ["--help"]).output
    assert {f"--{name}" for name, _ in OPTIONS} == set(re.findall(r"^  (--[a-z-]+)", shown, re.MULTILINE)) - {"--help"}
    fields = {option.name: next(o for o in option.opts if o.startswith("--"))[2:] for option in main.params}
    settings = Settings()
    for field, option in fields.items():
        written = dict(OPTIONS)[option]
        value = getattr(settings, field)
        assert written == shown_as(value), option


def shown_as(value: object) -> str:
    match value:
        case None | False:
            return ""
        case Path():
            return str(value.relative_to(ROOT))
        case float():
            return f"{value:g}"
    return str(value or "")


@pytest.mark.parametrize("option", [name for name, _ in OPTIONS])
def test_every_option_can_be_set_by_its_variable(option: str) -> None:
    variable = f"PAADAS_{option.replace('-', '_').upper()}"
    declared = next(parameter for parameter in main.params if f"--{option}" in parameter.opts)
    assert declared.envvar == variable


def test_every_variable_that_is_named_is_an_option_s() -> None:
    named = {name for text in TEXTS.values() for name in re.findall(r"PAADAS_[A-Z_]+", text)}
    assert named and named <= {parameter.envvar for parameter in main.params}


@pytest.mark.parametrize("event", [*CLIENT_EVENTS, *SERVER_EVENTS])
def test_the_page_knows_every_event(event: str) -> None:
    client = "".join(path.read_text("utf-8") for path in (ROOT / "client").glob("*.js"))
    assert f'"{event}"' in client


@pytest.mark.parametrize("target", sorted({words[0] for words in starting("make") if words}))
def test_every_make_target_exists(target: str) -> None:
    assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE)


@pytest.mark.parametrize(("path", "link"), LINKS, ids=lambda value: value.name if isinstance(value, Path) else value)
def test_every_link_leads_somewhere(path: Path, link: str) -> None:
    file, _, heading = link.partition("#")
    target = path.parent / file if file else path
    assert target.exists()
    if heading:
        assert heading in {anchor(title) for title in re.findall(r"^#+ (.*)$", target.read_text("utf-8"), re.MULTILINE)}


def anchor(title: str) -> str:
    """Return GitHub's anchor of a heading."""
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


@pytest.mark.parametrize("command", starting("python -m"), ids=" ".join)
def test_every_module_takes_the_options_that_it_is_given(command: list[str]) -> None:
    """Read the source: the training's modules need libraries that are not installed everywhere."""
    module, *arguments = command
    if module == "pytest":
        assert all((ROOT / argument).exists() for argument in arguments)
        return
    sources = sources_of(module)
    assert "__main__" in sources[0]
    known: set[str] = set().union(*map(options_of, sources))
    given = {argument for argument in arguments if argument.startswith("--")}
    assert given <= known, f"{module} knows {sorted(known)}"


def test_every_evaluation_that_is_named_is_a_command() -> None:
    named = {words[1] for words in starting("python -m") if words[0] == "training.evaluate" and len(words) > 1}
    assert {name for name in named if name.islower() and name.isalpha()} <= set(EVALUATIONS)


def sources_of(module: str) -> list[str]:
    """Return the module's sources; a package's commands may have options of their own."""
    path = ROOT / module.replace(".", "/")
    paths = [path / "__main__.py", *sorted(path.glob("*.py"))] if path.is_dir() else [path.with_suffix(".py")]
    return [path.read_text("utf-8") for path in paths]


def options_of(source: str) -> set[str]:
    options = {"--help"}
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Attribute(attr="add_argument"), args=arguments):
                options |= {str(name.value) for name in arguments if isinstance(name, ast.Constant)}
    return options


@pytest.mark.parametrize("command", starting("python run.py"), ids=" ".join)
def test_every_command_of_the_program_is_understood(command: list[str]) -> None:
    """Parse without running. The parser raises for an unknown option."""
    known: click.Command = main
    rest = command
    while True:
        _, rest, _ = known.make_parser(click.Context(known)).parse_args(rest)
        if not isinstance(known, click.Group) or not rest:
            break
        command_of = known.get_command(click.Context(known), rest[0])
        assert command_of is not None, f"there is no command {rest[0]}"
        known, rest = command_of, rest[1:]
    assert not rest, f"{known.name} has no place for {rest}"


SECURITY, RELIABILITY = ((ROOT / f"docs/{name}.md").read_text("utf-8") for name in ("security", "reliability"))
# The item numbers of each section in level 1 of OWASP ASVS 4.0.3.
LEVEL_1 = {
    "2.1": range(1, 13),
    "2.2": range(1, 4),
    "2.3": (1,),
    "2.5": range(1, 7),
    "2.7": range(1, 5),
    "2.8": (1,),
    "3.1": (1,),
    "3.2": range(1, 4),
    "3.3": (1, 2),
    "3.4": range(1, 6),
    "3.7": (1,),
    "4.1": (1, 2, 3, 5),
    "4.2": (1, 2),
    "4.3": (1, 2),
    "5.1": range(1, 6),
    "5.2": range(1, 9),
    "5.3": range(1, 11),
    "5.5": range(1, 5),
    "6.2": (1,),
    "7.1": (1, 2),
    "7.4": (1,),
    "8.2": range(1, 4),
    "8.3": range(1, 5),
    "9.1": range(1, 4),
    "10.3": range(1, 4),
    "11.1": range(1, 6),
    "12.1": (1,),
    "12.3": range(1, 6),
    "12.4": (1, 2),
    "12.5": (1, 2),
    "12.6": (1,),
    "13.1": (1, 3),
    "13.2": range(1, 4),
    "13.3": (1,),
    "14.2": range(1, 4),
    "14.3": (2, 3),
    "14.4": range(1, 8),
    "14.5": range(1, 4),
}


def rows(table: str) -> list[list[str]]:
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in table.splitlines()
        if re.match(r"\| [^-]", line)
    ]


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
    tests = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^(?:async )?def (test_\w+)", path.read_text("utf-8"), re.MULTILINE)
    }
    tests |= {path.name for path in (ROOT / "tests/client").rglob("*.test.js")}
    named = set(re.findall(r"`(test_\w+|[\w-]+\.test\.js)`", document))
    assert named and not named - tests


def test_the_limits_are_those_of_the_program() -> None:
    units = {"kB": 1024, "MB": 1024**2, "GB": 1024**3}
    for what, most, constant in rows(SECURITY.split("## Limits")[1].split("\n## ")[0])[1:]:
        name = constant.strip("`")
        module = next(
            part
            for part in (name.rsplit(".", count)[0] for count in (1, 2))
            if not part.rpartition(".")[2][0].isupper()
        )
        value: Any = import_module(module)
        for part in name.removeprefix(f"{module}.").split("."):
            value = value.model_fields[part].default if hasattr(value, "model_fields") else getattr(value, part)
        number, _, unit = most.partition(" ")
        assert float(number) * units.get(unit, 1) == value, what
