"""The queue and the worker: jobs exist exactly if their step does, and none is lost with a worker."""

import datetime as dt
import signal
import time

import pytest
from flask import Flask
from sqlalchemy import text

from tests.product import Product
from webapp.doctor import examine
from webapp.extensions import db
from webapp.jobs import defer
from webapp.worker import beat, forget

JOBS = [("notify_ended", {"instance_id": 0}), ("notify_opened", {"task_ids": [1, 2]})]


def queued(app: Flask) -> list[tuple[str, dict[str, object], str]]:
    """Name, arguments and status of what is in the queue."""
    with app.app_context():
        rows = db.session.execute(text("SELECT task_name, args, status::text FROM procrastinate_jobs ORDER BY id"))
        found = [(row.task_name, row.args, row.status) for row in rows]
        db.session.commit()
    return found


def test_several_jobs_are_enqueued_by_one_statement_of_the_step(app: Flask) -> None:
    with app.app_context():
        defer(db.session(), JOBS)
        db.session.commit()
    assert queued(app) == [
        ("notify_ended", {"instance_id": 0}, "todo"),
        ("notify_opened", {"task_ids": [1, 2]}, "todo"),
    ]


def test_a_step_that_is_rolled_back_leaves_no_job(app: Flask) -> None:
    with app.app_context():
        defer(db.session(), JOBS)
        db.session.rollback()
    assert queued(app) == []


def test_no_jobs_cost_no_statement(app: Flask) -> None:
    with app.app_context():
        defer(db.session(), [])
        assert not db.session().in_transaction()


@pytest.fixture
def idle(own_database: str) -> Product:
    """A product of which nothing runs yet."""
    return Product(own_database)


def await_empty(app: Flask, seconds: float) -> None:
    """Wait until every job that is no sweep is done."""
    deadline = time.monotonic() + seconds
    while [job for job in queued(app) if not job[0].startswith("sweep_")]:
        assert time.monotonic() < deadline, queued(app)
        time.sleep(0.2)


def test_what_a_dead_worker_had_begun_is_begun_again_within_a_minute(app: Flask, idle: Product) -> None:
    with app.app_context():
        defer(db.session(), JOBS)
        # As a worker leaves it that was killed half a minute ago: taken, not ended, its heartbeat old.
        dead = db.session.execute(
            text("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '31 s') RETURNING id")
        ).scalar_one()
        db.session.execute(
            text("UPDATE procrastinate_jobs SET status = 'doing', worker_id = :dead WHERE task_name = 'notify_ended'"),
            {"dead": dead},
        )
        db.session.commit()
    worker = idle.start_worker()
    await_empty(app, 40)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(30) == 0
    with app.app_context():
        assert db.session.execute(text("SELECT count(*) FROM worker_heartbeat")).scalar_one() == 0
    idle.stop()


def test_a_killed_worker_leaves_its_work_to_the_next(app: Flask, idle: Product) -> None:
    first = idle.start_worker()
    deadline = time.monotonic() + 30
    while "takes jobs" not in idle.log("worker.log"):
        assert time.monotonic() < deadline, idle.log("worker.log")
        time.sleep(0.1)
    idle.kill(first)
    with app.app_context():
        defer(db.session(), JOBS)
        db.session.commit()
    idle.start_worker()
    await_empty(app, 40)
    idle.stop()


def test_the_doctor_misses_a_worker_that_no_longer_beats(app: Flask) -> None:
    now = dt.datetime(2026, 3, 10, 2, 0, tzinfo=dt.UTC)

    def about_the_worker(later: int) -> list[tuple[bool, str]]:
        found = examine(app, now + dt.timedelta(seconds=later))
        return [(finding.is_good, finding.said) for finding in found if finding.subject == "worker"]

    assert about_the_worker(0) == [
        (False, "no worker is running: nobody is reminded or told; start `salesflow worker`")
    ]
    beat(app, "vm:17")
    assert about_the_worker(35) == [(True, "vm:17 was seen 35 s ago")]
    assert [good for good, _ in about_the_worker(36)] == [False, False]
    forget(app, "vm:17")
    assert len(about_the_worker(0)) == 1
