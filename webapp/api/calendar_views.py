"""Working days for programs: a year, and one day to be changed. Who reads them needs no role, who changes them does."""

import datetime as dt
import re
from typing import Any

from flask import Response, request

from webapp.accounts.actor import current_actor
from webapp.api.blueprint import blueprint
from webapp.api.bodies import read_json
from webapp.api.shapes import answer
from webapp.calendar.due import own_days
from webapp.clock import request_now, request_today
from webapp.engine import change
from webapp.extensions import db
from webapp.i18n import localized
from webapp.jobs import defer
from workflows.calendar.changes import YEARS, notes, set_days
from workflows.calendar.overrides import overrides
from workflows.calendar.year import DayInfo, day_info, year_days
from workflows.kernel.errors import Invalid, NotFound
from workflows.kernel.workdays import knows_year

_YEAR = re.compile(r"[0-9]{4}", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


@blueprint.get("/calendar")
def calendar() -> Response:
    """All days of a year."""
    said = request.args.get("year", str(request_today().year))
    if not _YEAR.fullmatch(said) or int(said) not in YEARS:
        raise Invalid.at("year", "The calendar holds the years %(first)s to %(last)s.", first=YEARS[0], last=YEARS[-1])
    year = int(said)
    days = year_days(year, own_days(), notes(db.session(), year))
    return answer({"year": year, "is_known": knows_year(year), "days": [_item(info) for info in days]})


@blueprint.put("/calendar/<day>")
def change_calendar_day(day: str) -> Response:
    """Say of a day that the company works, does not, or does as the public calendar says. Repeating it is harmless."""
    on, (works, note) = _day(day), _said(read_json())
    with change() as session:
        actor_id = current_actor().id
        if set_days(session, [on], works, note=note, actor_id=actor_id, now=request_now()):
            defer(session, [("recount_deadlines", {})])
    return answer(_item(day_info(on, overrides(db.session()), notes(db.session(), on.year).get(on, ""))))


def _day(text: str) -> dt.date:
    try:
        found = dt.date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None or found.year not in YEARS:
        raise NotFound("There is no such page, or none that you may see.")
    return found


def _said(body: Any) -> tuple[bool | None, str]:
    if not isinstance(body, dict):
        raise Invalid.at("", "The body must be an object with named members.")
    for name in body:
        if name not in ("works", "note"):
            raise Invalid.at(str(name)[:64], "There is no such field.")
    if "works" not in body:
        raise Invalid.at("works", "Please fill this in.")
    if not (body["works"] is None or isinstance(body["works"], bool)):
        raise Invalid.at("works", "This must be true, false or null.")
    note = body.get("note", "")
    if not isinstance(note, str):
        raise Invalid.at("note", "This must be a text in quotation marks.")
    return body["works"], note


def _item(info: DayInfo) -> dict[str, Any]:
    return {
        "day": info.day.isoformat(),
        "works": info.works,
        "source": info.source.value,
        "public_works": info.public_works,
        "name": localized(info.name_zh, info.name_en),
        "note": info.note,
    }
