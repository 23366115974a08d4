"""The learners on the drill page. It shows picture, nickname and language, and never a history."""

import logging
from typing import Any

from flask import Blueprint, Flask, jsonify, request
from flask.typing import ResponseReturnValue
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import DBAPIError

from ..clock import utc_ms
from ..live.serving.networks import network_of
from ..names import Name
from ..store.errors import StoreError
from ..store.newcomers import MAY_JOIN
from ..store.records import Learner
from ..store.store import Store
from .teacher.context import Parts

logger = logging.getLogger(__name__)

MOST_LEARNERS = 1000
# Per address: a class of forty can join at one tablet within an hour.
JOINS = parse("60 per hour")
LARGEST_WISH_BYTES = 4096
# The teacher does not allow it, or two learners would look the same.
REFUSED = {"may_not_join": 403, "name_taken": 409}


class Wish(BaseModel):
    """A child adds itself."""

    nickname: Name
    picture: str
    language: str


def register_learners(app: Flask, parts: Parts) -> None:
    """Add GET and POST /learners.json."""
    records, offload = parts.records, parts.offload
    limiter = MovingWindowRateLimiter(MemoryStorage())
    pages = Blueprint("learners", __name__)

    @pages.get("/learners.json")
    def learners() -> ResponseReturnValue:
        learners, may_join = offload(_listed, records)
        return _fresh({"learners": [_face(learner, parts.pictures) for learner in learners], "may_join": may_join})

    @pages.post("/learners.json")
    def join() -> ResponseReturnValue:
        if not limiter.hit(JOINS, network_of(request.remote_addr or "")):
            return {"code": "too_fast"}, 429
        request.max_content_length = LARGEST_WISH_BYTES
        # Only JSON: a form on another site cannot send that without asking first.
        wish = _read_wish(request.get_json(silent=True), parts)
        if wish is None:
            return {"code": "bad_learner"}, 400
        joined = offload(_join, parts, wish)
        return (joined, REFUSED.get(joined["code"], 503)) if "code" in joined else (joined, 201)

    @pages.errorhandler(DBAPIError)
    def not_kept(trouble: DBAPIError) -> ResponseReturnValue:
        logger.warning("the database refuses the list of learners (%s)", trouble.orig)
        return {"code": "not_kept"}, 503

    app.register_blueprint(pages)


def _read_wish(content: object, parts: Parts) -> Wish | None:
    """Return the child's wish; None if it is invalid."""
    try:
        wish = Wish.model_validate(content)
    except ValidationError:
        return None
    return wish if wish.picture in parts.pictures and wish.language in parts.languages else None


def _listed(records: Store) -> tuple[list[Learner], bool]:
    return list(records.learners()), records.setting(MAY_JOIN) is not None


def _join(parts: Parts, wish: Wish) -> dict[str, Any]:
    """The face of the new learner, or the code of why there is none."""
    if parts.records.setting(MAY_JOIN) is None:
        return {"code": "may_not_join"}
    try:
        joined = parts.newcomers.join(wish.nickname, wish.picture, wish.language, utc_ms(), MOST_LEARNERS)
        return _face(joined, parts.pictures)
    except StoreError as trouble:
        return {"code": str(getattr(trouble, "code", "internal"))}


def _face(learner: Learner, pictures: tuple[str, ...]) -> dict[str, Any]:
    picture = learner.picture if learner.picture in pictures else pictures[0]
    return {
        "id": learner.id,
        "nickname": learner.nickname,
        "picture": picture,
        "class": learner.class_name,
        "language": learner.language,
    }


def _fresh(content: dict[str, Any]) -> ResponseReturnValue:
    response = jsonify(content)
    response.cache_control.no_store = True
    return response
