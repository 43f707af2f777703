"""Showing the handwritten signatures under the decisions of a case."""

from collections.abc import Mapping, Sequence

from flask import Blueprint, current_app

from webapp.extensions import db
from workflows.engine.bpmn.diagrams import Diagram
from workflows.engine.signatures import HEIGHT, WIDTH, Drawing, drawings_of

blueprint = Blueprint("signing", __name__)
blueprint.add_app_template_global(f"0 0 {WIDTH} {HEIGHT}", "signature_box")


@blueprint.app_template_global()
def signatures_of(task_ids: Sequence[int]) -> Mapping[int, Drawing]:
    """The signatures under these tasks; who shows them has asked whether the reader may read the case."""
    return drawings_of(db.session(), current_app.extensions["keyring"], task_ids)


@blueprint.app_template_global()
def signatures_under(diagram: Diagram, task_ids: Sequence[int]) -> Mapping[int, Drawing]:
    """The signatures of a case; the database is not asked where no step of its diagram is signed."""
    return signatures_of(task_ids) if any(task.signature for task in diagram.user_tasks()) else {}
