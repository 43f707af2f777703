"""Who may see a customer, and who may change what stands in its archive.

Whoever sees a customer (``scope``) reads it and records visits; its owner, the assistants of its department and those
who lead that department change it. What a person may not see does not exist for them.
"""

from dataclasses import dataclass

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from workflows.customers.model import Customer
from workflows.customers.scope import Sight, sight_of
from workflows.engine.process import Actor
from workflows.kernel.errors import Conflict, NotAllowed, NotFound
from workflows.people.model import Role


@dataclass(frozen=True, slots=True)
class Held:
    """A customer's row under the lock of the one who changes it, with what the person sees."""

    customer: Customer
    sight: Sight


def seen(session: Session, actor: Actor, customer_id: int, *, for_update: bool = False) -> Held:
    """A customer that the person sees, or ``NotFound``; ``for_update`` locks it until the commit."""
    query = select(Customer).where(Customer.id == customer_id).execution_options(populate_existing=for_update)
    customer = session.execute(query.with_for_update() if for_update else query).scalar_one_or_none()
    sight = sight_of(session, actor)
    if customer is None or not sight.covers(owner_id=customer.owner_id, department_id=customer.department_id):
        raise NotFound("There is no such customer.")
    return Held(customer, sight)


def may_edit(actor: Actor, sight: Sight, customer: Customer | Row) -> bool:  # type: ignore[type-arg]
    """Whether the person changes this customer's data: its owner, its department's assistants, who leads it."""
    if not sight.sees_contacts:
        return False
    if customer.owner_id == actor.id or sight.leads(customer.department_id):
        return True
    return Role.SALES_ASSISTANT in actor.roles and customer.department_id in (sight.departments or ())


def held(session: Session, actor: Actor, customer_id: int, *, is_archived: bool = False) -> Held:
    """Lock a customer that the person may change.

    :raises NotFound: it is not theirs to see
    :raises NotAllowed: it is not theirs to change
    :raises Conflict: it is archived (or, for ``is_archived``, it is not)
    """
    found = seen(session, actor, customer_id, for_update=True)
    if not may_edit(actor, found.sight, found.customer):
        raise NotAllowed("Only its owner, the department’s assistants and who leads it change a customer.")
    if (found.customer.archived_at is not None) != is_archived:
        raise Conflict("The customer is archived." if not is_archived else "The customer is not archived.")
    return found


def visited(session: Session, actor: Actor, customer_id: int) -> Held:
    """Lock a customer that the person sees and sells to, for something that any colleague may note.

    Raises as ``held``, except that it need not be theirs to change.
    """
    found = seen(session, actor, customer_id, for_update=True)
    if not found.sight.sees_contacts:
        raise NotAllowed("Only sales staff note visits and complaints.")
    if found.customer.archived_at is not None:
        raise Conflict("The customer is archived.")
    return found
