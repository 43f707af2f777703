"""How the demo's cases are made: by the operations that pages call, as the people who would, some days ago."""

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from forms.json import from_json
from forms.registry import form_class
from workflows.engine.deadlines import deliver
from workflows.engine.model import Message, UserTask
from workflows.engine.process import Actor
from workflows.engine.runtime import Engine, Reader
from workflows.engine.submissions import Submitted
from workflows.kernel.days import day_of
from workflows.people.model import Employee


@dataclass(slots=True)
class Story:
    """What happened in the demo company; ``prefix`` tells the submissions of one story from another's."""

    session: Session
    engine: Engine
    now: dt.datetime
    prefix: str = "demo"
    steps: int = 0

    def day(self, ago: int) -> str:
        """The day so many days ago, or ahead for a negative number."""
        return (day_of(self.now) - dt.timedelta(days=ago)).isoformat()

    def start(self, process_key: str, who: str, ago: int, fields: Mapping[str, Any]) -> int:
        """Start a case some days ago, and give it."""
        result = self.engine.start(
            self.session, process_key, _reader(fields), submitted=self._submitted(), actor=self.actor(who),
            now=self.now - dt.timedelta(days=ago),
        )  # fmt: skip
        return result.instance_id

    def answer(self, case: int, who: str, ago: int, **fields: Any) -> None:
        """Answer the case's open task some days ago, and hand over the messages that this sends."""
        task_id = self.session.scalars(
            select(UserTask.id).where(UserTask.instance_id == case, UserTask.status == "open")
        ).one()
        then = self.now - dt.timedelta(days=ago)
        self.engine.complete(
            self.session, task_id, _reader(fields), submitted=self._submitted(), actor=self.actor(who), now=then
        )
        self._deliver(then)

    def act(self, case: int, name: str, who: str, ago: int, **fields: Any) -> None:
        """Do something to a case some days ago."""
        then = self.now - dt.timedelta(days=ago)
        self.engine.act(
            self.session, case, name, _reader(fields), submitted=self._submitted(), actor=self.actor(who), now=then
        )
        self._deliver(then)

    def actor(self, login: str) -> Actor:
        """Somebody of the demo company."""
        person = self.session.scalars(select(Employee).where(Employee.login == login)).one()
        return Actor(person.id, frozenset(held.role for held in person.role_rows))

    def _deliver(self, then: dt.datetime) -> None:
        waiting = select(Message.id).where(Message.delivered_at.is_(None)).order_by(Message.id)
        for message_id in list(self.session.scalars(waiting)):
            deliver(self.engine, self.session, message_id, now=then)

    def _submitted(self) -> Submitted:
        self.steps += 1
        return Submitted(f"{self.prefix}-{self.steps}", hashlib.sha256(b"demo").digest())


def _reader(fields: Mapping[str, Any]) -> Reader:
    def read(process_key: str, element_id: str) -> Mapping[str, Any]:
        form = from_json(form_class(process_key, element_id), fields)
        if not form.validate():
            raise form.refusal()
        return form.answer()

    return read
