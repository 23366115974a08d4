"""Add, change and delete learners and classes."""

from dataclasses import replace
from typing import Any

from flask import request, session
from flask.typing import ResponseReturnValue

from ... import security
from ...clock import utc_ms
from ...names import LONGEST_NAME, clean_name
from .context import TeacherContext
from .recordings import forget_learner


def add_register(context: TeacherContext) -> None:
    """Add /teacher/learners/... and /teacher/classes/..."""
    records = context.parts.records

    def read_learner() -> dict[str, Any] | str:
        """Return what the form says of a learner, or the text that says what is wrong with it."""
        form = request.form
        nickname = clean_name(form.get("nickname", ""))
        typed_class = form.get("class_name", "").strip()
        class_name = clean_name(typed_class)
        picture, language = form.get("picture"), form.get("language")
        if nickname is None or picture not in context.parts.pictures or language not in context.parts.languages:
            return context.say("bad_learner", n=LONGEST_NAME)
        if typed_class and class_name is None:
            return context.say("bad_class", n=LONGEST_NAME)
        return {"nickname": nickname, "picture": picture, "class_name": class_name, "language": language}

    def learner_form(learner: Any = None) -> str:
        return context.page(
            "learner_form",
            learner=learner,
            classes=records.classes(),
            chosen_class=request.args.get("class", ""),
            longest=LONGEST_NAME,
        )

    @context.route("/learners/new")
    def new_learner() -> ResponseReturnValue:
        return learner_form()

    @context.route("/learners/new", post=True)
    def add_learner() -> ResponseReturnValue:
        said = read_learner()
        if isinstance(said, str):
            return context.refused(said, "new_learner")
        learner = records.add_learner(created_at_ms=utc_ms(), **said)
        session["class"] = learner.class_name or ""
        return context.done(context.say("learner_added", name=learner.nickname), "children")

    @context.route("/learners/<int:learner_id>/change")
    def change_form(learner_id: int) -> ResponseReturnValue:
        return learner_form(records.learner(learner_id))

    @context.route("/learners/<int:learner_id>/change", post=True)
    def change_learner(learner_id: int) -> ResponseReturnValue:
        said = read_learner()
        if isinstance(said, str):
            return context.refused(said, "change_form", learner_id=learner_id)
        learner: Any = records.learner(learner_id)
        records.change_learner(replace(learner, **said))
        return context.done(context.say("saved"), "child", learner_id=learner_id)

    @context.route("/learners/<int:learner_id>/delete")
    def delete_form(learner_id: int) -> ResponseReturnValue:
        return context.page("delete_learner", learner=records.learner(learner_id))

    @context.route("/learners/<int:learner_id>/delete", post=True)
    def delete_learner(learner_id: int) -> ResponseReturnValue:
        nickname = records.learner(learner_id).nickname
        forget_learner(records, context.parts.data_dir, learner_id)
        security.note("learner_deleted", address=request.remote_addr, learner=learner_id)
        return context.done(context.say("learner_deleted", name=nickname), "children")

    @context.route("/newcomers/keep", post=True)
    def keep_newcomers() -> ResponseReturnValue:
        context.parts.newcomers.welcome(request.form.getlist("learner", type=int))
        return context.done(context.say("newcomers_kept"), "children")

    @context.route("/classes")
    def classes() -> ResponseReturnValue:
        sizes = context.class_sizes()
        return context.page("classes", sizes={name: sizes[name] for name in records.classes()}, longest=LONGEST_NAME)

    @context.route("/classes/add", post=True)
    def add_class() -> ResponseReturnValue:
        name = clean_name(request.form.get("name", ""))
        if name is None:
            return context.refused(context.say("bad_class", n=LONGEST_NAME), "classes")
        records.add_class(name)
        return context.done(context.say("saved"), "classes")

    @context.route("/classes/rename", post=True)
    def rename_class() -> ResponseReturnValue:
        old, name = request.form.get("old", ""), clean_name(request.form.get("name", ""))
        if name is None:
            return context.refused(context.say("bad_class", n=LONGEST_NAME), "classes")
        if name != old and name in records.classes():
            return context.refused(context.say("error_class_exists"), "classes")
        if name != old:
            records.rename_class(old, name)
        return context.done(context.say("saved"), "classes")

    @context.route("/classes/delete", post=True)
    def delete_class() -> ResponseReturnValue:
        records.delete_class(request.form.get("old", ""))
        security.note("class_deleted", address=request.remote_addr)
        return context.done(context.say("class_deleted"), "classes")
