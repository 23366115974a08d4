"""When a client counts as gone."""

import json
import time

import pytest
from engineio.socket import Socket
from flask import Flask

from server.live.serving.connections import Connections
from server.live.serving.limits import Limits
from server.live.serving.sockets import PING_TIMEOUT_S, make_socketio


@pytest.mark.parametrize("sends", [True, False])
def test_a_client_that_sends_sound_is_alive_though_its_pong_waits_behind_it(sends: bool) -> None:
    server = make_socketio(Flask(__name__), "threading", None, Connections(Limits(10, 10)), json).server
    server.eio.sockets["sid"] = visitor = Socket(server.eio, "sid")
    visitor.last_ping = time.time() - PING_TIMEOUT_S - 1
    if sends:
        server.eio._trigger_event("message", "sid", "2[]", run_async=False)
    assert visitor.check_ping_timeout() is sends
