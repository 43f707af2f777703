"""``kill -9`` of web and worker in the middle of their work: nothing acknowledged is lost, nothing is done twice."""

import datetime as dt
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, select, text
from sqlalchemy import Engine as Database
from sqlalchemy.orm import Session

from tests.api.company import Api
from tests.application import application, config_for
from tests.database import Databases
from tests.faults.program import ANSWERS, REQUEST, Program, all_at_once
from tests.product import Product
from tests.properties.truths import money_adds_up, numbers_have_no_gaps, projection_is_the_state
from webapp.work import STALLED_SECONDS
from workflows.advance.model import Advance
from workflows.engine.history import broken_entries
from workflows.engine.model import HistoryEvent, Incident, ProcessInstance, Submission, UserTask
from workflows.kernel.days import day_of
from workflows.notices.model import Notice
from workflows.people.model import Employee

STORM_SECONDS = 12.0
CLIENTS = 4


@pytest.fixture
def storm(databases: Databases, demo_template: str) -> Iterator[tuple[Product, Database]]:
    """A product of its own, that nobody else stands in the way of."""
    url = databases.copy(demo_template)
    product, engine = Product(url), create_engine(url)
    try:
        product.start_web()
        yield product, engine
    finally:
        product.stop()
        engine.dispose()
        databases.drop(url)


def test_what_was_acknowledged_under_random_kills_is_there_exactly_once(storm: tuple[Product, Database]) -> None:
    product, engine = storm
    worker = product.start_worker()
    programs = clients(product, STORM_SECONDS)
    threads = all_at_once(programs)
    chance, kills, until = random.Random(20260310), 0, time.monotonic() + STORM_SECONDS
    while time.monotonic() < until:
        time.sleep(chance.uniform(0.2, 0.8))
        victim = chance.choice(["web worker", "web worker in a step", "job worker", "job worker in a job"])
        if victim.startswith("web"):
            # Held up where they write, requests are in the middle of their steps when the process dies.
            with engine.connect() as locker, held(locker, "history_event" if "step" in victim else None):
                os.kill(chance.choice(children_of(product.children[0].pid)), signal.SIGKILL)
        else:
            with engine.connect() as locker, held(locker, "notice" if "job in" in victim else None):
                product.kill(worker)
            worker = product.start_worker()
        kills += 1
    product.kill(product.children[0])
    product.start_web()
    for thread in threads:
        thread.join(120)
    assert [program.complaints for program in programs] == [[]] * CLIENTS
    assert kills >= 8
    product.kill(worker)
    with engine.begin() as connection:
        bury_the_dead(connection)
    product.start_worker()
    wait_until(lambda: unfinished(engine) == [], 60, lambda: str(unfinished(engine)) + product.log("worker.log"))
    with Session(engine) as session:
        each_acknowledgement_is_kept(session, programs)
        everything_agrees(session, product)
        everybody_was_told_once(session)
    assert held_by_others(engine) == []


def test_a_job_whose_worker_was_killed_in_the_middle_is_done_by_the_next(storm: tuple[Product, Database]) -> None:
    product, engine = storm
    [program] = clients(product, 0, 1)
    with engine.connect() as locker, held(locker, "notice"):
        program.change("salesperson", "/processes/expense_advance/instances", started(program))
        worker = product.start_worker()
        wait_until(lambda: "doing" in dict(unfinished(engine)).values(), 30, lambda: product.log("worker.log"))
        product.kill(worker)
    assert dict(unfinished(engine)) == {"notify_opened": "doing"}
    with engine.begin() as connection:
        bury_the_dead(connection)
    product.start_worker()
    wait_until(lambda: unfinished(engine) == [], 60, lambda: product.log("worker.log"))
    with Session(engine) as session:
        told = session.scalars(select(Notice.event_key)).all()
        assert told == [f"task_opened:{program.acknowledged[0].answer['next_tasks'][0]['id']}"]


def test_a_request_whose_process_is_killed_in_the_middle_leaves_nothing(storm: tuple[Product, Database]) -> None:
    product, engine = storm
    [program] = clients(product, 0, 1)
    with engine.connect() as locker:
        with held(locker, "history_event"):
            [thread] = all_at_once([Once(**vars(program))])
            wait_until(lambda: waits_for_a_lock(engine), 20, lambda: product.log("web.log"))
            web = product.children[0]
            product.kill(web)
        thread.join(5)
    wait_until(lambda: held_by_others(engine) == [], 10, lambda: str(held_by_others(engine)))
    with Session(engine) as session:
        for table in (ProcessInstance, Submission, UserTask, HistoryEvent, Advance):
            assert session.scalars(select(table)).all() == []


class Once(Program):
    """A client that sends one thing, once."""

    def run(self) -> None:
        try:
            self.post("salesperson", "/processes/expense_advance/instances", started(self), "once")
        except OSError:
            self.complaints.append("broke off")


def started(program: Program) -> dict[str, Any]:
    return {"fields": {**REQUEST, "return_on": program.back}}


