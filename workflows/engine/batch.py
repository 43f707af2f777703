"""What approving many cases at once asks of each of them, besides what approving one asks.

The step is one that decides, and needs no handwritten signature; and what the case is about lies within the ceiling of
whoever approves. A case without an amount has no ceiling. It is asked once more under the lock of each case.
"""

from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.engine.bpmn.elements import Element
from workflows.engine.model import TaskKind
from workflows.engine.process import Process
from workflows.kernel.errors import Invalid, NotAllowed, Refusal
from workflows.kernel.money import written
from workflows.people.model import Employee

#: So many cases at once.
MOST_AT_ONCE = 100


def is_for_batches(element: Element, kind: str = TaskKind.SIGNER) -> bool:
    """Whether a task can be approved among others."""
    return element.approval and not element.signature and kind == TaskKind.SIGNER


def refuse_in_batch(element: Element, kind: str, *, amount_fen: int | None, ceiling_fen: int) -> None:
    """Raise for what must be opened to be approved; ``amount_fen`` is None for a case that is not about money."""
    if element.approval and element.signature:
        raise Invalid.at("signature", "This step asks for a signature. Open it to sign.")
    if not is_for_batches(element, kind):
        raise Refusal("This step is not one that is approved in a batch. Open it.")
    if amount_fen is not None and amount_fen > ceiling_fen:
        raise NotAllowed(
            "¥%(amount)s is above your ceiling for batches, ¥%(ceiling)s. Open it to decide.",
            amount=written(amount_fen),
            ceiling=written(ceiling_fen),
        )


def ceiling_of(session: Session, employee_id: int, *, company_fen: int) -> int:
    """Give the largest amount in fen that a person may approve in a batch: their own, else the company's."""
    own = session.execute(select(Employee.batch_ceiling_fen).where(Employee.id == employee_id)).scalar_one_or_none()
    return company_fen if own is None else own


def amounts_of(session: Session, processes: Mapping[str, Process], cases: Iterable[tuple[str, int]]) -> dict[int, int]:
    """Give what cases are about in fen, by their ids; ``cases`` are pairs of process key and case id."""
    by_process: dict[str, list[int]] = {}
    for process_key, instance_id in cases:
        by_process.setdefault(process_key, []).append(instance_id)
    found: dict[int, int] = {}
    for process_key, ids in by_process.items():
        amounts = processes[process_key].amounts
        if amounts is not None:
            found |= amounts(session, ids)
    return found
