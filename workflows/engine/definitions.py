"""Deployed diagrams: checked, versioned by digest, immutable, and read again by nobody who has read them once."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflows.engine.bpmn.checks import check_diagram
from workflows.engine.bpmn.diagrams import Diagram, load_folder, read_diagram
from workflows.engine.model import ProcessDefinition
from workflows.engine.process import Process
from workflows.engine.spiff.state import Machine, machine_for
from workflows.engine.tables import publish
from workflows.kernel.errors import NotFound

#: Any number that no other advisory lock of the project uses.
_DEPLOY_LOCK = 7_301


@dataclass(slots=True)
class Definitions:
    """The processes of the company and every version of their diagrams that was ever deployed."""

    processes: Mapping[str, Process]
    has_form: Callable[[str, str], bool]
    roles: frozenset[str]
    _read: dict[int, Diagram]

    def __init__(
        self, processes: Iterable[Process], has_form: Callable[[str, str], bool], roles: Iterable[str]
    ) -> None:
        self.processes = {process.key: process for process in processes}
        self.has_form = has_form
        self.roles = frozenset(roles)
        self._read = {}

    def deploy(self, session: Session, *, now: dt.datetime, deployed_by_id: int | None = None) -> list[str]:
        """Check every diagram and store those that changed as a new version; give the keys of these.

        Raises ``BadDiagram`` with the element and the reason. Instances that run stay on their version.
        """
        session.execute(select(func.pg_advisory_xact_lock(_DEPLOY_LOCK)))
        return [
            key
            for key, process in self.processes.items()
            if self._deploy_one(session, process, now=now, deployed_by_id=deployed_by_id)
        ]

    def _deploy_one(self, session: Session, process: Process, *, now: dt.datetime, deployed_by_id: int | None) -> bool:
        diagram = read_diagram(load_folder(process.folder, process.key), process.key)
        check_diagram(diagram, process, self.has_form, self.roles)
        Machine(diagram.files, diagram.key)
        publish(session, diagram, now=now)
        latest = _latest(session, process.key)
        if latest is not None and latest.digest == diagram.digest:
            return False
        session.add(
            ProcessDefinition(
                key=process.key,
                version=latest.version + 1 if latest else 1,
                digest=diagram.digest,
                files=dict(diagram.files),
                deployed_at=now,
                deployed_by_id=deployed_by_id,
            )
        )
        session.flush()
        return True

    def diagram(self, session: Session, definition_id: int) -> Diagram:
        """Give the diagram of one definition."""
        if definition_id not in self._read:
            row = session.get(ProcessDefinition, definition_id)
            if row is None:
                raise NotFound("There is no such process.")
            self._read[definition_id] = read_diagram(row.files, row.key)
        return self._read[definition_id]

    def current(self, session: Session, process_key: str) -> Diagram:
        """Give the diagram on which a new case of that process would start."""
        latest = _latest(session, process_key)
        if latest is None:
            raise NotFound("There is no such process.")
        return self.diagram(session, latest.id)

    def machine(self, session: Session, definition_id: int) -> Machine:
        """Give what runs that definition in this thread."""
        diagram = self.diagram(session, definition_id)
        return machine_for(diagram.digest, diagram.files, diagram.key)


def _latest(session: Session, process_key: str) -> ProcessDefinition | None:
    return session.scalars(
        select(ProcessDefinition)
        .where(ProcessDefinition.key == process_key)
        .order_by(ProcessDefinition.version.desc())
        .limit(1)
    ).one_or_none()
