"""A small company and a process of any diagram, for tests of the engine.

Sales department (manager Ma) below the sales division (director Di) below the company (general manager Ge); the
finance department (manager Fd) with two accountants. Sa and Sb sell.
"""

import datetime as dt
import hashlib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflows.engine.model import HistoryEvent, Incident, ProcessInstance, UserTask
from workflows.engine.process import Actor, Opening, Outcome, Process, Step
from workflows.engine.runtime import Engine
from workflows.engine.submissions import Result, Submitted
from workflows.people.model import Department, Employee, EmployeeRole, Role

AUDIT_KEY = b"a key for tests only, 32 bytes.."
START = dt.datetime(2026, 3, 10, 2, 0, tzinfo=dt.UTC)  # a Tuesday, 10:00 in Shanghai

PEOPLE = {
    "sa": ("sales", "salesperson"),
    "sb": ("sales", "salesperson"),
    "ma": ("sales", "sales_manager"),
    "di": ("division", "sales_director"),
    "ge": ("company", "general_manager"),
    "fd": ("finance", "finance_director"),
    "ac": ("finance", "accountant"),
    "ad": ("finance", "accountant"),
    "admin": ("company", "administrator"),
}
TREE = {
    "company": (None, "ge"),
    "division": ("company", "di"),
    "sales": ("division", "ma"),
    "finance": ("company", "fd"),
}


@dataclass
class Company:
    """The people by their short names, and an engine with one process."""

    session: Session
    engine: Engine
    ids: dict[str, int]
    now: dt.datetime = START
    jobs: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    key: str = ""

    def actor(self, name: str, covers: Mapping[str, tuple[str, ...]] | None = None) -> Actor:
        covered = {self.ids[who]: keys for who, keys in (covers or {}).items()}
        roles = {self.ids[who]: frozenset({PEOPLE[who][1]}) for who in (covers or {})}
        return Actor(self.ids[name], frozenset({PEOPLE[name][1]}), covered, roles)

    def name(self, employee_id: int | None) -> str | None:
        return next((name for name, ident in self.ids.items() if ident == employee_id), None)

    def start(self, who: str = "sa", **fields: Any) -> Result:
        return self.engine.start(
            self.session,
            self.key,
            lambda *_: fields,
            submitted=submitted(fields),
            actor=self.actor(who),
            now=self.now,
        )

    def complete(
        self,
        task: UserTask | int,
        who: str | None = None,
        decision: str = "approve",
        covers: Mapping[str, tuple[str, ...]] | None = None,
        **fields: Any,
    ) -> Result:
        row = self.session.get_one(UserTask, task) if isinstance(task, int) else task
        who = who or self.name(row.assignee_id) or next(n for n, (_, r) in PEOPLE.items() if r == row.group_role)
        given = {"decision": decision, **fields}
        result = self.engine.complete(
            self.session,
            row.id,
            lambda *_: given,
            submitted=submitted(given, revision=row.revision),
            actor=self.actor(who, covers),
            now=self.now,
        )
        self.session.expire_all()
        return result

    def open_tasks(self, instance_id: int) -> list[UserTask]:
        self.session.expire_all()
        query = select(UserTask).where(UserTask.instance_id == instance_id, UserTask.status == "open")
        return list(self.session.scalars(query.order_by(UserTask.id)))

    def waiting(self, instance_id: int) -> list[tuple[str, str | None]]:
        """Who is asked later."""
        self.session.expire_all()
        query = select(UserTask).where(UserTask.instance_id == instance_id, UserTask.status == "waiting")
        return [(t.element_id, self.name(t.assignee_id)) for t in self.session.scalars(query.order_by(UserTask.id))]

    def task_of(self, instance_id: int, who: str) -> UserTask:
        """The open task of one person."""
        [task] = [task for task in self.open_tasks(instance_id) if task.assignee_id == self.ids[who]]
        return task

    def call(self, operation: Callable[..., Any], task: UserTask, who: str, *arguments: Any, **fields: Any) -> Result:
        """Do something to a task beside answering it; people are named by their short names."""
        given = [[self.ids[name] for name in each] if isinstance(each, list) else self.ids[each] for each in arguments]
        result: Result = operation(
            self.engine,
            self.session,
            task.id,
            *given,
            **({"reason": "because"} if operation.__name__ != "ask_opinion" else {"question": "what do you think?"}),
            submitted=submitted(fields, revision=task.revision if task.status == "open" else None),
            actor=self.actor(who),
            now=self.now,
            **fields,
        )
        self.session.expire_all()
        return result

    def open_task(self, instance_id: int, element_id: str | None = None) -> UserTask:
        tasks = [t for t in self.open_tasks(instance_id) if element_id in (None, t.element_id)]
        assert len(tasks) == 1, [t.element_id for t in tasks]
        return tasks[0]

    def desks(self, instance_id: int) -> list[tuple[str, str | None]]:
        return [(t.element_id, self.name(t.assignee_id) or t.group_role) for t in self.open_tasks(instance_id)]

    def instance(self, instance_id: int) -> ProcessInstance:
        self.session.expire_all()
        return self.session.get_one(ProcessInstance, instance_id)

    def kinds(self, instance_id: int) -> list[str]:
        query = select(HistoryEvent.kind).where(HistoryEvent.instance_id == instance_id).order_by(HistoryEvent.seq)
        return list(self.session.scalars(query))

    def incidents(self) -> list[Incident]:
        self.session.expire_all()
        return list(self.session.scalars(select(Incident).where(Incident.closed_at.is_(None))))

    def snapshot(self) -> tuple[Any, ...]:
        """Everything that a refused step must leave as it was."""
        self.session.expire_all()
        tables = ("process_instance", "user_task", "history_event", "timer", "submission", "incident")
        return tuple(
            tuple(map(tuple, self.session.connection().exec_driver_sql(f"SELECT * FROM {table} ORDER BY 1, 2")))
            for table in tables
        )


