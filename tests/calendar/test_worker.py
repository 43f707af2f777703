"""What the worker does about deadlines: it recounts them, keeps days off free, and leaves to people what fails."""

import datetime as dt
from functools import partial
from typing import Any

import pytest
from flask import Flask

from tests.api.company import Api
from tests.application import application
from webapp.extensions import db
from webapp.work import _leave_to_superior, each_due
from workflows.calendar.changes import set_days
from workflows.engine import deadlines


def tasks(app: Flask) -> list[Any]:
    with app.app_context():
        sql = "SELECT id, assignee_id, status, escalate_at FROM user_task ORDER BY id"
        return [tuple(row) for row in db.session.connection().exec_driver_sql(sql)]


def late_task(app: Flask, now: dt.datetime) -> int:
    """An advance on the manager's desk, the deadline of which has just passed."""
    task_id = int(Api(app, now).start()["next_tasks"][0]["id"])
    with app.app_context():
        db.session.connection().exec_driver_sql("UPDATE user_task SET escalate_at = %(now)s", {"now": now})
        db.session.commit()
    return task_id


def test_what_fails_at_a_deadline_is_left_to_the_superior(
    demo: Flask, now: dt.datetime, caplog: pytest.LogCaptureFixture
) -> None:
    task_id = late_task(demo, now)

    def breaks(*_: Any, **__: Any) -> None:
        raise RuntimeError("the operation broke")

    assert each_due(demo, deadlines.due_escalations, breaks, partial(_leave_to_superior, demo)) == 1
    assert "the superior is told" in caplog.text
    with demo.app_context():
        sql = "SELECT e.login FROM notice n JOIN employee e ON e.id = n.employee_id WHERE n.kind = 'task_escalated'"
        assert list(db.session.connection().exec_driver_sql(sql).scalars()) == ["sales_director"]
    assert [(task, status, at) for task, _, status, at in tasks(demo)] == [(task_id, "open", None)]
    assert each_due(demo, deadlines.due_escalations, breaks, partial(_leave_to_superior, demo)) == 0


def test_nothing_happens_at_a_deadline_on_a_day_off(demo: Flask, now: dt.datetime) -> None:
    late_task(demo, now)
    with demo.app_context():
        set_days(db.session(), [now.date()], False, note="盘点", actor_id=1, now=now)
        db.session.commit()
    before = tasks(demo)
    assert each_due(demo, deadlines.due_escalations, deadlines.escalate) == 0
    assert tasks(demo) == before


def test_a_worker_of_another_process_sees_a_change_at_once(demo: Flask, now: dt.datetime) -> None:
    late_task(demo, now)
    url = demo.config["SQLALCHEMY_DATABASE_URI"]
    with application(url, now) as other:
        with other.app_context():
            assert deadlines.due_escalations(db.session(), now) != []
        with demo.app_context():
            set_days(db.session(), [now.date()], False, note="盘点", actor_id=1, now=now)
            db.session.commit()
        with other.app_context():
            assert deadlines.due_escalations(db.session(), now) == []
