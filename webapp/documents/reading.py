"""Who may read a case, asked by its number alone; the roles that read every case come from its own diagram."""

from sqlalchemy import select

from webapp.engine import engine
from webapp.extensions import db
from workflows.engine.access import may_read
from workflows.engine.model import ProcessInstance
from workflows.engine.process import Actor


def may_read_case(actor: Actor, instance_id: int) -> bool:
    """Whether the person may read the case; a case that does not exist is read by nobody."""
    session = db.session()
    definition_id = session.execute(
        select(ProcessInstance.definition_id).where(ProcessInstance.id == instance_id)
    ).scalar_one_or_none()
    if definition_id is None:
        return False
    return may_read(session, actor, instance_id, frozenset(engine().diagram(session, definition_id).readers))
