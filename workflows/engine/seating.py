"""Setting the seats that a step made: on whose desk each lies, who is left out by a policy, and why."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from workflows.engine.approvals.rounds import APPROVE, MOST_SEATS, Round
from workflows.engine.approvals.seats import Invitation, Place, SeatKey, keep_round, round_at, seats_of
from workflows.engine.assignment import CasePeople, Desk, desks_of_holders, find_desk, people_of_case
from workflows.engine.history import Event
from workflows.engine.language.expressions import compile_expression
from workflows.engine.model import InstanceStatus, TaskKind, TaskStatus
from workflows.engine.spiff.case import Case
from workflows.kernel.days import day_of

if TYPE_CHECKING:
    from workflows.engine.bpmn.elements import Element

_MORE_IDS = "SELECT array_agg(nextval('user_task_id_seq')) FROM generate_series(1, %(wanted)s)"
_ACTIVE = "SELECT id FROM employee WHERE id = ANY(%(ids)s) AND active"


@dataclass(frozen=True, slots=True)
class Answered:
    """The user task that the step answered, and by whom. ``role`` is empty where no decision bars anybody."""

    task_id: int
    key: SeatKey
    role: str
    decision: str
    opinion: str | None
    on_behalf_of_id: int | None
    #: Who answered; None where the clock did.
    actor_id: int | None
    element_id: str

    @property
    def people(self) -> list[int]:
        """Whoever has acted through this answer."""
        return [person for person in (self.actor_id, self.on_behalf_of_id) if person is not None and self.role]


@dataclass(frozen=True, slots=True)
class Seated:
    """A new seat with its desk."""

    key: SeatKey
    place: Place
    element: "Element"
    desk: Desk
    invitation: Invitation
    task_id: int = 0

    @property
    def status(self) -> str:
        """The status of its row."""
        if self.desk.skipped:
            return TaskStatus.SKIPPED.value
        return TaskStatus.OPEN.value if self.place.is_asked else TaskStatus.WAITING.value

    def row(self, now: dt.datetime, deadlines: dict[str, Any]) -> dict[str, Any]:
        """Its row, as the writing statement takes it."""
        return {
            "id": self.task_id,
            "node_id": self.key[0],
            "seat": self.key[1],
            "kind": self.place.kind,
            "status": self.status,
            "element_id": self.element.id,
            "role": self.element.role,
            "assignee_id": self.desk.assignee_id,
            "group_role": self.desk.group_role,
            "barred": list(self.desk.barred),
            "asked_by_id": self.invitation.asked_by_id,
            "question": self.invitation.question,
            **(deadlines if self.status == TaskStatus.OPEN else {}),
            **({"closed_at": now.isoformat(), "decision": "skip"} if self.desk.skipped else {}),
            "opinion": self.desk.skipped,
        }


def seat_newcomers(case: Case, answered: Answered | None) -> list[Seated]:
    """Find a desk for every seat that the step made; what a policy leaves out is passed over at once."""
    known = set(case.seats_before) - ({answered.key} if answered else set())
    seated: list[Seated] = []
    while case.status == InstanceStatus.RUNNING:
        fresh = {key: place for key, place in seats_of(case).items() if key not in known}
        if not fresh:
            break
        people = _people(case, fresh, answered)
        found = [one for key, place in fresh.items() for one in _desks(case, key, place, people, answered)]
        seated += list(_with_ids(case, found, people.task_ids))
        known |= set(fresh) | {one.key for one in found}
        left_out = [one for one in found if one.desk.skipped]
        for one in left_out:
            if one.key[0] in case.open_nodes():
                case.answer(case.ready(one.key[0]), APPROVE, {})
    alive = set(seats_of(case)) if case.status == InstanceStatus.RUNNING else set()
    # A policy may have moved the case past what it had just opened.
    return [one for one in seated if one.desk.skipped or one.key in alive]


def _people(case: Case, fresh: dict[SeatKey, Place], answered: Answered | None) -> CasePeople:
    people = people_of_case(
        case.session,
        instance_id=case.instance_id,
        starter_id=case.starter_id,
        roles={str(case.diagram.element(place.element_id).role) for place in fresh.values()},
        wanted=len(fresh),
    )
    if answered is None or not answered.people:
        return people
    # The answer of this very step stands in no row yet.
    acted = dict(people.acted)
    for person in answered.people:
        acted[person] = acted.get(person, frozenset()) | {answered.role}
    return replace(people, acted=acted)


def _desks(case: Case, key: SeatKey, place: Place, people: CasePeople, answered: Answered | None) -> Iterator[Seated]:
    element = case.diagram.element(place.element_id)
    invitation = case.invited.get(key, Invitation())
    if invitation.person_id is not None:
        desk = Desk(invitation.person_id, None, _barred(element, people))
        yield Seated(key, place, element, desk, invitation)
    elif element.signing is not None and place.kind == TaskKind.SIGNER and round_at(case, key[0]) is None:
        yield from _signers(case, key[0], element, people)
    elif (holder := _last_holder(case, key) if round_at(case, key[0]) else None) is not None:
        desk = Desk(holder, None, _barred(element, people))
        yield Seated(key, place, element, desk, invitation)
    else:
        decided = answered.people if answered else []
        desk = find_desk(case.session, element, people, today=day_of(case.now), decided_before=decided)
        yield Seated(key, place, element, desk, invitation)


def _barred(element: "Element", people: CasePeople) -> tuple[int, ...]:
    return people.barred_from(str(element.role), starter_too=element.assign != "starter")


def _last_holder(case: Case, key: SeatKey) -> int | None:
    """Who had a seat that is asked again after somebody took their decision back."""
    sql = """
