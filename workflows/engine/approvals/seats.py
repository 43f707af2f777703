"""The seats of a case: which people are asked now, and which later, as the state of the case says it.

A ready user task of the workflow is one seat, or a ``Round`` of them. Two things keep every seat waiting: a *detour*,
while somebody changes what a later step sent back and the case itself stands still, and suspension by an administrator.
``user_task`` is the projection of these seats: one open or waiting row for each.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from workflows.engine.approvals.rounds import Round
from workflows.engine.model import TaskKind

if TYPE_CHECKING:
    from workflows.engine.spiff.case import Case

#: The task inside the state, and the seat's number in its round.
SeatKey = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Place:
    """What lies on a desk: the step, what is asked for, and whether it is asked now."""

    element_id: str
    kind: str
    is_asked: bool


@dataclass(frozen=True, slots=True)
class Invitation:
    """Who is to have a new seat, where the diagram does not say it, and who asked in what words."""

    person_id: int | None = None
    asked_by_id: int | None = None
    question: str | None = None


@dataclass(frozen=True, slots=True)
class Detour:
    """A step that was sent back and is done again while the case waits.

    ``element_id`` is asked (the start event: the starter changes the request), ``node_id`` is its task in the state,
    None for the start. Afterwards the case goes ``straight`` back to who sent it, or starts again.
    """

    id: str
    element_id: str
    node_id: str | None
    is_straight: bool


def detour_of(case: "Case") -> Detour | None:
    """The detour that the case is on."""
    kept = case.data.get("detour")
    return Detour(**kept) if kept else None


def begin_detour(case: "Case", element_id: str, node_id: str | None, *, is_straight: bool) -> Detour:
    """Have a step done again; every other seat waits until ``end_detour``."""
    count = case.data.get("detours", 0) + 1
    detour = Detour(f"detour-{count}", element_id, node_id, is_straight)
    case.data.update(detours=count, detour=asdict(detour))
    return detour


def end_detour(case: "Case") -> None:
    """Let the others go on."""
    case.data.pop("detour", None)


def round_at(case: "Case", node_id: str) -> Round | None:
    """The round of signers at a task; None where one person decides alone."""
    kept: Mapping[str, Any] | None = case.data.get("rounds", {}).get(node_id)
    return Round.from_json(kept) if kept else None


def keep_round(case: "Case", node_id: str, changed: Round | None) -> None:
    """Keep what became of a round; None forgets it."""
    rounds = {node: kept for node, kept in case.data.get("rounds", {}).items() if node != node_id}
    if changed is not None:
        rounds[node_id] = changed.as_json()
    case.data["rounds"] = rounds


def forget_rounds(case: "Case") -> None:
    """Forget the rounds of tasks that were undone, which are asked afresh."""
    known = case.node_ids()
    if case.data.get("rounds"):
        case.data["rounds"] = {node: kept for node, kept in case.data["rounds"].items() if node in known}


def seats_of(case: "Case") -> dict[SeatKey, Place]:
    """Every seat that something is expected of."""
    detour = detour_of(case)
    runs = not case.is_suspended and detour is None
    seats: dict[SeatKey, Place] = {}
    if detour is not None:
        seats[detour.id, 0] = Place(detour.element_id, TaskKind.REVISER.value, not case.is_suspended)
        if not detour.is_straight:
            # Everybody is asked afresh afterwards, so nobody's work is kept for them.
            return seats
    for node_id, element_id in case.open_nodes().items():
        kept = round_at(case, node_id)
        if kept is None:
            seats[node_id, 0] = Place(element_id, TaskKind.SIGNER.value, runs)
        else:
            for seat in kept.pending():
                seats[node_id, seat.number] = Place(element_id, seat.kind, runs and kept.is_asked(seat.number))
    return seats
