"""For whom there are figures, as the bar on top needs to know on every page.

The figures themselves ask each time. A link that appears or goes a minute late is worth no query on every page.
"""

import time

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.engine.figures import SEES_ALL
from workflows.engine.process import Actor
from workflows.people.model import Department

_KEEP_SECONDS = 60.0


def has_figures(session: Session, actor: Actor) -> bool:
    """Whether to offer the figures to this person."""
    return bool(actor.roles & SEES_ALL) or actor.id in _leaders(session)


def _leaders(session: Session) -> frozenset[int]:
    cache = current_app.extensions.setdefault("salesflow_leaders", {"until": 0.0, "leaders": frozenset()})
    if cache["until"] < time.monotonic():
        leaders = session.scalars(select(Department.manager_id).where(Department.manager_id.is_not(None)).distinct())
        cache["leaders"] = frozenset(leaders)
        cache["until"] = time.monotonic() + _KEEP_SECONDS
    leaders_kept: frozenset[int] = cache["leaders"]
    return leaders_kept
