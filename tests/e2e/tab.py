"""Input and observation in the browsers that Playwright cannot drive."""

import json
import time
from abc import ABC, abstractmethod
from typing import Any

PATIENCE_S = 120
# Keys without a character, by their WebDriver names.
TAB, ENTER = "\ue004", "\ue006"


class Tab(ABC):
    """The one tab of a browser."""

    keys_press_buttons = True

    @abstractmethod
    def goto(self, url: str) -> None:
        """Load a page."""

    @abstractmethod
    def read(self, expression: str) -> Any:
        """Return the value of a JavaScript expression; None if it has none."""

    @abstractmethod
    def perform(self, source: dict[str, Any]) -> None:
        """Perform real input, which browsers require before sound and microphone: a source of WebDriver's actions."""

    def wait_for(self, expression: str, limit_s: float = PATIENCE_S) -> None:
        deadline_s = time.monotonic() + limit_s
        while not self.read(f"Boolean({expression})"):
            assert time.monotonic() < deadline_s, (
                f"never came true: {expression}; the page shows {self.read('document.body.innerText')}"
            )
            time.sleep(0.05)

    def click(self, selector: str) -> None:
        find = f"document.querySelector({json.dumps(selector)})"
        self.wait_for(f"{find}?.getBoundingClientRect().width > 0")
        self.read(f"{find}.scrollIntoView({{block: 'nearest'}})")
        left, top, width, height = self.read(
            f"(({{x, y, width, height}}) => [x, y, width, height])({find}.getBoundingClientRect())"
        )
        self.perform(
            {
                "type": "pointer",
                "id": "mouse",
                "actions": [
                    {"type": "pointerMove", "x": round(left + width / 2), "y": round(top + height / 2)},
                    {"type": "pointerDown", "button": 0},
                    {"type": "pointerUp", "button": 0},
                ],
            }
        )

    def type(self, keys: str) -> None:
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self.perform({"type": "key", "id": "keyboard", "actions": actions})

    def text(self, element_id: str) -> str:
        return self.read(f"document.getElementById({json.dumps(element_id)}).textContent")
