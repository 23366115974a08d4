"""Draw the icons of the installed page from client/icon.svg: `python -m tests.e2e.icons`. Needs Chromium."""

import argparse
import base64
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.support.server import ROOT

from .chromium import launch

CLIENT = ROOT / "client"
FOLDER = CLIENT / "icons"
SIZES = (192, 512)
# The drawing's share of the icon's width. A device may crop a maskable icon to the middle 80 %.
WIDTHS = {"any": 1.0, "maskable": 0.62}
BACKGROUNDS = {"any": "transparent", "maskable": "#fff7ea"}


def draw(folder: Path = FOLDER) -> None:
    drawing = base64.b64encode((CLIENT / "icon.svg").read_bytes()).decode()
    folder.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for purpose, width in WIDTHS.items():
            for size in SIZES:
                page = browser.new_page(viewport={"width": size, "height": size})
                page.set_content(
                    f'<body style="margin:0;height:100vh;display:grid;place-items:center;'
                    f'background:{BACKGROUNDS[purpose]}">'
                    f'<img width="{round(size * width)}" src="data:image/svg+xml;base64,{drawing}">'
                )
                page.screenshot(path=folder / f"{purpose}-{size}.png", omit_background=True)
        browser.close()


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    draw()
