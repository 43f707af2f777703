"""Work on desks, some of it answered, without a case behind it: the figures read the rows of tasks and nothing else."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from tests.engine.company import PEOPLE, people
from workflows.engine.model import ProcessDefinition, ProcessInstance, UserTask
from workflows.engine.process import Actor
from workflows.people.model import Department, Employee

HOUR = 3_600.0
#: Noon in Shanghai.
NOW = dt.datetime(2026, 3, 10, 4, 0, tzinfo=dt.UTC)


@dataclass
class Desks:
    """The people of ``tests.engine.company`` and their work: Ma leads sales below Di's division, Fd leads finance."""

    session: Session
    ids: dict[str, int]
    definition: ProcessDefinition
    instance: ProcessInstance

    def actor(self, name: str, *roles: str) -> Actor:
        return Actor(self.ids[name], frozenset(roles or {PEOPLE[name][1]}))

    def department(self, name: str) -> int:
        return self.session.query(Department.id).filter_by(name=name).scalar()

    def move(self, name: str, department: str) -> None:
        self.session.get_one(Employee, self.ids[name]).department_id = self.department(department)
        self.session.flush()

    def answered(
        self, who: str | None, hours: float, *, closed: dt.datetime = NOW, by: str | None = None, **more: Any
    ) -> None:
        """Something that lay on a desk for so many hours; ``by`` answered it where somebody else did."""
        closer = self.ids[by or who or "ac"]
        self._add(
            who, opened_at=closed - dt.timedelta(hours=hours), closed_at=closed, closed_by_id=closer,
            **{"status": "completed", **more},
        )  # fmt: skip

    def open(self, who: str | None, hours: float, **more: Any) -> None:
        """Something that has lain on a desk for so many hours; on the accountants' for nobody."""
        self._add(who, opened_at=NOW - dt.timedelta(hours=hours), **more)

    def _add(self, who: str | None, **more: Any) -> None:
        self.session.add(
            UserTask(
                **{
                    "instance_id": self.instance.id, "node_id": uuid.uuid4().hex, "process_key": "trip",
                    "definition_id": self.definition.id, "element_id": "manager_approval", "title": "a trip",
                    "starter_id": self.ids["sa"], "role": "sales_manager",
                    "assignee_id": self.ids[who] if who else None, "group_role": None if who else "accountant", **more,
                }
            )
        )  # fmt: skip
        self.session.flush()


def desks(session: Session) -> Desks:
    """The people, and one case for all their tasks."""
    ids = people(session)
    definition = ProcessDefinition(key="trip", version=1, digest="0" * 64, files={}, deployed_at=NOW)
    session.add(definition)
    session.flush()
    instance = ProcessInstance(
        definition_id=definition.id, process_key="trip", title="a trip", starter_id=ids["sa"], status="running",
        revision=1, state=b"", serializer="1", started_at=NOW, history_count=0, history_hash=b"",
    )  # fmt: skip
    session.add(instance)
    session.flush()
    return Desks(session, ids, definition, instance)
