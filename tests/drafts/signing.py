"""A company whose general manager signs what they approve."""

import dataclasses
import shutil
from pathlib import Path

from tests.pages.office import Office
from webapp.extensions import db


def have_the_general_manager_sign(office: Office, folder: Path) -> None:
    """Deploy the expense advance with ``salesflow:signature`` at its last approval."""
    engine = office.app.extensions["salesflow_engine"]
    process = engine.processes["expense_advance"]
    shutil.copytree(process.folder, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    diagram = folder / "expense_advance.bpmn"
    plain = diagram.read_text().replace(' salesflow:signature="required"', "")
    mark = '<userTask id="general_manager_approval" salesflow:signature="required"'
    diagram.write_text(plain.replace('<userTask id="general_manager_approval"', mark))
    engine.definitions.processes = {
        **engine.processes, "expense_advance": dataclasses.replace(process, folder=folder)
    }  # fmt: skip
    with office.app.app_context():
        engine.deploy(db.session(), now=office.now)
        db.session.commit()


def awaiting_signature(office: Office) -> int:
    """A case that waits for the general manager."""
    case = office.start()
    for who in ("sales_manager", "sales_director"):
        assert office.decide(who, case, opinion="同意").status_code == 303
    return case
