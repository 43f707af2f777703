"""The bell for programs: what a person was told, marking it read, and what they want to hear by which channel."""

from typing import Any

from flask import Response, request

from webapp.accounts.actor import current_actor
from webapp.addresses import LARGEST_ID, ident
from webapp.api.blueprint import blueprint
from webapp.api.bodies import page_of_list, read_json
from webapp.api.shapes import answer, instant
from webapp.clock import request_now
from webapp.engine import change
from webapp.extensions import db
from webapp.notices.blueprint import settings
from webapp.notices.words import actor_names, notice_text, notice_url
from workflows.kernel.errors import Invalid
from workflows.notices.channels import Channel
from workflows.notices.kinds import Mode
from workflows.notices.model import Notice
from workflows.notices.preferences import CHOICES, keep_wishes, wishes_of
from workflows.notices.reach import reachable_by
from workflows.notices.reading import mark_read, notices_page, unread_count

#: Ids in one request.
_MOST_IDS = 1000


@blueprint.get("/me/notices")
def notices() -> Response:
    """What I was told, the newest first: what I have not read, or what I have."""
    limit, _after = page_of_list()
    state = request.args.get("state", "unread")
    if state not in ("unread", "read"):
        raise Invalid.at("state", "Choose one of the options.")
    rows, following = notices_page(
        db.session(), current_actor().id, is_unread=state == "unread", limit=limit, before=_before()
    )
    names = actor_names(db.session(), rows)
    return answer({"items": [_item(row, names) for row in rows], "next": str(following) if following else None})


@blueprint.post("/me/notices/read")
def read_notices() -> Response:
    """Mark some of my notices as read, or all; repeating it is harmless."""
    body = _object(read_json(), ("ids", "up_to"))
    ids, up_to = body.get("ids"), body.get("up_to")
    if ids is not None and not (isinstance(ids, list) and len(ids) <= _MOST_IDS and all(map(_is_id, ids))):
        raise Invalid.at("ids", "This must be a list of ids, %(most)s at most.", most=_MOST_IDS)
    if up_to is not None and not _is_id(up_to):
        raise Invalid.at("up_to", "This must be a whole number.")
    me = current_actor().id
    with change() as session:
        mark_read(session, me, ids=ids, up_to=up_to, now=request_now())
    return answer({"unread": unread_count(db.session(), me)})


@blueprint.get("/me/notices/preferences")
def notice_preferences() -> Response:
    """By which channels I am reached, and what I want to hear of by each."""
    return answer(_preferences())


@blueprint.put("/me/notices/preferences")
def keep_notice_preferences() -> Response:
    """Say what I want to hear; kinds and channels that are left out stay as they are."""
    body = _object(read_json(), ("preferences",))
    said = body.get("preferences")
    if not isinstance(said, dict):
        raise Invalid.at("preferences", "This must be an object with named members.")
    wishes = {}
    for kind, modes in said.items():
        if not isinstance(modes, dict):
            raise Invalid.at(_named(kind), "This must be an object with named members.")
        for channel, mode in modes.items():
            if channel not in list(Channel) or mode not in list(Mode):
                raise Invalid.at(_named(kind, channel), "Choose one of the options.")
            wishes[kind, Channel(channel)] = Mode(mode)
    with change() as session:
        keep_wishes(session, current_actor().id, wishes)
    return answer(_preferences())


def _preferences() -> dict[str, Any]:
    me = current_actor().id
    wishes = wishes_of(db.session(), me)
    return {
        "channels": [channel.value for channel in reachable_by(db.session(), me, channels=settings().channels)],
        "preferences": {
            kind.word: {channel.value: wishes[kind.word, channel].value for channel in Channel} for kind in CHOICES
        },
    }


def _item(notice: Notice, names: dict[int, str]) -> dict[str, Any]:
    return {
        "id": notice.id,
        "kind": notice.kind,
        "text": notice_text(notice, names),
        "url": notice_url(notice) or None,
        "task_id": notice.task_id,
        "instance_id": notice.instance_id,
        "created_at": instant(notice.created_at),
        "read_at": instant(notice.read_at),
    }


def _before() -> int | None:
    """The place where a page ended: an id."""
    said = request.args.get("before")
    try:
        return ident(said) if said else None
    except ValueError:
        raise Invalid.at("before", "This is not the place where a page ended.") from None


def _object(body: Any, known: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise Invalid.at("", "The body must be an object with named members.")
    for name in body:
        if name not in known:
            raise Invalid.at(_named(name), "There is no such field.")
    return body


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LARGEST_ID


def _named(*names: str) -> str:
    return "".join(sign for sign in ".".join(names)[:64] if sign.isprintable())
