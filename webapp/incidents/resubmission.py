"""Sending a kept submission again, in the name of who sent it."""

import datetime as dt
from typing import Any

from sqlalchemy.orm import Session

from webapp.accounts.account import account_by_id
from webapp.tasks.sent import Sent
from workflows.engine.model import TaskStatus, UserTask
from workflows.kernel.days import day_of
from workflows.kernel.errors import NotAllowed


def resubmit(session: Session, submission: dict[str, Any], *, now: dt.datetime) -> None:
    """Take the step that failed. A task that was closed meanwhile, by whomever, counts as done.

    The sender must still be allowed to take it: their account as of now decides. Raises what the engine refuses.
    """
    account = account_by_id(session, submission["actor_id"], today=day_of(now))
    if account is None or not account.active:
        raise NotAllowed("The account of who sent this is disabled.")
    sent = Sent.from_json(submission)
    task = session.get(UserTask, sent.task_id) if sent.task_id is not None else None
    if task is None or task.status == TaskStatus.OPEN:
        sent.step(session, actor=account.actor, now=now)
