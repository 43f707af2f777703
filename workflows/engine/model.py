"""The tables of the engine.

``process_instance.state`` is the truth about where a case stands; ``user_task``, ``timer`` and ``waiting_message`` are
its projection, written in the same transaction, so that an inbox is one indexed SELECT and never restores a state.
``history_event`` is append-only and hash-chained per instance. Money and personal data stand in the tables of the
process packages: a title or an event may quote an amount for who reads it, and nothing is ever computed from that.
"""

import enum
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import BigInteger

from workflows.kernel.base import Base, Instant, Key


class InstanceStatus(enum.StrEnum):
    """Where a process instance stands as a whole."""

    RUNNING = "running"
    #: Reached an end event.
    COMPLETED = "completed"
    #: Reached an end event whose outcome is a refusal.
    REJECTED = "rejected"
    #: Called back by the person who started it.
    WITHDRAWN = "withdrawn"
    #: Ended by an administrator, with a reason.
    TERMINATED = "terminated"


class TaskStatus(enum.StrEnum):
    """Where a user task stands."""

    OPEN = "open"
    #: Asked later: other signers come first, somebody changes the request, or the case is suspended.
    WAITING = "waiting"
    COMPLETED = "completed"
    #: Not asked, because a policy of the diagram says so; ``opinion`` says why.
    SKIPPED = "skipped"
    #: Closed without an answer: withdrawn, interrupted by an event, or ended by an administrator.
    CANCELLED = "cancelled"


class TaskKind(enum.StrEnum):
    """What the person at a desk is asked for."""

    #: The step's own form.
    SIGNER = "signer"
    #: To sign as well, because a signer asked for it.
    ADDED = "added"
    #: An opinion, which decides nothing.
    ADVISER = "adviser"
    #: To change or decide again what a later step sent back.
    REVISER = "reviser"


class ProcessDefinition(Base):
    """One version of a diagram with its decision tables, immutable and named by the digest of its files."""

    __tablename__ = "process_definition"

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(String(64))
    version: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    #: File name -> text, the diagram and every decision table and called diagram it needs.
    files: Mapped[dict[str, str]] = mapped_column(JSONB)
    deployed_at: Mapped[Instant]
    deployed_by_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))

    __table_args__ = (UniqueConstraint("key", "version"),)


class ProcessInstance(Base):
    """One case."""

    __tablename__ = "process_instance"

    id: Mapped[Key]
    definition_id: Mapped[int] = mapped_column(ForeignKey("process_definition.id"))
    process_key: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(200))
    starter_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    status: Mapped[str] = mapped_column(String(16))
    #: The id of the end event that was reached.
    outcome: Mapped[str | None] = mapped_column(String(64))
    #: Counts steps.
    revision: Mapped[int]
    #: zlib-compressed text of the serialised workflow without its spec (docs/adr, the state format).
    state: Mapped[bytes] = mapped_column(LargeBinary)
    serializer: Mapped[str] = mapped_column(String(8))
    started_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]
    #: Set while an administrator keeps the case from moving.
    suspended_at: Mapped[Instant | None]
    #: The head of the hash chain: number and hash of the newest history event.
    history_count: Mapped[int]
    history_hash: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (
        CheckConstraint("status IN ('running', 'completed', 'rejected', 'withdrawn', 'terminated')", name="status"),
        Index("ix_process_instance_starter", "starter_id", "id"),
        Index("ix_process_instance_running", "process_key", "id", postgresql_where=text("status = 'running'")),
    )


class UserTask(Base):
    """One piece of work on one desk.

    A desk is a person (``p17``) or a group from which anyone may claim (``gaccountant``). ``barred`` names people who
    may not act on it though they belong to the group: the starter and whoever acted in another lane of the case.
    """

    __tablename__ = "user_task"

    id: Mapped[Key]
    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instance.id"))
    #: The id of the task inside the state, and which of its signers this is.
    node_id: Mapped[str] = mapped_column(String(36))
    seat: Mapped[int] = mapped_column(server_default="0")
    kind: Mapped[str] = mapped_column(String(8), server_default="signer")
    process_key: Mapped[str] = mapped_column(String(64))
    definition_id: Mapped[int] = mapped_column(ForeignKey("process_definition.id"))
    #: The element's id in the diagram, which is also the form's key.
    element_id: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(200))
    starter_id: Mapped[int] = mapped_column(BigInteger)
    #: The lane, which is the capacity in which one acts on it.
    role: Mapped[str] = mapped_column(String(32))
    status: Mapped[str] = mapped_column(String(16), server_default="open")
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    group_role: Mapped[str | None] = mapped_column(String(32))
    barred: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default="{}")
    desk: Mapped[str] = mapped_column(
        String(40),
        Computed(
            "CASE WHEN assignee_id IS NOT NULL THEN 'p' || assignee_id::text ELSE 'g' || group_role END", persisted=True
        ),
    )
    #: Counts what changes the form under its reader: a claim, a reassignment, a release.
    revision: Mapped[int] = mapped_column(server_default="1")
    opened_at: Mapped[Instant]
    #: When the deadline that the diagram sets falls, and when reminding and escalating are due next.
    due_at: Mapped[Instant | None]
    remind_at: Mapped[Instant | None]
    escalate_at: Mapped[Instant | None]
    closed_at: Mapped[Instant | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    #: When a holder first opened its page.
    read_at: Mapped[Instant | None]
    #: Who asked for this signature, opinion or change, and in what words.
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    question: Mapped[str | None] = mapped_column(Text)
    #: Whom the actor stood in for.
    on_behalf_of_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    #: What was decided, in the word of the form (approve, return, reject, submit), and the reason given.
    decision: Mapped[str | None] = mapped_column(String(32))
    opinion: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        CheckConstraint("status IN ('open', 'waiting', 'completed', 'skipped', 'cancelled')", name="status"),
        CheckConstraint("kind IN ('signer', 'added', 'adviser', 'reviser')", name="kind"),
        CheckConstraint("(status IN ('open', 'waiting')) = (closed_at IS NULL)", name="closed_has_a_time"),
        CheckConstraint("assignee_id IS NOT NULL OR group_role IS NOT NULL", name="on_some_desk"),
        Index("ix_user_task_desk", "desk", "opened_at", "id", postgresql_where=text("status = 'open'")),
        Index("ix_user_task_instance", "instance_id", "id"),
        Index(
            "uq_user_task_seat",
            "instance_id",
            "node_id",
            "seat",
            unique=True,
            postgresql_where=text("status IN ('open', 'waiting')"),
        ),
        Index("ix_user_task_done", "closed_by_id", "closed_at", "id", postgresql_where=text("status = 'completed'")),
        Index("ix_user_task_remind", "remind_at", postgresql_where=text("status = 'open' AND remind_at IS NOT NULL")),
        Index(
            "ix_user_task_escalate",
            "escalate_at",
            postgresql_where=text("status = 'open' AND escalate_at IS NOT NULL"),
        ),
    )


