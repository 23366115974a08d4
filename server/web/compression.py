"""Texts go over the wire packed: a page's first visit over a school's slow line is mostly text and letters."""

import gzip
from functools import lru_cache

from flask import Response, request

PACKED = ("text/", "application/json", "image/svg+xml")
# What is smaller fits into one packet as it is.
SMALLEST_BYTES = 1000
REMEMBERED = 128


def pack(response: Response) -> Response:
    """For `after_request`, of pages that hold no secret: what is packed with a secret could betray it by its size."""
    if request.method != "GET" or response.status_code != 200 or not (response.mimetype or "").startswith(PACKED):
        return response
    response.vary.add("Accept-Encoding")
    if "gzip" not in request.accept_encodings:
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
