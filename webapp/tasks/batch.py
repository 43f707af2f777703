"""Approving many cases at once: what was chosen, what of it can be approved, and doing it case by case.

Each case is a submission of its own: its own transaction and lock, and an idempotency key made of the batch's key and
the task's id, so that a batch that is sent twice approves nothing twice. What one case is refused for holds up no
other, and nothing is half done.
"""

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flask import current_app
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from webapp.engine import engine
from webapp.extensions import db
from webapp.incidents.recording import StepFailed, take_step
from webapp.tasks.sent import Sent
from workflows.engine.acting import belongs
from workflows.engine.batch import MOST_AT_ONCE, amounts_of, ceiling_of, refuse_in_batch
from workflows.engine.bpmn.elements import Element
from workflows.engine.model import TaskStatus, UserTask
from workflows.engine.process import Actor
from workflows.engine.submissions import Result
from workflows.kernel.errors import Conflict, NotAllowed, NotFound, Refusal, StaleRevision
from workflows.people.model import Employee

#: A case that somebody else is at is passed over sooner than usual, since others wait behind it.
_WAIT_FOR_LOCK = "SET LOCAL lock_timeout = '500ms'"
_CHOICE = re.compile(r"([0-9]{1,18})\.([0-9]{1,9})", re.ASCII)
_ROW = (
    UserTask.id, UserTask.instance_id, UserTask.process_key, UserTask.definition_id, UserTask.element_id,
    UserTask.title, UserTask.kind, UserTask.role, UserTask.status, UserTask.assignee_id, UserTask.group_role,
    UserTask.barred, UserTask.revision, UserTask.closed_by_id,
    Employee.name.label("starter_name"), Employee.name_en.label("starter_name_en"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chosen:
    """A task that somebody ticked, in the revision that their list showed."""

    task_id: int
    revision: int


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One chosen task. ``task`` is None where it is none of the reader's, ``refusal`` says why it is not approved."""

    chosen: Chosen
    task: Any
    element: Element | None
    amount_fen: int | None
    refusal: Refusal | StepFailed | None = None
    result: Result | None = None


def read_choices(said: Iterable[str]) -> list[Chosen]:
    """Read ``17.1`` (task and revision), each task once; raises ``Refusal`` for none and for more than a hundred."""
    found: dict[int, Chosen] = {}
    for each in said:
        parts = _CHOICE.fullmatch(each)
        if parts:
            found.setdefault(int(parts[1]), Chosen(int(parts[1]), int(parts[2])))
    if not found:
        raise Refusal("Choose at least one request.")
    if len(found) > MOST_AT_ONCE:
        raise Refusal("At most %(most)s requests at once.", most=MOST_AT_ONCE)
    return list(found.values())


def company_ceiling() -> int:
    """The ceiling of whoever has none of their own, in fen."""
    ceiling: int = current_app.config["BATCH_CEILING_FEN"]
    return ceiling


def rows_of(session: Session, chosen: Sequence[Chosen], *, actor: Actor) -> list[BatchRow]:
    """Give what was chosen, and beforehand what will be refused, as far as that can be told without a lock."""
    query = select(*_ROW).join(Employee, Employee.id == UserTask.starter_id)
    found = {row.id: row for row in session.execute(query.where(UserTask.id.in_([each.task_id for each in chosen])))}
    own = {
        ident: row for ident, row in found.items() if belongs(row, actor) or row.closed_by_id == actor.id
    }  # Titles hold names and sums: nobody reads those of others by trying numbers.
    ceiling_fen = ceiling_of(session, actor.id, company_fen=company_ceiling())
    amounts = amounts_of(session, engine().processes, [(row.process_key, row.instance_id) for row in own.values()])
    rows = []
    for each in chosen:
        row = own.get(each.task_id)
        element = engine().diagram(session, row.definition_id).element(row.element_id) if row else None
        amount_fen = amounts.get(row.instance_id) if row else None
        refusal = _foreseen(each, row, element, actor, amount_fen, ceiling_fen)
        rows.append(BatchRow(each, row, element, amount_fen, refusal))
    return rows


def approve(rows: Sequence[BatchRow], key: str, opinion: str, *, actor: Actor) -> list[BatchRow]:
    """Approve case by case, each committed by itself, and give every row with what became of it."""
    return [_approved(row, key, opinion, actor) for row in rows]


def _approved(row: BatchRow, key: str, opinion: str, actor: Actor) -> BatchRow:
    if row.task is None:
        return row
    pairs = [("decision", "approve"), ("opinion", opinion)]
    said = repr((row.chosen, pairs)).encode("utf-8", "surrogatepass")
    sent = OneOfMany(
        f"{key}:{row.chosen.task_id}",
        hashlib.sha256(said).digest(),
        task_id=row.chosen.task_id,
        revision=row.chosen.revision,
        pairs=pairs,
        row=row,
        actor_id=actor.id,
    )
    try:
        return replace(row, refusal=None, result=take_step(sent, actor=actor))
    except (Refusal, StepFailed) as refusal:
        return replace(row, refusal=refusal)


@dataclass
class OneOfMany(Sent):
    """The approval of one case among many; what a batch asks besides is asked under the lock of the case."""

    row: BatchRow | None = field(default=None)
    actor_id: int = 0

    def step(self, session: Session, *, actor: Actor, now: dt.datetime) -> Result:
        """Take the step; the caller commits."""
        session.execute(text(_WAIT_FOR_LOCK))
        return super().step(session, actor=actor, now=now)

    def read(self, process_key: str, element_id: str) -> Mapping[str, Any]:
        """Refuse what no batch approves, as things stand now, and read the form."""
        session, task = db.session(), self.row.task if self.row else None
        if task is not None:
            refuse_in_batch(
                engine().diagram(session, task.definition_id).element(element_id),
                task.kind,
                amount_fen=amounts_of(session, engine().processes, [(process_key, task.instance_id)]).get(
                    task.instance_id
                ),
                ceiling_fen=ceiling_of(session, self.actor_id, company_fen=company_ceiling()),
            )
        return super().read(process_key, element_id)


def _foreseen(
    chosen: Chosen, row: Any, element: Element | None, actor: Actor, amount_fen: int | None, ceiling_fen: int
) -> Refusal | None:
    """Why this row will be refused, as things stand."""
    if row is None or element is None:
        return NotFound("This is no task of yours, or no longer.")
    if row.status != TaskStatus.OPEN:
        return Conflict("This has been decided already.")
    if actor.id in row.barred:
        return NotAllowed("You started this case or have already acted on it, so somebody else must do this.")
    if row.revision != chosen.revision:
        return StaleRevision("This task has changed since you opened it. Please look at it again.")
    try:
        refuse_in_batch(element, row.kind, amount_fen=amount_fen, ceiling_fen=ceiling_fen)
    except Refusal as refusal:
        return refusal
    return None
