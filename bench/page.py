"""Measure what the page costs a new visitor: `python -m bench.page [--language mr] [--visits 5]`.

A real browser with an empty cache visits the real server. Weight: bytes over the wire before the first prompt. Audible:
from the tap on Start until the first clip sounds, and until the question does, by the audio clock.
"""

import argparse

from playwright.sync_api import Browser, expect, sync_playwright

from bench.common import summary
from tests.e2e.chromium import launch
from tests.e2e.drill_page import DrillPage
from tests.support.server import running_server

# Records when each clip starts to sound, in milliseconds since the tap on Start.
NOTE_CLIPS = """
  let tappedAt = 0;
  window.clipsAt = [];
  document.addEventListener("click", () => { tappedAt = performance.now(); }, true);
  const start = AudioBufferSourceNode.prototype.start;
  AudioBufferSourceNode.prototype.start = function (atS) {
    clipsAt.push(performance.now() - tappedAt + Math.max(0, (atS ?? 0) - this.context.currentTime) * 1000);
    return start.call(this, atS);
  };
"""


def visit(browser: Browser, url: str, language: str) -> tuple[int, list[float]]:
    """Return the bytes before the first prompt, and when the first clips sounded."""
    context = browser.new_context(locale=f"{language}-IN", permissions=["microphone"])
    page = context.new_page()
    page.add_init_script(NOTE_CLIPS)
    urls: dict[str, str] = {}
    bytes_of: dict[str, int] = {}
    devtools = context.new_cdp_session(page)
    devtools.on("Network.responseReceived", lambda told: urls.update({told["requestId"]: told["response"]["url"]}))
    devtools.on("Network.loadingFinished", lambda told: bytes_of.update({told["requestId"]: told["encodedDataLength"]}))
    devtools.send("Network.enable")
    drill = DrillPage(page, url, language)
    drill.open([2, 3, 4, 5])
    page.wait_for_load_state("networkidle")
    drill.start()
    while page.evaluate("clipsAt.length") < 2:
        page.wait_for_timeout(50)
    clips_at = page.evaluate("clipsAt.slice(0, 2)")
    context.close()
    return sum(size for request, size in bytes_of.items() if "/audio/" not in urls.get(request, "")), clips_at


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--language", default="mr")
    parser.add_argument("--visits", type=int, default=5)
    given = parser.parse_args()
    expect.set_options(timeout=30_000)
    with running_server() as url, sync_playwright() as playwright:
        browser = launch(playwright, "--use-fake-ui-for-media-stream", "--autoplay-policy=no-user-gesture-required")
        visits = [visit(browser, url, given.language) for _ in range(given.visits)]
        browser.close()
    print(f"weight before prompts: {max(weight for weight, _ in visits) / 1000:.0f} kB")
    for name, index in (("greeting", 0), ("question", 1)):
        print(f"from Start until the {name} sounds: {summary([clips_at[index] for _, clips_at in visits])} ms")


if __name__ == "__main__":
    main()
