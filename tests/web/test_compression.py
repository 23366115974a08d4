"""What is packed, and what is remembered of it."""

import gzip

from flask import Flask, Response
from flask.testing import FlaskClient
from server.web.compression import SMALLEST_BYTES, _packed, pack

PACKED = {"Accept-Encoding": "gzip"}


def browser() -> FlaskClient:
    app = Flask(__name__)
    app.after_request(pack)

    @app.get("/page")
    def page() -> Response:
        return Response("x" * SMALLEST_BYTES, content_type="text/plain")

    @app.get("/now")
    def now() -> Response:
        response = page()
        response.cache_control.no_store = True
        return response

    return app.test_client()


def test_a_text_is_packed_for_whoever_can_unpack_it() -> None:
    visitor = browser()
    assert gzip.decompress(visitor.get("/page", headers=PACKED).data) == visitor.get("/page").data


def test_what_is_another_text_each_time_takes_no_place_among_the_packed() -> None:
    _packed.cache_clear()
    answer = browser().get("/now", headers=PACKED)
    assert "Content-Encoding" not in answer.headers and _packed.cache_info().currsize == 0
