"""The processes by their names, for menus and choices on every page.

A diagram changes when a new version is deployed, so each web process keeps what it read for a minute: a menu on every
page is not worth a query on every page.
"""

import time

from flask import current_app
from sqlalchemy.orm import Session

from webapp.engine import engine
from workflows.engine.bpmn.diagrams import Diagram
from workflows.engine.process import Actor
from workflows.kernel.errors import NotFound

_KEEP_SECONDS = 60.0


def current_diagrams(session: Session) -> dict[str, Diagram]:
    """The diagram in force of every deployed process, by its key."""
    cache = current_app.extensions.setdefault("salesflow_diagrams", {"until": 0.0, "diagrams": {}})
    if cache["until"] < time.monotonic():
        cache["diagrams"] = dict(_deployed(session))
        cache["until"] = time.monotonic() + _KEEP_SECONDS
    diagrams: dict[str, Diagram] = cache["diagrams"]
    return diagrams


def process_names(session: Session, language: str) -> dict[str, str]:
    """Process key -> name."""
    return {key: diagram.name(language) for key, diagram in current_diagrams(session).items()}


def startable_by(session: Session, actor: Actor, language: str) -> list[tuple[str, str]]:
    """Key and name of the processes that this person's roles may start."""
    found = []
    for key, diagram in current_diagrams(session).items():
        if diagram.is_started_by(actor.roles):
            found.append((key, diagram.name(language)))
    return found


def _deployed(session: Session) -> list[tuple[str, Diagram]]:
    found = []
    for key in engine().processes:
        try:
            found.append((key, engine().current(session, key)))
        except NotFound:
            continue  # Installed, but not deployed yet.
    return found
