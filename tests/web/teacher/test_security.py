"""The teacher's pages and the security log."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from server import security
from server.languages import available, load_language
from server.store.store import Store
from server.voices.service import VoiceService
from tests.store.making import a_learner

from .conftest import PASSPHRASE, exported, post

SECRETS = ("Secretive", PASSPHRASE, "246824", "guess", "green elephants fly")


def test_all_that_matters_is_noted_and_no_name(
    teacher: FlaskClient, visitor: FlaskClient, store: Store, voice_service: VoiceService, tmp_path: Path
) -> None:
    learner = a_learner(store, "Secretive", "Secretive")
    voice = voice_service.packs.create("en", "Secretive")
    post(teacher, "settings/pin", "settings", pin="246824")
    visitor.post("/kiosk/release", json={"secret": "guess"})
    visitor.post("/kiosk/release", json={"secret": "246824"})
    exported(teacher)
    post(teacher, f"learners/{learner}/samples/delete", "classes", path="samples/1.wav")
    post(teacher, f"learners/{learner}/delete", "classes")
    post(teacher, "classes/delete", "classes", old="Secretive")
    post(teacher, f"voices/en/{voice.id}/delete", "classes")
    post(teacher, "settings/pin", "settings", pin="")
    post(teacher, "passphrase", "settings", old=PASSPHRASE, passphrase=SECRETS[-1], again=SECRETS[-1])
    post(teacher, "leave", "classes")
    for _ in range(6):
        post(teacher, "door", "door", passphrase="guess")
    assert [event.name for event in reversed(security.latest(tmp_path, 50))] == [
        "passphrase_set",
        "pin_set",
        "wrong_try",
        "released",
        "export",
        "recordings_deleted",
        "learner_deleted",
        "class_deleted",
        "voice_deleted",
        "pin_removed",
        "passphrase_changed",
        "logout",
        *["wrong_try"] * 5,
        "too_many_tries",
    ]
    assert {event.address for event in security.latest(tmp_path, 50)} == {"127.0.0.1"}
    content = (tmp_path / security.FILE_NAME).read_text()
    assert not [secret for secret in SECRETS if secret in content]


@pytest.mark.parametrize("code", available())
def test_the_settings_show_the_last_fifty(teacher: FlaskClient, code: str) -> None:
    texts = load_language(code).teacher
    for number in range(60):
        security.note("wrong_try", secret="kiosk.pin", address=f"10.1.1.{number}")
    security.note("restored", address=security.HERE)
    page = teacher.get(f"/teacher/settings?language={code}").text
    assert texts["security_restored"] in page and texts["security_here"] in page
    assert "10.1.1.59" in page and "10.1.1.11" in page and "10.1.1.10<" not in page


@pytest.mark.parametrize("code", available())
def test_every_event_has_its_text(code: str) -> None:
    server = Path(security.__file__).parent
    import re

    named = set(re.findall(r'security\.note\(\s*"(\w+)"', "".join(path.read_text() for path in server.rglob("*.py"))))
    named |= {
        "pin_set",
        "pin_removed",
        "export",
        "import",
        *(f"{kind}_{end}" for kind in ("export", "import") for end in ("done", "failed")),
    }
    assert len(named) > 15 and {f"security_{name}" for name in named} <= set(load_language(code).teacher)
