"""Compression of responses, and its cache."""

import gzip

from flask import Flask, Response
from flask.testing import FlaskClient

from server.web.compression import SMALLEST_BYTES, pack

PACKED = {"Accept-Encoding": "gzip"}


def browser() -> FlaskClient:
    app = Flask(__name__)
    app.after_request(pack)

    @app.get("/page")
    def page() -> Response:
        return Response("x" * SMALLEST_BYTES, content_type="text/plain")

    return app.test_client()


def test_a_text_is_compressed_for_clients_that_accept_it() -> None:
    visitor = browser()
    assert gzip.decompress(visitor.get("/page", headers=PACKED).data) == visitor.get("/page").data


def test_a_text_is_left_as_it_is_for_a_browser_that_refuses_it_packed() -> None:
    assert "Content-Encoding" not in browser().get("/page", headers={"Accept-Encoding": "gzip;q=0"}).headers
