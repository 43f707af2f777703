"""Where a case stands: at which steps, with whom, and how far a step that several people sign has come."""

from dataclasses import dataclass
from fractions import Fraction

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from webapp.extensions import db
from webapp.instances.case import Case, CaseTask
from workflows.engine.approvals.looking import rounds_of
from workflows.engine.approvals.rounds import REJECT, Round, Seat
from workflows.engine.bpmn.diagrams import Diagram
from workflows.engine.model import TaskKind, TaskStatus

#: How several people sign one step.
MODES: dict[str, LazyString] = {
    "all": _("All sign"),
    "in_turn": _("In turn"),
    "any": _("Any one signs"),
    "vote": _("Vote"),
}


@dataclass(frozen=True, slots=True)
class SeatShown:
    """One place at a step. ``state``: signed, rejected, advised, skipped, asked, later, removed (asked no more)."""

    task: CaseTask
    state: str

    @property
    def is_pending(self) -> bool:
        """Whether something is still expected of it."""
        return self.state in ("asked", "later")


@dataclass(frozen=True, slots=True)
class StepShown:
    """A step at which a case stands. ``mode`` is empty where one person decides alone; ``share`` is that of a vote."""

    element_id: str
    node_id: str
    seats: tuple[SeatShown, ...]
    mode: str = ""
    share: Fraction | None = None
    signed: int = 0
    total: int = 0

    @property
    def mode_name(self) -> LazyString | str:
        """What the mode is called."""
        return MODES.get(self.mode, "")

    @property
    def pending(self) -> list[CaseTask]:
        """Whom it waits for, those who are asked now first."""
        return [seat.task for state in ("asked", "later") for seat in self.seats if seat.state == state]


def steps_now(case: Case, diagram: Diagram) -> list[StepShown]:
    """Give the steps at which a case stands, in the order in which it came to them."""
    pending = case.pending_tasks
    nodes = list(dict.fromkeys(task.node_id for task in pending))
    rounds = rounds_of(db.session(), case.id) if _several_sign(case, diagram, nodes) else {}
    return [step_shown(case, node_id, rounds.get(node_id)) for node_id in nodes]


def step_of(case: Case, diagram: Diagram, task: CaseTask) -> StepShown | None:
    """Give the step that a pending task belongs to; None once it is closed."""
    return next((step for step in steps_now(case, diagram) if step.node_id == task.node_id), None)


def _several_sign(case: Case, diagram: Diagram, nodes: list[str]) -> bool:
    """Whether the state has to be read: rounds exist where the diagram or somebody asks several people."""
    return any(
        task.seat > 0 or (diagram.has_element(task.element_id) and diagram.element(task.element_id).signing is not None)
        for task in case.tasks
        if task.node_id in nodes
    )


def step_shown(case: Case, node_id: str, kept: Round | None) -> StepShown:
    """Give one step; ``kept`` is its round as the state has it, None where one person decides alone."""
    newest = {task.seat: task for task in case.tasks if task.node_id == node_id}
    if kept is None:
        seats = [SeatShown(task, _state(task, None)) for task in newest.values() if task.is_open or task.is_waiting]
        return StepShown(seats[0].task.element_id, node_id, tuple(seats))
    seats = [SeatShown(newest[s.number], _state(newest[s.number], s)) for s in kept.seats if s.number in newest]
    mode = "in_turn" if _is_in_turn(kept) else kept.mode
    signed, total = _tally(kept)
    share = kept.share if kept.mode == "vote" else None
    return StepShown(seats[0].task.element_id, node_id, tuple(seats), mode, share, signed, total)


def _state(task: CaseTask, seat: Seat | None) -> str:
    if seat is not None and (seat.removed or seat.lost_to is not None):
        return "removed"
    if task.status == TaskStatus.SKIPPED:
        return "skipped"
    if seat is not None and seat.said is not None:
        return {REJECT: "rejected", "advise": "advised"}.get(seat.said, "signed")
    return "asked" if task.is_open else "later"


def _is_in_turn(kept: Round) -> bool:
    declared = [seat for seat in kept.seats if seat.kind == TaskKind.SIGNER]
    return len(declared) > 1 and declared[0].number in declared[1].after


def _tally(kept: Round) -> tuple[int, int]:
    """How many have signed, of how many: where all sign, those who were asked to sign as well count, too."""
    if kept.mode != "all":
        return kept.tally()
    signing = [s for s in kept.seats if s.kind != TaskKind.ADVISER and not s.removed and s.lost_to is None]
    return sum(seat.said is not None for seat in signing), len(signing)
