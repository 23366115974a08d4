"""The teacher at a real server: an HTTP client that runs no scripts."""

import http.cookiejar
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tests.support.server import teacher_code

BOUNDARY = "paadas"
PASSPHRASE = "हत्तीच्या पाठीवर"
KIND = f"multipart/form-data; boundary={BOUNDARY}"
TAIL = f"\r\n--{BOUNDARY}--\r\n".encode()


def head(field: str, name: str) -> bytes:
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'.encode()


class Teacher:
    def __init__(self, url: str) -> None:
        self._url = url
        self._cookies = http.cookiejar.CookieJar()
        self._browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._cookies))

    def begin(self, data: Path) -> "Teacher":
        """Set the first passphrase."""
        assert self.post(
            "teacher/first", "teacher/door", code=teacher_code(data), passphrase=PASSPHRASE, again=PASSPHRASE
        )
        return self

    def get(self, path: str) -> str:
        return self._browser.open(f"{self._url}/{path}", timeout=20).read().decode()

    def token(self, path: str) -> str:
        found = re.search(r'csrf_token(?:" value="|=)([^"]+)"', self.get(path))
        assert found
        return found[1]

    def post(self, path: str, page: str, **form: str) -> str:
        """Send a form; returns the address of the redirect."""
        body = urllib.parse.urlencode(form | {"csrf_token": self.token(page)}).encode()
        return self._browser.open(f"{self._url}/{path}", body, timeout=20).geturl()

    def record(self, voice: str, clip_id: str, sound: bytes) -> dict[str, Any]:
        request = urllib.request.Request(
            f"{self._url}/{voice}/clips/{clip_id}",
            head("sound", "sound.wav") + sound + TAIL,
            {"Content-Type": KIND, "X-CSRFToken": self.token(voice)},
        )
        with self._browser.open(request, timeout=20) as answer:
            clip: dict[str, Any] = json.load(answer)
            return clip

    def read_in(self, file: Path, timeout_s: float = 60) -> int:
        """Send a file of answers; returns the status. The data page shows the result."""
        first = head("file", file.name)
        address = f"{self._url}/teacher/data?csrf_token={self.token('teacher/data')}"
        length = len(first) + file.stat().st_size + len(TAIL)
        request = urllib.request.Request(
            address, _chunks(first, file), {"Content-Type": KIND, "Content-Length": str(length)}
        )
        try:
            with self._browser.open(request, timeout=timeout_s) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    def fetch(self, path: str, to: Path) -> None:
        with self._browser.open(f"{self._url}/{path}", timeout=60) as answer, to.open("wb") as file:
            while chunk := answer.read(1 << 20):
                file.write(chunk)

    def outcome(self) -> tuple[str, str | None]:
        """Return the data page, and when it wants to be reloaded."""
        with self._browser.open(f"{self._url}/teacher/data", timeout=20) as answer:
            return answer.read().decode(), answer.headers["Refresh"]


def _chunks(first: bytes, file: Path) -> Iterable[bytes]:
    def chunks() -> Iterator[bytes]:
        yield first
        with file.open("rb") as opened:
            while chunk := opened.read(1 << 16):
                yield chunk
        yield TAIL

    return chunks()