def submitted(fields: Mapping[str, Any], key: str | None = None, revision: int | None = None) -> Submitted:
    return Submitted(key or uuid.uuid4().hex, hashlib.sha256(repr(sorted(fields.items())).encode()).digest(), revision)


def people(session: Session) -> dict[str, int]:
    """Insert the company's people; gives short name -> employee id."""
    departments: dict[str, Department] = {}
    for name, (parent, _) in TREE.items():
        departments[name] = Department(name=name, parent_id=departments[parent].id if parent else None)
        session.add(departments[name])
        session.flush()
    ids = {}
    for name, (department, role) in PEOPLE.items():
        person = Employee(login=name, name=name.upper(), department_id=departments[department].id, fs_uniquifier=name)
        person.role_rows = [EmployeeRole(role=role)]
        session.add(person)
        session.flush()
        ids[name] = person.id
    for name, (_, manager) in TREE.items():
        departments[name].manager_id = ids[manager]
    session.flush()
    return ids


def decide(_: Step, answer: Mapping[str, Any]) -> Outcome:
    """An operation that keeps nothing but the answer's values."""
    spoken = ("decision", "opinion", "return_to", "resume", "values")
    values = {name: value for name, value in answer.items() if name not in spoken}
    return Outcome(
        answer["decision"],
        answer.get("opinion"),
        values,
        back_to=answer.get("return_to"),
        is_straight=answer.get("resume") == "direct",
    )


def company(
    session: Session,
    folder: Path,
    files: Mapping[str, str],
    *,
    services: Mapping[str, Callable[[Step], Any]] | None = None,
    hire: bool = True,
    **more: Any,
) -> Company:
    """Deploy a process made of these files; its key is the first file's name. The people are hired unless they are."""
    key = next(iter(files)).removesuffix(".bpmn")
    for name, content in files.items() if hire else ():
        (folder / name).write_text(content)
    ids = [part.split('"')[0] for text in files.values() for part in text.split('<userTask id="')[1:]]
    operations = dict.fromkeys(ids, decide)
    process = Process(
        key=key,
        folder=folder,
        start=more.pop("start", lambda step, answer: Opening("a case", dict(answer))),
        operations=operations | more.pop("operations", {}),
        revise=more.pop("revise", lambda step, answer: Outcome("submit", None, dict(answer["values"]))),
        services=services or {},
        **more,
    )
    jobs: list[tuple[str, dict[str, Any]]] = []
    engine = Engine(
        [process],
        has_form=lambda *_: True,
        roles=[role.value for role in Role],
        defer=lambda _, batch: jobs.extend(batch),
        audit_key=AUDIT_KEY,
    )
    engine.deploy(session, now=START)
    return Company(session, engine, people(session) if hire else {}, jobs=jobs, key=key)
