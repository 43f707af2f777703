"""What the worker does: the jobs that steps ask for, and what it looks after from time to time.

A job that was begun and not ended, because its worker died, is begun again within a minute; every job can therefore
stand being done twice. Whatever is found due is done in a transaction of its own, so that one case that fails does
not hold the others up.
"""

import datetime as dt
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from flask import Flask
from procrastinate import JobContext, RetryStrategy
from procrastinate.jobs import Job, Status
from sqlalchemy.orm import Session

from webapp.clock import request_now
from webapp.extensions import db
from webapp.incidents.background import message_delivered, message_failed, timer_failed
from webapp.jobs import queue
from webapp.notices.sending import make_digests, send_notices
from workflows.advance.reminders import remind_overdue
from workflows.calendar.overrides import overrides
from workflows.customers.lapsing import end_lapsed, warn_of_lapses
from workflows.documents.files import discard_loose
from workflows.engine import deadlines
from workflows.engine.jobs import JOBS, run_job
from workflows.engine.recounting import batches, recount, tasks_with_deadlines
from workflows.engine.runtime import Engine
from workflows.kernel.days import day_of
from workflows.kernel.errors import Busy
from workflows.kernel.workdays import is_workday
from workflows.sale.reminders import remind_of_payments

log = logging.getLogger("salesflow.worker")

#: A worker that has not shown itself for this long is dead.
STALLED_SECONDS = 30
#: How often the sweeps run; with ``STALLED_SECONDS`` it keeps a dead worker's jobs from waiting longer than a minute.
EVERY_15_SECONDS = "* * * * * */15"
EVERY_MINUTE = "* * * * *"
HOURLY = "7 * * * *"

#: What fails is tried again after 4, 16, 64, … seconds; what fails for the last time stays and shows in the doctor.
AGAIN = RetryStrategy(max_attempts=6, exponential_wait=4)

#: Asks for what is due, and does one of it.
Find = Callable[[Session, dt.datetime], list[int]]
Act = Callable[..., object]


@contextmanager
def transaction(app: Flask) -> Iterator[tuple[Session, Engine, dt.datetime]]:
    """One transaction of the worker: gives session, engine and the present instant, and commits at the end."""
    with app.app_context():
        try:
            yield db.session(), app.extensions["salesflow_engine"], request_now()
            db.session.commit()
        except BaseException:
            db.session.rollback()
            raise


def _do(name: str, context: JobContext, /, **arguments: Any) -> None:
    app = context.additional_context["flask_app"]
    try:
        with transaction(app) as (session, engine, now):
            run_job(engine, session, name, arguments, now=now)
            if name == "deliver_message":
                message_delivered(session, arguments["message_id"], now=now)
    except Exception as problem:
        if name == "deliver_message" and not isinstance(problem, Busy):
            with transaction(app) as (session, _engine, now):
                message_failed(session, arguments["message_id"], problem, now=now)
        raise


for _name in JOBS:
    queue.task(partial(_do, _name), name=_name, retry=AGAIN, pass_context=True)


def each_due(app: Flask, find: Find, act: Act, failed: Callable[..., None] | None = None) -> int:
    """Do everything that is due; gives how much there was.

    :param failed: keeps a failure as an incident; without it, and for a case that is busy, the next sweep tries again
    :raises Exception: the first failure that was not kept, after all the rest was tried
    """
    with transaction(app) as (session, _, now):
        due = find(session, now)
    problems = []
    for found in due:
        try:
            with transaction(app) as (session, engine, now):
                act(engine, session, found, now=now)
        except Exception as problem:
            if failed is None or isinstance(problem, Busy):
                problems.append(problem)
                continue
            with transaction(app) as (session, _, now):
                failed(session, found, problem, now=now)
    if problems:
        raise problems[0]
    return len(due)


def _leave_to_superior(app: Flask, session: Session, task_id: int, problem: Exception, *, now: dt.datetime) -> None:
    """A task that could not be handed over or decided by itself is left to people: its holder's superior is told."""
    log.error("the deadline of task %s could not be acted upon; the superior is told", task_id, exc_info=problem)
    deadlines.tell_superior(app.extensions["salesflow_engine"], session, task_id, now=now)


# A sweep that still waits for a worker is not enqueued a second time.


@queue.periodic(cron=EVERY_15_SECONDS)
@queue.task(name="sweep_timers", queueing_lock="sweep_timers", pass_context=True)
def sweep_timers(context: JobContext, timestamp: int) -> None:
    """Fire the timers that are due."""
    each_due(context.additional_context["flask_app"], deadlines.due_timers, deadlines.fire_timer, timer_failed)


@queue.periodic(cron=EVERY_15_SECONDS)
@queue.task(name="sweep_reminders", queueing_lock="sweep_reminders", pass_context=True)
def sweep_reminders(context: JobContext, timestamp: int) -> None:
    """Remind of tasks that have lain too long on a desk."""
    each_due(context.additional_context["flask_app"], deadlines.due_reminders, deadlines.remind)


