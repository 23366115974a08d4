"""Recorded voices for the drill page. They are made on the teacher's pages."""

from flask import Blueprint, Flask, abort, redirect, request, send_from_directory, url_for
from flask.typing import ResponseReturnValue

from ..voices.packs import FILE, ID
from ..voices.service import VoiceService


def register_voices(app: Flask, voice_service: VoiceService) -> None:
    """Add GET /voices and the clips below it."""
    pages = Blueprint("voices", __name__)

    @pages.get("/voices")
    def voices() -> ResponseReturnValue:
        return redirect(url_for("teacher.voices"))

    @pages.get("/voices/<language>/<pack_id>/<file>")
    def clip(language: str, pack_id: str, file: str) -> ResponseReturnValue:
        """Send a clip. If it was recorded anew or deleted during a drill, the present voice speaks it."""
        if not (language in voice_service.languages and ID.fullmatch(pack_id) and FILE.fullmatch(file)):
            abort(404)
        folder = voice_service.packs.folder(language, pack_id)
        if not (folder / file).is_file():
            now = voice_service.clips(language, pack_id).get(file.rpartition("-")[0])
            return redirect(request.script_root + now.url) if now else abort(404)
        response = send_from_directory(folder, file)
        # Browsers must not cache a person's voice: a deleted recording is gone everywhere.
        response.cache_control.no_store = True
        return response

    app.register_blueprint(pages)
