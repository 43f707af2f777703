"""Many processes at one case: one decision, polite refusals for the rest, and nothing half done."""

import multiprocessing as mp
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from tests.engine.company import START, Company, company, submitted
from tests.engine.test_flow import boundary
from tests.engine.test_runtime import CHAIN
from workflows.engine.deadlines import due_timers, fire_timer
from workflows.engine.history import broken_entries
from workflows.engine.model import HistoryEvent, Submission, UserTask
from workflows.kernel.errors import Refusal

EIGHT = 8
#: A fresh interpreter for each process, so that no connection is shared.
SPAWN = mp.get_context("spawn")


def decide(url: str, folder: str, task_id: int, key: str | None, gate: Any, answers: Any) -> None:
    """One process: wait for the others, then complete the task as the manager, under its own key or a given one."""
    engine = create_engine(url)
    with Session(engine) as session:
        firm = rejoin(session, Path(folder), CHAIN)
        gate.wait()
        given = {"decision": "approve"}
        try:
            result = firm.engine.complete(
                session,
                task_id,
                lambda *_: given,
                submitted=submitted(given, key=key),
                actor=firm.actor("ma"),
                now=START,
            )
            session.commit()
            answers.put("repeated" if result.replayed else "done")
        except Refusal as refusal:
            session.rollback()
            answers.put(refusal.code)
    engine.dispose()


def fire(url: str, folder: str, gate: Any, answers: Any) -> None:
    """One worker: wait for the others, then fire whatever is due."""
    engine = create_engine(url)
    with Session(engine) as session:
        firm = rejoin(session, Path(folder), boundary(False, "timeDuration", "PT2H"))
        late = START.replace(hour=START.hour + 3)
        due = due_timers(session, late)
        session.commit()
        gate.wait()
        for timer_id in due:
            answers.put(fire_timer(firm.engine, session, timer_id, now=late))
            session.commit()
    engine.dispose()


def rejoin(session: Session, folder: Path, files: dict[str, str]) -> Company:
    """The company as another process finds it: deployed already, with its people."""
    from workflows.people.model import Employee  # noqa: PLC0415 (a spawned process imports what it needs)

    firm = company(session, folder, files, hire=False)
    firm.ids = {person.login: person.id for person in session.scalars(select(Employee))}
    session.commit()
    return firm


def all_at_once(target: Any, arguments: tuple[Any, ...], count: int = EIGHT) -> list[Any]:
    gate, answers = SPAWN.Barrier(count, timeout=60), SPAWN.Queue()
    processes = [SPAWN.Process(daemon=True, target=target, args=(*arguments, gate, answers)) for _ in range(count)]
    for process in processes:
        process.start()
    given = [answers.get(timeout=90) for _ in processes]
    for process in processes:
        process.join(timeout=60)
    return sorted(given)


@pytest.fixture
def committed(own_database: str, tmp_path: Path) -> tuple[str, int]:
    """A database in which one case waits for the manager; gives the task."""
    engine = create_engine(own_database)
    with Session(engine) as session:
        firm = company(session, tmp_path, CHAIN)
        task_id = firm.start("sa").next_tasks[0].id
        session.commit()
    engine.dispose()
    return own_database, task_id


def test_eight_processes_on_one_task_give_one_decision_and_seven_polite_refusals(
    committed: tuple[str, int], tmp_path: Path
) -> None:
    url, task_id = committed
    given = all_at_once(decide, (url, str(tmp_path), task_id, None))
    assert given == ["conflict"] * 7 + ["done"]
    with Session(create_engine(url)) as session:
        completed = select(func.count()).where(HistoryEvent.kind == "task_completed")
        assert session.scalar(completed) == 1
        assert session.scalar(select(func.count()).select_from(UserTask)) == 2
        assert session.scalar(select(func.count()).select_from(Submission)) == 2
        assert list(broken_entries(session, b"a key for tests only, 32 bytes..")) == []


def test_one_submission_sent_eight_times_at_once_is_done_once_and_answered_eight_times(
    committed: tuple[str, int], tmp_path: Path
) -> None:
    url, task_id = committed
    assert all_at_once(decide, (url, str(tmp_path), task_id, "one key")) == ["done"] + ["repeated"] * 7


def test_two_workers_never_fire_one_timer_twice(own_database: str, tmp_path: Path) -> None:
    engine = create_engine(own_database)
    with Session(engine) as session:
        firm = company(session, tmp_path, boundary(False, "timeDuration", "PT2H"))
        case = firm.start("sa").instance_id
        session.commit()
    assert all_at_once(fire, (own_database, str(tmp_path)), count=2) == [False, True]
    with Session(engine) as session:
        fired = select(func.count()).where(HistoryEvent.kind == "timer_fired", HistoryEvent.instance_id == case)
        assert session.scalar(fired) == 1
    engine.dispose()
