"""Generate the parts of the documents that follow from the code.

`python -m tests.support.generated_docs` rewrites them.
"""

import ast
import inspect
import types
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from server.dialogue.state import diagram
from server.live import protocol
from server.settings import ROOT
from tests.test_architecture import MAY_IMPORT


def import_table() -> str:
    rows = [
        f"| `{package}` | {', '.join(f'`{name}`' for name in sorted(names)) or 'nothing'} |"
        for package, names in MAY_IMPORT.items()
    ]
    return "\n".join(["| package | may import |", "| --- | --- |", *rows])


def events_of(kinds: Mapping[str, type[Any]]) -> str:
    """Return each event with its fields."""
    return "\n\n".join(part for name, kind in kinds.items() for part in (f"### `{name}`", described(kind)))


def parts() -> str:
    """Return the parts of the server's events."""
    return "\n\n".join(f"**{kind.__name__}**\n\n{field_table(kind)}" for kind in dict.fromkeys(_parts()))


def described(kind: type[Any]) -> str:
    words = " ".join((kind.__doc__ or "").split())
    return "\n\n".join(part for part in (words, field_table(kind)) if part)


def field_table(kind: type[Any]) -> str:
    notes = attribute_notes(kind)
    rows = []
    for name, annotation in get_type_hints(kind).items():
        if name == "model_config":
            continue
        rows.append(f"| `{name}` | {type_text(annotation)} | {notes.get(name, '')} |")
    return "\n".join(["| field | type | meaning |", "| --- | --- | --- |", *rows])


def code_table() -> str:
    notes = attribute_notes(protocol.ErrorCode)
    rows = [f"| `{code.value}` | {notes[code.name]} |" for code in protocol.ErrorCode]
    return "\n".join(["| code of `error` | what it means |", "| --- | --- |", *rows])


def attribute_notes(kind: type[Any]) -> dict[str, str]:
    """Return the docstring under each attribute of a class and of its bases."""
    notes: dict[str, str] = {}
    for each in reversed(kind.__mro__):
        if each.__module__ != protocol.__name__:
            continue
        (definition,) = ast.parse(inspect.getsource(each)).body
        assert isinstance(definition, ast.ClassDef)
        for statement, note in zip(definition.body, definition.body[1:], strict=False):
            match statement, note:
                case (
                    ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]),
                    ast.Expr(value=ast.Constant(value=str(text))),
                ):
                    notes[name] = " ".join(text.split())
    return notes


def type_text(annotation: Any) -> str:
    """Return the name of a type in JSON."""
    origin = get_origin(annotation)
    if origin is Literal:
        return " or ".join("true" if value is True else repr(value).replace("'", '"') for value in get_args(annotation))
    if origin in (Union, types.UnionType):
        return " or ".join(type_text(each) for each in get_args(annotation))
    if origin is list:
        return f"list of {type_text(get_args(annotation)[0])}"
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return (
            "an error code"
            if annotation is protocol.ErrorCode
            else " or ".join(f'"{each.value}"' for each in annotation)
        )
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation.__name__
    names = {
        int: "integer",
        str: "text",
        float: "number",
        bool: "true or false",
        types.NoneType: "null",
        object: "see there",
    }
    return names[annotation]


def _parts() -> Iterator[type[BaseModel]]:
    """Yield the models within those of the server's events."""
    to_do: list[Any] = list(protocol.SERVER_EVENTS.values())
    while to_do:
        kind = to_do.pop(0)
        for annotation in get_type_hints(kind).values():
            for each in (annotation, *get_args(annotation)):
                if isinstance(each, type) and issubclass(each, BaseModel):
                    yield each
                    to_do.append(each)


DOCS = ROOT / "docs"
BLOCKS: dict[Path, dict[str, Callable[[], str]]] = {
    DOCS / "architecture.md": {"imports": import_table, "states": lambda: f"```mermaid\n{diagram()}\n```"},
    DOCS / "protocol.md": {
        "client": lambda: events_of(protocol.CLIENT_EVENTS),
        "server": lambda: events_of(protocol.SERVER_EVENTS),
        "parts": parts,
        "codes": code_table,
    },
}


def updated(path: Path) -> str:
    """Return a document with each marked block generated anew. Raises ValueError if marks are missing."""
    text = path.read_text("utf-8")
    for name, make in BLOCKS[path].items():
        before, begin, rest = text.partition(f"<!-- {name}: python -m tests.support.generated_docs -->\n")
        _, end, after = rest.partition("<!-- end -->")
        if not end:
            raise ValueError(f"{path} lacks the marks of {name}")
        text = f"{before}{begin}\n{make()}\n\n{end}{after}"
    return text


if __name__ == "__main__":
    for path in BLOCKS:
        path.write_text(updated(path), "utf-8")
