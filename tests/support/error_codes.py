"""The codes of the protocol's errors, as the server's sources have them."""

import re

from server.settings import ROOT


def sent_codes() -> set[str]:
    """Every code that an `error` of the server can carry."""
    web = "".join(path.read_text("utf-8") for path in (ROOT / "server/web").glob("*.py"))
    store = (ROOT / "server/store/errors.py").read_text("utf-8")
    return set(re.findall(r'(?:Refused|BadAudio)\("(\w+)"', web)) | set(re.findall(r'"(store_\w+)"', store))
