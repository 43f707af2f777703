"""What a process package hands to the engine, and what the engine hands to its functions.

A process is one folder: ``<key>.bpmn``, its decision tables, and functions. The engine calls them inside the step's
transaction, under the lock on the instance, with a ``Step``; they write rows of their own tables, never commit, and
return the few ids and flags that gateways need. Money and personal data stay in tables.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

#: What an element leaves in the state under its own id: ids, flags, short words, and lists of them.
Values = Mapping[str, str | int | bool | list[int] | list[str] | None]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an employee and what they are. Built once a request from one query (``workflows.people.directory``).

    ``covers`` maps whom they stand in for today to the processes covered (an empty tuple means all), and
    ``covered_roles`` the same people to the roles that come with it.
    """

    id: int
    roles: frozenset[str]
    covers: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    covered_roles: Mapping[int, frozenset[str]] = field(default_factory=dict)

    def stands_in_for(self, employee_id: int, process_key: str) -> bool:
        """Whether a delegation in force today covers that person's work in that process."""
        processes = self.covers.get(employee_id)
        return processes is not None and (not processes or process_key in processes)


@dataclass(slots=True)
class Step:
    """One step of one case, as the functions of a process package see it."""

    session: Session
    now: dt.datetime
    actor: Actor | None
    instance_id: int
    starter_id: int
    process_key: str
    element_id: str
    #: The answers that the state holds: element id -> values.
    answers: Mapping[str, Any] = field(default_factory=dict)
    task_id: int | None = None
    on_behalf_of_id: int | None = None
    #: Filled by ``enqueue`` and ``send``; the engine writes them in the step's own transaction.
    jobs: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    messages: list[tuple[int, str, dict[str, Any]]] = field(default_factory=list)

    @property
    def author_id(self) -> int:
        """Whose work this step is: the actor's, and the starter's where the clock or a message acts."""
        return self.actor.id if self.actor else self.starter_id

    def enqueue(self, job: str, **arguments: Any) -> None:
        """Have the worker do something to the outside once this step is committed."""
        self.jobs.append((job, arguments))

    def send(self, instance_id: int, message: str, **payload: str | int | bool) -> None:
        """Send a message to another instance; it is buffered until that instance waits for it."""
        self.messages.append((instance_id, message, payload))


@dataclass(frozen=True, slots=True)
class Opening:
    """What the start operation gives back: the title that inboxes show, and the values of the start event."""

    title: str
    values: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the operation of a user task gives back.

    ``decision`` (approve, return, reject, submit, …) and ``opinion`` stand on the task row; ``values`` go into the
    state beside ``decision``, which gateways read as ``<element id>.decision``.
    """

    decision: str
    opinion: str | None = None
    values: Values = field(default_factory=dict)
    #: A new title, when the answer changed what inboxes should say.
    title: str | None = None
    #: Of a return: the element that is asked again (None: the starter), and whether only that one is.
    back_to: str | None = None
    is_straight: bool = False

    @classmethod
    def of_approval(cls, answer: Mapping[str, Any]) -> "Outcome":
        """Read what an approver answered: ``decision``, ``opinion``, and of a return ``return_to`` and ``resume``.

        It goes back to the step that ``return_to`` names, to the starter where none is named; with ``resume`` as
        ``direct`` it comes back to the approver at once, else everybody is asked again from there on.
        """
        decision, opinion = answer["decision"], answer.get("opinion") or None
        if decision != "return":
            return cls(decision, opinion)
        return cls(
            decision, opinion, back_to=answer.get("return_to") or None, is_straight=answer.get("resume") == "direct"
        )


@dataclass(frozen=True, slots=True)
class Acted:
    """What an act gives back: the message that moves the case on, whose case it is from now on, what history notes.

    ``message`` is taken in at once where the case waits for it. Where it does not, one that is needed refuses the act,
    and any other is left unsaid, because the case will look for itself when it comes to it.
    """

    message: str | None = None
    payload: Values = field(default_factory=dict)
    is_needed: bool = False
    title: str | None = None
    owner_id: int | None = None
    note: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Act:
    """Something that people do to a case besides answering its tasks: record a receipt, give it to somebody else.

    ``refuse`` raises where this person may not do it or the case does not allow it now; pages ask it before they show
    a button, and it is asked again under the lock before the form is read. One that is always possible is so
    after the case has ended, too.
    """

    perform: Callable[[Step, Mapping[str, Any]], Acted]
    refuse: Callable[[Step], None]
    is_always_possible: bool = False


@dataclass(frozen=True, slots=True)
class Process:
    """A process package's hand to the engine.

    ``operations`` has one function for each user task id, ``services`` one for each service task's implementation,
    ``facts`` gives what decision tables read (exact values, from tables, not from the state).
    ``refuse_undoing`` raises a ``Refusal`` when the case may no longer be called back, ``ended`` is told the final
    status (completed, rejected, withdrawn, terminated). ``amounts`` gives what cases are about in fen, by their ids,
    for the ceiling of batch approval; cases without an amount are left out. ``acts`` are what people do to a case
    besides answering its tasks, by the keys of their forms. ``passed_on`` writes the new owner (and why) into the
    package's own rows where a case is passed on because of something outside it.
    """

    key: str
    folder: Path
    start: Callable[[Step, Mapping[str, Any]], Opening]
    operations: Mapping[str, Callable[[Step, Mapping[str, Any]], Outcome]]
    services: Mapping[str, Callable[[Step], Values | None]] = field(default_factory=dict)
    facts: Callable[[Step], Mapping[str, Any]] | None = None
    revise: Callable[[Step, Mapping[str, Any]], Outcome] | None = None
    refuse_undoing: Callable[[Step], None] | None = None
    ended: Callable[[Step, str], None] | None = None
    amounts: Callable[[Session, Sequence[int]], Mapping[int, int]] | None = None
    acts: Mapping[str, Act] = field(default_factory=dict)
    passed_on: Callable[[Step, int, str], None] | None = None
