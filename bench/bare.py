"""The yardstick: a bare Flask page set on SQLAlchemy, with nothing that a product needs.

``POST /write`` updates one row, inserts another and commits. ``GET /inbox`` is one indexed SELECT of 20 rows in a plain
template of about the product's size. There is no login, no token, no history, no check of anything; reads end with
COMMIT, so that prepared statements last, which an unwary page would not do.
"""

import datetime as dt
import os
from typing import Any

from flask import Flask, Response, jsonify, render_template, request
from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

metadata = MetaData()
task = Table(
    "task",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("assignee_id", BigInteger, nullable=False),
    Column("title", String(200), nullable=False),
    Column("starter", String(64), nullable=False),
    Column("step", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("closed_at", DateTime(timezone=True)),
    Column("decision", String(32)),
    Column("opinion", Text),
)
Index("ix_task_desk", task.c.assignee_id, task.c.opened_at, task.c.id, postgresql_where=text("status = 'open'"))
event = Table(
    "event",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("task_id", BigInteger, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("actor_id", BigInteger, nullable=False),
)

#: The desk that the inbox shows; the writes keep to the tasks of others.
READER = 1
PAGE = 20


def fill(url: str, tasks: int) -> int:
    """Make the tables and their rows; gives the id of the first task that the writes may take."""
    engine = create_engine(url)
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO task (assignee_id, title, starter, step, status, opened_at)"
                " SELECT CASE WHEN n <= 1000 THEN 1 ELSE 2 + n % 200 END,"
                "        'JK-2026-' || lpad(n::text, 6, '0') || ' · ¥12,000.00 · 广州展会差旅', '张小明', '经理审批',"
                "        'open', now() - n * interval '1 minute' FROM generate_series(1, :tasks) AS n"
            ),
            {"tasks": tasks},
        )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")
    engine.dispose()
    return 1001


def create_app() -> Flask:
    """Build the pages on the database that the environment names."""
    app = Flask(__name__)
    threads = int(os.environ["BARE_THREADS"])
    engine = create_engine(os.environ["BARE_DATABASE_URL"], poolclass=QueuePool, pool_size=threads, max_overflow=2)

    @app.post("/write")
    def write() -> Response:
        sent: dict[str, Any] = request.get_json()
        now = dt.datetime.now(dt.UTC)
        with Session(engine) as session, session.begin():
            session.execute(
                update(task)
                .where(task.c.id == sent["task"])
                .values(status="done", closed_at=now, decision=sent["decision"], opinion=sent["opinion"])
            )
            session.execute(insert(event).values(task_id=sent["task"], at=now, kind="task_completed", actor_id=7))
        return jsonify({"task": sent["task"], "status": "done"})

    @app.get("/inbox")
    def inbox() -> str:
        with engine.begin() as connection:
            rows = connection.execute(
                select(task)
                .where(task.c.assignee_id == READER, task.c.status == "open")
                .order_by(task.c.opened_at, task.c.id)
                .limit(PAGE)
            ).all()
        return render_template("inbox.html", rows=rows)

    return app
