"""Voices: record them prompt by prompt, import, export, rename and delete them."""

from pathlib import Path
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from ... import security
from ...names import LONGEST_NAME, clean_name
from ...voices.errors import VoiceError
from ...voices.packs import Pack
from .context import SMALL_FILE_BYTES, TeacherContext
from .i18n import Words
from .uploads import keep

# Eight seconds of what the page records are 0.4 MB; a whole voice is at most 60 MB.
LARGEST_TAKE_BYTES, LARGEST_VOICE_BYTES = SMALL_FILE_BYTES, 64 * 1024 * 1024
VOICE = "/voices/<language>/<pack_id>"


def add_voices(context: TeacherContext) -> None:
    """Add /teacher/voices..."""
    voice_service = context.parts.voice_service
    packs = voice_service.packs

    @context.route("/voices")
    def voices() -> ResponseReturnValue:
        groups = [
            (
                language,
                len(voice_service.standard[code]),
                [(pack, len(voice_service.recorded(pack))) for pack in packs.of(code)],
            )
            for code, language in voice_service.languages.items()
        ]
        return context.page(
            "voices",
            groups=groups,
            has_any=any(lines for *_, lines in groups),
            longest=LONGEST_NAME,
            folder=context.parts.data_dir / "voices",
        )

    @context.route("/voices/new", post=True)
    def new_voice() -> ResponseReturnValue:
        name, code = clean_name(request.form.get("name", "")), request.form.get("language", "")
        if name is None or code not in voice_service.languages:
            return context.refused(context.say("bad_voice", n=LONGEST_NAME), "voices")
        pack = packs.create(code, name)
        return redirect(url_for("teacher.voice", language=code, pack_id=pack.id))

    @context.route("/voices/import", post=True, file_bytes=LARGEST_VOICE_BYTES)
    def import_voice() -> ResponseReturnValue:
        file = request.files.get("file")
        if file is None or not file.filename:
            return context.refused(context.say("no_file"), "voices")
        stem = clean_name(Path(file.filename).stem[:LONGEST_NAME])

        def name_of(told: str | None) -> str:
            return clean_name(told or "") or stem or context.say("voice")

        with context.scratch("voice.zip") as path:
            keep(file, path)
            done = voice_service.read_in(path, request.form.get("language", ""), name_of)
        text = context.say("voice_read_in", name=done.pack.name, n=done.kept, left_out=done.left_out)
        return context.done(text, "voice", language=done.pack.language, pack_id=done.pack.id)

    @context.route(VOICE)
    def voice(language: str, pack_id: str) -> ResponseReturnValue:
        return context.page("voice", pack=packs.get(language, pack_id), longest=LONGEST_NAME)

    @context.route(f"{VOICE}/clips.json")
    def voice_clips(language: str, pack_id: str) -> ResponseReturnValue:
        pack, words = packs.get(language, pack_id), context.words
        texts = {key: text for key, text in words.language.teacher.items() if key.startswith("voice_")}
        return {
            "digits": words.language.digits,
            "texts": texts,
            "clips": [_shown(context, words, pack, clip_id) for clip_id in voice_service.standard[language]],
        }

    @context.route(f"{VOICE}/clips/<clip_id>", post=True, file_bytes=LARGEST_TAKE_BYTES)
    def record(language: str, pack_id: str, clip_id: str) -> ResponseReturnValue:
        """Keep a recording. Answers in JSON; a useless recording gives a message in place of the clip."""
        sound = request.files.get("sound")
        try:
            pack = voice_service.record(packs.get(language, pack_id), clip_id, sound.read() if sound else b"")
        except VoiceError as error:
            return {"message": context.say(f"error_{error.code}")}, 400
        return _shown(context, context.words, pack, clip_id)

    @context.route(f"{VOICE}/clips/<clip_id>/delete", post=True)
    def discard(language: str, pack_id: str, clip_id: str) -> ResponseReturnValue:
        try:
            pack = packs.get(language, pack_id)
            if clip_id not in voice_service.standard[language]:
                raise VoiceError("unknown_clip")
            return _shown(context, context.words, packs.remove(pack, clip_id), clip_id)
        except VoiceError as error:
            return {"message": context.say(f"error_{error.code}")}, 400

    @context.route(f"{VOICE}.zip")
    def voice_zip(language: str, pack_id: str) -> ResponseReturnValue:
        pack = packs.get(language, pack_id)
        with context.scratch("voice.zip") as path:
            voice_service.give_out(pack, path)
            return context.hand_out(path, f"{pack.name}-{language}.zip")

    @context.route(f"{VOICE}/rename", post=True)
    def rename_voice(language: str, pack_id: str) -> ResponseReturnValue:
        pack, name = packs.get(language, pack_id), clean_name(request.form.get("name", ""))
        if name is None:
            return context.refused(
                context.say("bad_voice", n=LONGEST_NAME), "voice", language=language, pack_id=pack_id
            )
        packs.rename(pack, name)
        return context.done(context.say("saved"), "voice", language=language, pack_id=pack_id)

    @context.route(f"{VOICE}/delete")
    def delete_voice_form(language: str, pack_id: str) -> ResponseReturnValue:
        return context.page("delete_voice", pack=packs.get(language, pack_id))

    @context.route(f"{VOICE}/delete", post=True)
    def delete_voice(language: str, pack_id: str) -> ResponseReturnValue:
        pack = packs.get(language, pack_id)
        packs.delete(pack)
        security.note("voice_deleted", address=request.remote_addr)
        return context.done(context.say("voice_deleted", name=pack.name), "voices")


def _shown(context: TeacherContext, words: Words, pack: Pack, clip_id: str) -> dict[str, Any]:
    """Return a prompt as the page shows it: its text, the standard clip, and the recording if there is one."""
    standard = context.parts.voice_service.standard[pack.language][clip_id]
    recorded = context.parts.voice_service.recorded(pack).get(clip_id)
    example = request.script_root + standard.url
    shown: dict[str, Any] = {"id": clip_id, "text": standard.text, "example": example, "url": None, "hint": None}
    if recorded is not None:
        heard = "" if recorded.heard is None else "_heard"
        key = f"voice_hint_{recorded.hint}{heard}"
        shown["url"] = url_for("voices.clip", language=pack.language, pack_id=pack.id, file=recorded.file)
        # A manifest made by hand may hold a hint that is unknown here.
        shown["hint"] = words.say(key, heard=recorded.heard) if key in words.language.teacher else None
    return shown
