"""The steps of a case: start, complete, claim, release, withdraw. Each is one locked transaction of the caller's.

The order within a step (docs/adr/0001-one-step-one-transaction.md): claim the idempotency key and lock the case; see
that the task is open, the person allowed and the form current; read the answer; let the process package write its
rows; move the workflow; write everything that changed; enqueue the jobs. The caller commits, once. Whatever is raised
on the way means that nothing was changed.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from workflows.engine import acts, answering, desks
from workflows.engine.bpmn.diagrams import Diagram
from workflows.engine.copies import copy_declared
from workflows.engine.definitions import Definitions
from workflows.engine.history import GENESIS, Chain, Event
from workflows.engine.incidents import close_incidents
from workflows.engine.model import InstanceStatus
from workflows.engine.process import Actor, Process, Step
from workflows.engine.seating import Answered
from workflows.engine.spiff.case import Case
from workflows.engine.submissions import (
    Repeated,
    Result,
    Submitted,
    lock_instance,
    lock_task,
    open_instance,
)
from workflows.engine.writing import write_case
from workflows.kernel.crypto import Keyring
from workflows.kernel.errors import Conflict, NotAllowed, NotFound, Refusal

#: Reads and checks the answer to a form: (process key, element id) -> typed fields; raises ``Invalid``.
Reader = Callable[[str, str], Mapping[str, Any]]
#: Enqueues jobs on the session's own connection, so that they exist exactly if the step does.
Defer = Callable[[Session, list[tuple[str, dict[str, Any]]]], None]


class Engine:
    """The processes of the company, ready to move."""

    def __init__(
        self,
        processes: Iterable[Process],
        *,
        has_form: Callable[[str, str], bool],
        roles: Iterable[str],
        defer: Defer,
        audit_key: bytes,
        keyring: Keyring | None = None,
    ) -> None:
        self.definitions = Definitions(processes, has_form, roles)
        self.defer = defer
        self.audit_key = audit_key
        #: Seals signatures; an engine without one moves no step that is signed.
        self.keyring = keyring

    @property
    def processes(self) -> Mapping[str, Process]:
        """The process packages by key."""
        return self.definitions.processes

    def deploy(self, session: Session, *, now: dt.datetime, deployed_by_id: int | None = None) -> list[str]:
        """Check and store changed diagrams (``Definitions.deploy``)."""
        return self.definitions.deploy(session, now=now, deployed_by_id=deployed_by_id)

    def diagram(self, session: Session, definition_id: int) -> Diagram:
        """Give the diagram of one definition."""
        return self.definitions.diagram(session, definition_id)

    def current(self, session: Session, process_key: str) -> Diagram:
        """Give the diagram on which a new case would start."""
        return self.definitions.current(session, process_key)

    def start(
        self,
        session: Session,
        process_key: str,
        read: Reader,
        *,
        submitted: Submitted,
        actor: Actor,
        now: dt.datetime,
    ) -> Result:
        """Start a case; the starter holds one of the roles that the diagram lets start it."""
        if process_key not in self.processes:
            raise NotFound("There is no such process.")
        try:
            row = open_instance(session, process_key, submitted, actor, now)
        except Repeated as repeated:
            return repeated.result
        case = self.case_of(session, row, actor, now, chain=Chain(self.audit_key, row.instance_id, 0, GENESIS))
        element = case.diagram.element(case.diagram.start_id)
        if not case.diagram.is_started_by(actor.roles):
            raise NotAllowed("Your roles do not start this request.")
        answer = read(process_key, element.id)
        case.begin()
        opening = case.process.start(case.step(element.id), answer)
        case.title = opening.title
        case.chain.append(Event("instance_started", now, actor.id, element_id=element.id))
        case.start_with(opening.values)
        return self.finish(case, submitted)

    def complete(
        self, session: Session, task_id: int, read: Reader, *, submitted: Submitted, actor: Actor, now: dt.datetime
    ) -> Result:
        """Answer a user task.

        Raises ``NotFound``, ``NotAllowed``, ``Conflict`` (closed already, naming who and when), ``StaleRevision``,
        ``KeyReused``, ``Busy``, or what ``read`` and the process package raise.
        """
        try:
            row = lock_task(session, task_id, submitted, actor, now)
        except Repeated as repeated:
            return repeated.result
        return answering.complete(self, session, row, read, submitted=submitted, actor=actor, now=now)

    def act(
        self,
        session: Session,
        instance_id: int,
        name: str,
        read: Reader,
        *,
        submitted: Submitted,
        actor: Actor,
        now: dt.datetime,
    ) -> Result:
        """Do something to a case besides answering its tasks (``workflows.engine.acts``)."""
        return acts.act(self, session, instance_id, name, read, submitted=submitted, actor=actor, now=now)

    def claim(self, session: Session, task_id: int, *, actor: Actor, now: dt.datetime) -> None:
        """Take a task from the group's desk onto one's own."""
        desks.claim(session, self.audit_key, task_id, actor=actor, now=now)

    def release(self, session: Session, task_id: int, *, actor: Actor, now: dt.datetime) -> None:
        """Put a claimed task back onto the group's desk."""
        desks.release(session, self.audit_key, task_id, actor=actor, now=now)

    def withdraw(
        self,
        session: Session,
        instance_id: int,
        *,
        submitted: Submitted,
        reason: str,
        actor: Actor,
        now: dt.datetime,
    ) -> Result:
        """Call one's own case back, while the process package allows it."""
        try:
            row = lock_instance(session, instance_id, submitted, actor, now)
        except Repeated as repeated:
            return repeated.result
        if row.starter_id != actor.id:
            raise NotAllowed("Only the person who started a case may withdraw it.")
        return self.stop(session, row, InstanceStatus.WITHDRAWN, reason, submitted=submitted, actor=actor, now=now)

    def may_withdraw(self, session: Session, case: Any, *, actor: Actor, now: dt.datetime) -> bool:
        """Whether ``withdraw`` would be allowed as of now, for pages; it decides again under the lock.

        ``case`` has the ``id``, ``process_key``, ``starter_id`` and ``status`` of an instance.
        """
        if case.starter_id != actor.id or case.status != InstanceStatus.RUNNING:
            return False
        refuse = self.processes[case.process_key].refuse_undoing
        try:
            if refuse is not None:
                refuse(Step(session, now, actor, case.id, case.starter_id, case.process_key, ""))
        except Refusal:
            return False
        return True

    def stop(
        self,
        session: Session,
        row: Any,
        status: InstanceStatus,
        reason: str,
        *,
        submitted: Submitted | None,
        actor: Actor,
        now: dt.datetime,
    ) -> Result:
        """End a locked case from outside its diagram, where the process package allows it."""
        if row.instance_status != InstanceStatus.RUNNING:
            raise Conflict("This case has ended already.")
        case = self.restored(session, row, actor, now)
        if case.process.refuse_undoing is not None:
            case.process.refuse_undoing(case.step(""))
        case.stop(status, {"reason": reason})
        result = self.finish(case, submitted)
        close_incidents(session, actor_id=actor.id, resolution=status.value, instance_id=row.instance_id, now=now)
        return result

    def restored(self, session: Session, row: Any, actor: Actor | None, now: dt.datetime) -> Case:
        """Take up a locked case where the last step left it."""
        case = self.case_of(session, row, actor, now)
        case.restore(row.state)
        return case

    def finish(self, case: Case, submitted: Submitted | None, answered: Answered | None = None) -> Result:
        """Hand over messages that came too early, write the case and enqueue its jobs."""
        self._take_buffered(case)
        answered_id = case.diagram.start_id if case.revision == 0 else answered.element_id if answered else None
        copy_declared(case, [answered_id, case.outcome])
        result = write_case(case, submitted, answered)
        if case.jobs:
            self.defer(case.session, case.jobs)
        return result

    def _take_buffered(self, case: Case) -> None:
        waited = case.waited_messages()
        while waited:
            row = (
                case.session.connection()
                .exec_driver_sql(
                    "UPDATE message SET delivered_at = %(now)s WHERE id = (SELECT min(id) FROM message"
                    " WHERE instance_id = %(instance)s AND delivered_at IS NULL AND name = ANY(%(names)s))"
                    " RETURNING name, payload",
                    {"now": case.now, "instance": case.instance_id, "names": sorted(waited)},
                )
                .one_or_none()
            )
            if row is None:
                return
            case.receive(row.name, row.payload)
            waited = case.waited_messages()

    def case_of(
        self, session: Session, row: Any, actor: Actor | None, now: dt.datetime, *, chain: Chain | None = None
    ) -> Case:
        """Take a locked case without its workflow, for what moves nothing in it; ``chain`` is given for a new case."""
        diagram = self.definitions.diagram(session, row.definition_id)
        return Case(
            session=session,
            process=self.processes[diagram.key],
            diagram=diagram,
            machine=self.definitions.machine(session, row.definition_id),
            now=now,
            actor=actor,
            instance_id=row.instance_id,
            definition_id=row.definition_id,
            starter_id=actor.id if chain and actor else row.starter_id,
            title="" if chain else row.title,
            revision=0 if chain else row.instance_revision,
            chain=chain or Chain.of(self.audit_key, row),
            suspended_at=None if chain else row.suspended_at,
            calendar_version=getattr(row, "calendar_version", None),
        )
