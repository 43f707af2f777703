"""Who may read a case, asked by its number alone, and who a file of a customer's archive.

The roles that read every case come from its own diagram; the archive's files are read by whoever sees the customer.
"""

from sqlalchemy import select

from webapp.engine import engine
from webapp.extensions import db
from workflows.customers.rights import seen
from workflows.customers.visits import customer_of_document
from workflows.engine.access import may_read
from workflows.engine.model import ProcessInstance
from workflows.engine.process import Actor
from workflows.kernel.errors import NotFound


def may_read_case(actor: Actor, instance_id: int) -> bool:
    """Whether the person may read the case; a case that does not exist is read by nobody."""
    session = db.session()
    definition_id = session.execute(
        select(ProcessInstance.definition_id).where(ProcessInstance.id == instance_id)
    ).scalar_one_or_none()
    if definition_id is None:
        return False
    return may_read(session, actor, instance_id, frozenset(engine().diagram(session, definition_id).readers))


def may_read_archived(actor: Actor, document_id: int) -> bool:
    """Whether the person sees the customer whose archive holds a document, and its contacts: files name them."""
    session = db.session()
    customer_id = customer_of_document(session, document_id)
    if customer_id is None:
        return False
    try:
        return seen(session, actor, customer_id).sight.sees_contacts
    except NotFound:
        return False
