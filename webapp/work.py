"""What the worker does: the jobs that steps ask for, and what is looked after from time to time.

A job that was begun and not ended, because its worker died, is begun again within a minute; every job can therefore
stand being done twice. Each runs in a transaction of its own.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Flask
from procrastinate import JobContext, RetryStrategy
from procrastinate.jobs import Job, Status
from sqlalchemy.orm import Session

from webapp.clock import request_now
from webapp.extensions import db
from webapp.jobs import queue
from workflows.advance.reminders import remind_overdue
from workflows.engine import deadlines, notices
from workflows.engine.runtime import Engine

#: A worker that has not shown itself for this long is dead.
STALLED_SECONDS = 30
#: How often the sweeps run; with ``STALLED_SECONDS`` it keeps a dead worker's jobs from waiting longer than a minute.
EVERY_15_SECONDS = "* * * * * */15"
HOURLY = "7 * * * *"

#: Something that fails outside is tried again after 4, 16, 64, … seconds, and after the last time shows in the doctor.
AGAIN = RetryStrategy(max_attempts=6, exponential_wait=4)


@contextmanager
def transaction(context: JobContext) -> Iterator[tuple[Session, Engine, dt.datetime]]:
    """Open the transaction of one job: gives session, engine and the present instant, and commits at the end."""
    app: Flask = context.additional_context["flask_app"]
    engine: Engine = app.extensions["salesflow_engine"]
    with app.app_context():
        try:
            yield db.session(), engine, request_now()
            db.session.commit()
        except BaseException:
            db.session.rollback()
            raise


# What steps ask for.


@queue.task(name="notify_opened", retry=AGAIN, pass_context=True)
def notify_opened(context: JobContext, task_ids: list[int]) -> None:
    """Tell people that something waits for them."""
    with transaction(context) as (session, _, now):
        notices.notify_opened(session, task_ids, now=now)


@queue.task(name="notify_ended", retry=AGAIN, pass_context=True)
def notify_ended(context: JobContext, instance_id: int) -> None:
    """Tell the person who started a case how it ended."""
    with transaction(context) as (session, _, now):
        notices.notify_ended(session, instance_id, now=now)


@queue.task(name="deliver_message", retry=AGAIN, pass_context=True)
def deliver_message(context: JobContext, message_id: int) -> None:
    """Hand a message to the case that it is for."""
    with transaction(context) as (session, engine, now):
        engine.deliver(session, message_id, now=now)


# What is looked after from time to time. A sweep that is still waiting is not enqueued a second time.


@queue.periodic(cron=EVERY_15_SECONDS)
@queue.task(name="sweep_timers", queueing_lock="sweep_timers", pass_context=True)
def sweep_timers(context: JobContext, timestamp: int) -> None:
    """Fire the timers that are due, each in a transaction of its own."""
    _each(context, deadlines.due_timers, lambda engine, session, found, now: engine.fire_timer(session, found, now=now))


@queue.periodic(cron=EVERY_15_SECONDS)
@queue.task(name="sweep_messages", queueing_lock="sweep_messages", pass_context=True)
def sweep_messages(context: JobContext, timestamp: int) -> None:
    """Deliver the messages whose job was lost or gave up."""
    _each(context, deadlines.late_messages, lambda engine, session, found, now: engine.deliver(session, found, now=now))


@queue.periodic(cron=EVERY_15_SECONDS)
@queue.task(name="sweep_deadlines", queueing_lock="sweep_deadlines", pass_context=True)
def sweep_deadlines(context: JobContext, timestamp: int) -> None:
    """Remind of tasks that have lain too long, and hand up those that have lain longer."""
    with transaction(context) as (session, _, now):
        deadlines.remind_due(session, now=now)
    with transaction(context) as (session, engine, now):
        deadlines.escalate_due(session, engine, now=now)


@queue.periodic(cron=HOURLY)
@queue.task(name="sweep_overdue_advances", queueing_lock="sweep_overdue_advances", pass_context=True)
def sweep_overdue_advances(context: JobContext, timestamp: int) -> None:
    """Remind of overdue advances; how often one is reminded is kept with the advance, not with the clock."""
    with transaction(context) as (session, _, now):
        remind_overdue(session, now)


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


def _each(
    context: JobContext,
    find: Callable[[Session, dt.datetime], list[int]],
    act: Callable[[Engine, Session, int, dt.datetime], None],
) -> None:
    """Act on everything found, one transaction each, so that one that fails does not hold the others up."""
    with transaction(context) as (session, _, now):
        ids = find(session, now)
    problems = []
    for found in ids:
        try:
            with transaction(context) as (session, engine, now):
                act(engine, session, found, now)
        except Exception as problem:
            problems.append(problem)
    if problems:
        raise problems[0]
