"""Compress text responses: a first visit over a school's slow line is mostly text and fonts."""

import gzip
from functools import lru_cache

from flask import Response, request

PACKED = ("text/", "application/json", "image/svg+xml")
# A smaller response fits into one packet as it is.
SMALLEST_BYTES = 1000
REMEMBERED = 128


def pack(response: Response) -> Response:
    """Compress a response (an `after_request` handler) of a page without secrets, which its size could betray."""
    if request.method != "GET" or response.status_code != 200 or not (response.mimetype or "").startswith(PACKED):
        return response
    response.vary.add("Accept-Encoding")
    if not request.accept_encodings["gzip"]:
        return response
    response.direct_passthrough = False
    content = response.get_data()
    if len(content) >= SMALLEST_BYTES:
        response.set_data(_packed(content))
        response.headers["Content-Encoding"] = "gzip"
        response.headers.pop("Accept-Ranges", None)
        tag, _ = response.get_etag()
        if tag:
            response.set_etag(tag, weak=True)
    return response


@lru_cache(REMEMBERED)
def _packed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)
