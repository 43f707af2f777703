"""The processes of the company for everybody: drawings, versions, and what holds at each step. They name no person."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, render_template, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.administration.policies import steps_in_words
from webapp.engine import engine
from webapp.extensions import db
from webapp.headers import allow_style_attributes
from webapp.i18n import current_language
from webapp.processes import current_diagrams
from workflows.engine.bpmn.diagrams import Diagram
from workflows.engine.model import ProcessDefinition
from workflows.kernel.errors import NotFound

blueprint = Blueprint("diagrams", __name__, url_prefix="/diagrams")


@dataclass(frozen=True, slots=True)
class Version:
    """One deployed version of a diagram."""

    id: int
    version: int
    digest: str
    deployed_at: datetime


@blueprint.get("")
def overview() -> str:
    """Every process."""
    language = current_language()
    names = [(key, diagram.name(language)) for key, diagram in current_diagrams(db.session()).items()]
    return render_template("administration/diagrams.html", names=names)


@blueprint.get("/<key>")
def process(key: str) -> str:
    """One process: its drawing, what holds at each step, and its versions."""
    versions = _versions(db.session(), key)
    shown = _asked_for(versions)
    diagram = engine().diagram(db.session(), shown.id)
    allow_style_attributes()
    return render_template(
        "administration/diagram.html",
        key=key,
        name=diagram.name(current_language()),
        steps=steps_in_words(diagram),
        shown=shown,
        versions=versions,
        called=diagram.called,
    )


@blueprint.get("/<key>/<int:version>.xml")
def drawing(key: str, version: int) -> Response:
    """The drawing of one version, or of a diagram that it calls, named in the language of the page."""
    found = next((each for each in _versions(db.session(), key) if each.version == version), None)
    if found is None:
        raise NotFound("There is no such process.")
    diagram = engine().diagram(db.session(), found.id)
    answer = Response(_drawn(diagram), content_type="application/xml; charset=utf-8")
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.add_etag()
    return answer.make_conditional(request.environ)


def _drawn(diagram: Diagram) -> str:
    called = request.args.get("called")
    if called is not None and called not in diagram.called:
        raise NotFound("There is no such process.")
    return diagram.xml_for(current_language(), called)


def _versions(session: Session, key: str) -> list[Version]:
    """The versions of a process, the newest first; raises ``NotFound`` where there is none."""
    if key not in engine().processes:
        raise NotFound("There is no such process.")
    columns = (
        ProcessDefinition.id,
        ProcessDefinition.version,
        ProcessDefinition.digest,
        ProcessDefinition.deployed_at,
    )
    rows = session.execute(
        select(*columns).where(ProcessDefinition.key == key).order_by(ProcessDefinition.version.desc())
    ).all()
    if not rows:
        raise NotFound("There is no such process.")
    return [Version(*row) for row in rows]


def _asked_for(versions: list[Version]) -> Version:
    asked = request.args.get("version")
    if asked is None:
        return versions[0]
    found = next((each for each in versions if str(each.version) == asked), None)
    if found is None:
        raise NotFound("There is no such process.")
    return found
