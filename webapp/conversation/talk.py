"""What the pages of a case and of its tasks show around it: comments, who reads along, and whether it may be urged.

The parts of the page ask for it by themselves (``talk_of`` is a global of the templates), so that no view has to hand
it on; within one request it is read once.
"""

import datetime as dt
from dataclasses import dataclass, replace

from flask import g, request

from webapp.accounts.account import account_by_id
from webapp.accounts.actor import current_actor
from webapp.clock import request_now, request_today
from webapp.documents.reading import may_read_case
from webapp.extensions import db
from webapp.instances.case import Case, CaseTask
from workflows.conversation.comments import CommentRow, MayRead, comments_of
from workflows.documents.files import DocumentInfo, documents_of
from workflows.engine.acting import belongs
from workflows.engine.copies import CopyRow, copies_of, mark_copy_read
from workflows.engine.process import Actor
from workflows.engine.reading import mark_task_read
from workflows.engine.urging import possible_again_at, urged_lately

#: How many comments stand beside a case, and how many on a page of their own.
SHOWN_BESIDE, SHOWN_ALONE = 20, 50


@dataclass(frozen=True, slots=True)
class Talk:
    """What is said around a case. ``earlier`` is the id before which there are more comments."""

    comments: list[CommentRow]
    earlier: int | None
    files: dict[int, DocumentInfo]
    copies: list[CopyRow]
    may_copy: bool
    may_urge: bool
    #: From when the case may be urged again; None where it may be at once.
    urge_again_at: dt.datetime | None


def talk_of(case: Case, *, limit: int = SHOWN_BESIDE, before: int | None = None) -> Talk:
    """Give what is said around a case to somebody who may read it."""
    kept: dict[tuple[int, int, int | None], Talk] = g.setdefault("talk", {})
    key = (case.id, limit, before)
    if key not in kept:
        kept[key] = _talk(case, limit, before)
    return kept[key]


def note_opened(case: Case, held: CaseTask | None) -> Case:
    """Note that the reader has opened a case, and the task on their desk if the page shows one; give it as it is now.

    One statement the first time, none afterwards.
    """
    if request.method != "GET":
        return case
    actor, now, session = current_actor(), request_now(), db.session()
    if held is not None and held.is_open and held.read_at is None:
        mark_task_read(session, held.id, now=now)
        read = tuple(replace(task, read_at=now) if task.id == held.id else task for task in case.tasks)
        case = replace(case, tasks=read)
    if any(each.employee_id == actor.id and each.read_at is None for each in talk_of(case).copies):
        mark_copy_read(session, case.id, employee_id=actor.id, now=now)
    return case


def readers_of(instance_id: int) -> MayRead:
    """A function that says of an employee whether they may read the case, with the holiday cover of today."""

    def may_read(employee_id: int) -> bool:
        account = account_by_id(db.session(), employee_id, today=request_today())
        return account is not None and account.active and may_read_case(account.actor, instance_id)

    return may_read


def _talk(case: Case, limit: int, before: int | None) -> Talk:
    session, actor, now = db.session(), current_actor(), request_now()
    comments, earlier = comments_of(session, case.id, limit=limit, before=before)
    has_files = any(each.document_ids for each in comments)
    may_urge = case.is_running and case.starter_id == actor.id and _waits_elsewhere(case, actor)
    was_urged = any(task.urged_at for task in case.tasks)
    lately = urged_lately(session, case.id, now=now) if may_urge and was_urged else []
    return Talk(
        comments=comments,
        earlier=earlier,
        files={each.id: each for each in documents_of(session, [case.id])} if has_files else {},
        copies=copies_of(session, case.id),
        may_copy=_took_part(case, actor),
        may_urge=may_urge,
        urge_again_at=possible_again_at(lately, now=now),
    )


def _waits_elsewhere(case: Case, actor: Actor) -> bool:
    return any(task.assignee_id != actor.id for task in case.open_tasks)


def _took_part(case: Case, actor: Actor) -> bool:
    """As ``workflows.engine.copies.may_copy`` decides, from what the page has read already."""
    mine = {actor.id, *(person for person in actor.covers if actor.stands_in_for(person, case.process_key))}
    return case.starter_id == actor.id or any(
        task.assignee_id in mine
        or task.closed_by_id == actor.id
        or (task.is_open and belongs(task, actor) and actor.id not in task.barred)
        for task in case.tasks
    )