@queue.periodic(cron=EVERY_15_SECONDS)
@queue.task(name="sweep_escalations", queueing_lock="sweep_escalations", pass_context=True)
def sweep_escalations(context: JobContext, timestamp: int) -> None:
    """Do what the diagrams want of tasks that have lain even longer."""
    app = context.additional_context["flask_app"]
    each_due(app, deadlines.due_escalations, deadlines.escalate, partial(_leave_to_superior, app))


def _recount_deadlines(app: Flask) -> None:
    """Count the deadlines of all open tasks again, batch by batch, each in its own transaction."""
    with transaction(app) as (session, _, _now):
        task_ids = tasks_with_deadlines(session)
    for batch in batches(task_ids):
        with transaction(app) as (session, engine, _now):
            recount(engine, session, batch)


@queue.task(name="recount_deadlines", retry=AGAIN, pass_context=True)
def recount_deadlines(context: JobContext) -> None:
    """Let the deadlines of open tasks follow a change of the calendar."""
    _recount_deadlines(context.additional_context["flask_app"])


@queue.periodic(cron=HOURLY)
@queue.task(name="sweep_deadlines", queueing_lock="sweep_deadlines", pass_context=True)
def sweep_deadlines(context: JobContext, timestamp: int) -> None:
    """Catch what a change of the calendar has missed: tasks opened or answered at that very moment."""
    _recount_deadlines(context.additional_context["flask_app"])


# One worker at a time sends: a mail server that hangs takes one place of the queue, not all of them.


@queue.periodic(cron=EVERY_15_SECONDS)
@queue.task(name="sweep_notices", queueing_lock="sweep_notices", lock="sweep_notices", pass_context=True)
def sweep_notices(context: JobContext, timestamp: int) -> None:
    """Send by mail and chat what people want to hear there."""
    send_notices(context.additional_context["flask_app"])


@queue.periodic(cron=EVERY_MINUTE)
@queue.task(name="sweep_digests", queueing_lock="sweep_digests", lock="sweep_digests", pass_context=True)
def sweep_digests(context: JobContext, timestamp: int) -> None:
    """Make the daily digests once it is nine on a working day, however late the worker comes."""
    make_digests(context.additional_context["flask_app"])


def on_working_days(context: JobContext, act: Callable[[Session, Engine, dt.datetime], object]) -> None:
    """Do something in one transaction, but nothing on a day off; the first working day after it does it."""
    with transaction(context.additional_context["flask_app"]) as (session, engine, now):
        if is_workday(day_of(now), overrides(session)):
            act(session, engine, now)


@queue.periodic(cron=HOURLY)
@queue.task(name="sweep_overdue_advances", queueing_lock="sweep_overdue_advances", pass_context=True)
def sweep_overdue_advances(context: JobContext, timestamp: int) -> None:
    """Remind of overdue advances; that nobody is reminded too often is seen to where the reminder is written."""
    on_working_days(context, lambda session, _engine, now: remind_overdue(session, now))


@queue.periodic(cron=HOURLY)
@queue.task(name="sweep_payments", queueing_lock="sweep_payments", pass_context=True)
def sweep_payments(context: JobContext, timestamp: int) -> None:
    """Remind of instalments that are due and overdue, on working days; nobody is told the same twice."""
    on_working_days(context, lambda session, _engine, now: remind_of_payments(session, now))


@queue.periodic(cron=HOURLY)
@queue.task(name="sweep_registrations", queueing_lock="sweep_registrations", pass_context=True)
def sweep_registrations(context: JobContext, timestamp: int) -> None:
    """Warn of registrations that lapse soon, and end those that have lapsed; on working days, as people hear of it."""

    def act(session: Session, engine: Engine, now: dt.datetime) -> None:
        end_lapsed(session, engine.defer, now)
        warn_of_lapses(session, now)

    on_working_days(context, act)


@queue.periodic(cron=HOURLY)
@queue.task(name="sweep_loose_documents", queueing_lock="sweep_loose_documents", pass_context=True)
def sweep_loose_documents(context: JobContext, timestamp: int) -> None:
    """Throw away files that were uploaded and never attached to anything."""
    with transaction(context.additional_context["flask_app"]) as (session, _, now):
        discard_loose(session, now=now)


@queue.periodic(cron=EVERY_15_SECONDS)
@queue.task(name="sweep_stalled_jobs", queueing_lock="sweep_stalled_jobs", pass_context=True)
async def sweep_stalled_jobs(context: JobContext, timestamp: int) -> None:
    """Begin again what a dead worker had begun. A sweep among it is dropped: the next one does its work."""
    manager = context.app.job_manager
    stalled: list[Job] = list(await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS))
    for job in stalled:
        if job.queueing_lock:
            await manager.finish_job(job, status=Status.FAILED, delete_job=True)
        else:
            await manager.retry_job(job)