class Timer(Base):
    """A timer event of the diagram that waits for its hour; gone once fired or cancelled."""

    __tablename__ = "timer"

    id: Mapped[Key]
    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instance.id"))
    node_id: Mapped[str] = mapped_column(String(36))
    element_id: Mapped[str] = mapped_column(String(64))
    due_at: Mapped[Instant] = mapped_column(index=True)
    #: Set when firing failed and an incident stands open, so that the sweep leaves it alone.
    held: Mapped[bool] = mapped_column(server_default=text("false"))

    __table_args__ = (UniqueConstraint("instance_id", "node_id"),)


class Message(Base):
    """A message for one instance, buffered until the instance waits for it."""

    __tablename__ = "message"

    id: Mapped[Key]
    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instance.id"), index=True)
    name: Mapped[str] = mapped_column(String(64))
    #: Ids and flags only, as all that enters the state.
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    key: Mapped[str] = mapped_column(String(120))
    sent_at: Mapped[Instant]
    delivered_at: Mapped[Instant | None]

    __table_args__ = (UniqueConstraint("instance_id", "key"),)


class HistoryEvent(Base):
    """What happened, in the past tense, for ever. The database refuses to change or delete a row."""

    __tablename__ = "history_event"

    instance_id: Mapped[int] = mapped_column(ForeignKey("process_instance.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[Instant]
    #: instance_started, task_opened, task_completed, task_claimed, … (workflows.engine.history)
    kind: Mapped[str] = mapped_column(String(40))
    actor_id: Mapped[int | None] = mapped_column(BigInteger)
    on_behalf_of_id: Mapped[int | None] = mapped_column(BigInteger)
    element_id: Mapped[str | None] = mapped_column(String(64))
    task_id: Mapped[int | None] = mapped_column(BigInteger)
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class Incident(Base):
    """Something that the engine could not do by itself: no one to ask, a failed service, a failed timer."""

    __tablename__ = "incident"

    id: Mapped[Key]
    instance_id: Mapped[int | None] = mapped_column(ForeignKey("process_instance.id"), index=True)
    task_id: Mapped[int | None] = mapped_column(ForeignKey("user_task.id"))
    timer_id: Mapped[int | None] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(24))
    element_id: Mapped[str | None] = mapped_column(String(64))
    cause: Mapped[str] = mapped_column(String(500))
    trace: Mapped[str] = mapped_column(Text, server_default="")
    #: The submission that failed, so that a retry loses nothing: actor, idempotency key and fields.
    submission: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    opened_at: Mapped[Instant]
    closed_at: Mapped[Instant | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("employee.id"))
    #: retried, reassigned, terminated, withdrawn
    resolution: Mapped[str | None] = mapped_column(String(24))
    reason: Mapped[str | None] = mapped_column(String(500))

    __table_args__ = (
        CheckConstraint("kind IN ('no_one_left', 'step_failed', 'timer_failed', 'message_failed')", name="kind"),
        Index("ix_incident_open", "id", postgresql_where=text("closed_at IS NULL")),
    )


class Submission(Base):
    """The idempotency ledger: one row for each acknowledged change, with the answer that was given."""

    __tablename__ = "submission"

    actor_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    body_digest: Mapped[bytes] = mapped_column(LargeBinary)
    instance_id: Mapped[int | None] = mapped_column(BigInteger)
    response: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    created_at: Mapped[Instant]


class WorkerHeartbeat(Base):
    """When each worker was last seen alive."""

    __tablename__ = "worker_heartbeat"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    seen_at: Mapped[Instant]
