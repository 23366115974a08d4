"""The teacher's pages, as the tests use them."""

from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import FilePayload, expect

from server.store.database import open_database
from server.store.newcomers import Newcomers
from server.store.store import Store
from tests.store.making import NOON_MS, a_learner, practise

from .booth import Booth
from .tablet import make_class

FACTS = [(left, right) for left in range(2, 8) for right in range(1, 11)]


def make_school(folder: Path) -> Path:
    """Make a data folder with a class in which one child has practised."""
    make_class(folder)
    engine = open_database(None, folder)
    store = Store(engine)
    # The first tables are fluent, the last one has mistakes.
    practise(
        store,
        a_learner(store, "मीरा", "3 ब"),
        [
            (left, right, left * right + (2 if left > 5 and right % 3 == 0 else 0))
            for left, right in (*FACTS, *FACTS[:40])
        ],
    )
    Newcomers(engine).join("गौरी", "owl", "mr", NOON_MS, 100)
    Newcomers(engine).join("चित्रांगदा पाटील-देशमुख", "lotus", "mr", NOON_MS, 100)
    engine.dispose()
    return folder


def tour_of_teacher(booth: Booth) -> Iterator[str]:
    """Yield the name of each page while it is on the screen. Needs a server of `make_school`."""
    page = booth.page
    page.goto(f"{booth.url}/teacher")
    yield "51-door"
    booth.enter()
    page.goto(f"{booth.url}/teacher")
    yield "52-children"
    booth.follow("मीरा")
    yield "53-child"
    child = page.url
    for number, path in enumerate(("change", "delete", "samples", "report"), 54):
        page.goto(f"{child}/{path}")
        yield f"{number}-{path}"
    for number, path in enumerate(("classes", "data", "settings"), 58):
        page.goto(f"{booth.url}/teacher/{path}")
        for details in page.locator("details").all():
            details.evaluate("details => { details.open = true; }")
        yield f"{number}-{path}"
    page.goto(f"{booth.url}/teacher/data")
    refused: FilePayload = {
        "name": "वर्ग.json",
        "mimeType": "application/json",
        "buffer": b'{"format": "paadas", "version": 1, "classes": [7]}',
    }
    page.locator("input[type=file]").set_input_files(refused)
    page.locator("form[enctype] button").click()
    expect(page.locator(".message.wrong")).to_be_visible()  # the page reloads itself until then
    yield "61-data-refused"