SELECT e.id FROM user_task t JOIN employee e ON e.id = t.assignee_id AND e.active
 WHERE t.instance_id = %(instance)s AND t.node_id = %(node)s AND t.seat = %(seat)s ORDER BY t.id DESC LIMIT 1"""
    parameters = {"instance": case.instance_id, "node": key[0], "seat": key[1]}
    found: int | None = case.session.connection().exec_driver_sql(sql, parameters).scalar_one_or_none()
    return found


def _signers(case: Case, node_id: str, element: "Element", people: CasePeople) -> Iterator[Seated]:
    """Set the table for everybody who signs a step."""
    assert element.signing is not None  # noqa: S101 (asked only for steps that several people sign)
    signing = element.signing
    desks = _named(case, element, people) if signing.people else desks_of_holders(element, people)
    desks = desks[:MOST_SEATS]
    table = Round.of(len(desks), mode=signing.mode, share=Fraction(signing.share), sequential=signing.sequential)
    keep_round(case, node_id, table)
    places = seats_of(case)
    for number, desk in enumerate(desks):
        yield Seated((node_id, number), places[node_id, number], element, desk, Invitation())


def _named(case: Case, element: "Element", people: CasePeople) -> list[Desk]:
    """The desks of the people whom somebody chose, less who left the company or may not decide in this lane."""
    assert element.signing is not None  # noqa: S101
    chosen = compile_expression(str(element.signing.people)).evaluate(case.answers, {}) or []
    ids = list(dict.fromkeys(each for each in chosen if isinstance(each, int) and not isinstance(each, bool)))
    active = set(case.session.connection().exec_driver_sql(_ACTIVE, {"ids": ids}).scalars())
    barred = people.barred_from(str(element.role))
    for person in ids:
        if person not in active or person in barred:
            case.chain.append(Event("signer_left_out", case.now, element_id=element.id, details={"to": person}))
    fit = [Desk(person, None, barred) for person in ids if person in active and person not in barred]
    return fit or [find_desk(case.session, element, people, today=day_of(case.now))]


def _with_ids(case: Case, found: list[Seated], ids: list[int]) -> Iterator[Seated]:
    missing = len(found) - len(ids)
    if missing > 0:
        more = case.session.connection().exec_driver_sql(_MORE_IDS, {"wanted": missing}).scalar_one()
        ids = [*ids, *more]
    for one, ident in zip(found, ids, strict=False):
        yield replace(one, task_id=ident)
