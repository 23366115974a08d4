"""The parts of docs/architecture.md that follow from the code.

`python -m tests.support.generated_docs` writes them anew.
"""

from collections.abc import Callable

from server.dialogue.phases import diagram
from server.settings import ROOT
from tests.test_architecture import MAY_IMPORT

ARCHITECTURE = ROOT / "docs" / "architecture.md"


def import_table() -> str:
    rows = [
        f"| `{package}` | {', '.join(f'`{name}`' for name in sorted(names)) or 'nothing'} |"
        for package, names in MAY_IMPORT.items()
    ]
    return "\n".join(["| package | may import |", "| --- | --- |", *rows])


BLOCKS: dict[str, Callable[[], str]] = {"imports": import_table, "states": lambda: f"```mermaid\n{diagram()}\n```"}


def updated(text: str) -> str:
    """`text` with each block between its marks made anew."""
    for name, make in BLOCKS.items():
        before, begin, rest = text.partition(f"<!-- {name}: python -m tests.support.generated_docs -->\n")
        _, end, after = rest.partition("<!-- end -->")
        if not end:
            raise ValueError(f"{ARCHITECTURE} lacks the marks of {name}")
        text = f"{before}{begin}\n{make()}\n\n{end}{after}"
    return text


if __name__ == "__main__":
    ARCHITECTURE.write_text(updated(ARCHITECTURE.read_text("utf-8")), "utf-8")
