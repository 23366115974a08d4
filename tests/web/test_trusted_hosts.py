"""The host names for which the server answers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from server.app import create_app
from server.languages import load_language
from server.settings import Settings
from server.web.trusted_hosts import is_of_here

OWN = {"school-pc.example.org", "school-pc"}


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost:5000",
        "localhost:",
        "LOCALHOST.",
        "127.0.0.1:5000",
        "192.168.1.7",
        "[::1]:5000",
        "[fe80::1]",
        "school-pc",
        "school-pc.local:5000",
        "drill.localhost",
        "school-pc.example.org",
        "School-PC.Example.org:5000",
    ],
)
def test_local_names_are_answered(host: str) -> None:
    assert is_of_here(host, OWN)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:5000",
        "127.0.0.1.evil.example",
        "local.evil.example",
        "evil.local.example",
        "evillocal.example",
        "me@evil.example",
        "[::1",
        "school-pc.example.org.evil.example",
        "1.2.3",
        # A name without a dot, and names that only look like ours to a careless parser.
        "",
        ".",
        "evil",
        "evil:5000",
        "school",
        "evil.example@localhost",
        "localhost@evil.example",
        "localhost/evil.example",
        "localhost?evil.example",
        "localhost#evil.example",
        "localhost\\evil.example",
        "localhost evil.example",
        "localhost\tevil",
        " localhost",
        "localhost:5000:evil",
        "localhost:evil",
        "[::1]evil.example",
        "[evil.example]",
        "[127.0.0.1",
        "::1",
        "localhost\u3002evil",
        "localhost..",
        ".local",
        "..local",
        "evil..local",
    ],
)
def test_what_a_stranger_can_lead_here_is_not(host: str) -> None:
    assert not is_of_here(host, OWN)


@pytest.fixture
def serving(tmp_path: Path, silent_prompts: Path) -> Callable[..., Flask]:
    def serve(**settings: Any) -> Flask:
        return create_app(
            Settings(data_dir=tmp_path, prompts_dir=silent_prompts, async_mode="threading", **settings)
        ).app

    return serve


@pytest.mark.parametrize("path", ["/", "/learners.json", "/livez", "/socket.io/?EIO=4&transport=websocket"])
def test_pages_and_sockets_are_refused_to_a_strangers_name_in_the_visitors_language(
    serving: Callable[..., Any], path: str
) -> None:
    answer = serving().test_client().get(path, base_url="http://evil.example", headers={"Accept-Language": "hi"})
    assert (answer.status_code, answer.text) == (421, load_language("hi").errors["unknown_host"])
    assert serving().test_client().get(path).status_code != 421


def test_the_address_that_an_operator_gave_is_answered(serving: Callable[..., Any]) -> None:
    browser = serving(host="Tables.example.").test_client()
    assert browser.get("/livez", base_url="http://tables.example:5000").status_code == 200


def test_a_proxy_decides_for_itself_which_names_it_serves(serving: Callable[..., Any]) -> None:
    browser = serving(behind_proxy=True).test_client()
    assert browser.get("/livez", base_url="http://tables.example").status_code == 200