def clients(product: Product, seconds: float, count: int = CLIENTS) -> list[Program]:
    """Programs with tokens of everybody whom they speak for, in the present."""
    now = dt.datetime.now(dt.UTC)
    today = day_of(now)
    with application(product.database_url, now) as app:
        api = Api(app, now)
        tokens = {login: api.token(login) for login in ["salesperson", *(login for login, _ in ANSWERS.values())]}
    back = (today + dt.timedelta(days=30)).isoformat()
    until = time.monotonic() + seconds
    return [Program(product.port, tokens, today.isoformat(), back, until, seed) for seed in range(count)]


@contextmanager
def held(connection: Connection, table: str | None) -> Iterator[None]:
    """Nobody writes into the table meanwhile."""
    if table:
        connection.execute(text(f"LOCK TABLE {table} IN EXCLUSIVE MODE"))
        time.sleep(0.15)
    yield
    connection.rollback()


def children_of(pid: int) -> list[int]:
    """gunicorn's workers; while one is being replaced there may be fewer."""
    for _ in range(200):
        found = [int(part) for part in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("the web server starts no worker")


def bury_the_dead(connection: Connection) -> None:
    """Let the heartbeats of killed workers be as old as they would be after half a minute's wait."""
    connection.execute(
        text("UPDATE procrastinate_workers SET last_heartbeat = now() - make_interval(secs => :s)"),
        {"s": STALLED_SECONDS + 1},
    )


def unfinished(engine: Database) -> list[tuple[str, str]]:
    """Jobs that steps asked for and that are not done; what is done is deleted."""
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT task_name, status::text FROM procrastinate_jobs WHERE task_name NOT LIKE 'sweep%'")
        )
        return [tuple(row) for row in rows]


def held_by_others(engine: Database) -> list[Any]:
    """Transactions that stand open and locks that somebody waits for."""
    with engine.connect() as connection:
        return connection.execute(
            text(
                "SELECT state, wait_event_type, query FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND application_name = 'salesflow'"
                " AND (state LIKE 'idle in transaction%' OR wait_event_type = 'Lock')"
            )
        ).all()


def waits_for_a_lock(engine: Database) -> bool:
    return any(row.wait_event_type == "Lock" for row in held_by_others(engine))


def wait_until(happens: Callable[[], bool], seconds: float, told: Callable[[], str]) -> None:
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline, told()
        time.sleep(0.1)


def each_acknowledgement_is_kept(session: Session, programs: list[Program]) -> None:
    """The ledger of keys holds what was acknowledged and nothing else, and each key has had one effect."""
    everything = [each for program in programs for each in program.acknowledged]
    assert len(everything) > 20
    ids = {row.login: row.id for row in session.execute(select(Employee.login, Employee.id))}
    kept = {(row.actor_id, row.key): row for row in session.scalars(select(Submission))}
    assert set(kept) == {(ids[each.login], each.key) for each in everything}
    for each in everything:
        response = kept[ids[each.login], each.key].response
        assert response is not None
        assert response["instance_id"] == each.answer["instance"]["id"]
        opened = [task["id"] for task in response["next_tasks"]]
        assert opened == [task["id"] for task in each.answer["next_tasks"]]
    answered = {int(each.path.split("/")[2]): ids[each.login] for each in everything if "complete" in each.path}
    done = session.execute(select(UserTask.id, UserTask.closed_by_id).where(UserTask.status == "completed"))
    assert {row.id: row.closed_by_id for row in done} == answered
    told = session.scalars(select(HistoryEvent.task_id).where(HistoryEvent.kind == "task_completed")).all()
    assert sorted(told) == sorted(answered)
    begun = {each.answer["instance"]["id"] for each in everything if "instances" in each.path}
    assert set(session.scalars(select(ProcessInstance.id))) == begun


def everything_agrees(session: Session, product: Product) -> None:
    """State and projection, ledger and sums, history and its hashes; and nothing needed an administrator."""
    config = config_for(product.database_url, dt.datetime.now(dt.UTC))
    with application(product.database_url, dt.datetime.now(dt.UTC)) as app:
        engine = app.extensions["salesflow_engine"]
        for case in session.scalars(select(ProcessInstance)):
            tasks = list(session.scalars(select(UserTask).where(UserTask.instance_id == case.id)))
            projection_is_the_state(engine, session, case, tasks)
    for advance in session.scalars(select(Advance)):
        money_adds_up(session, advance)
    numbers_have_no_gaps(session)
    assert list(broken_entries(session, config["AUDIT_KEY"])) == []
    assert session.scalars(select(Incident.cause)).all() == []


def everybody_was_told_once(session: Session) -> None:
    """Whoever has, or had, a task on their own desk got one notice of it; the database keeps a second one away."""
    on_desks = session.execute(select(UserTask.id, UserTask.assignee_id).where(UserTask.group_role.is_(None)))
    expected = sorted((row.assignee_id, f"task_opened:{row.id}") for row in on_desks)
    told = session.execute(select(Notice.employee_id, Notice.event_key).where(Notice.kind == "task_opened"))
    mine = {row.assignee_id for row in session.execute(select(UserTask.assignee_id)) if row.assignee_id}
    assert sorted((row.employee_id, row.event_key) for row in told if row.employee_id in mine) == expected
