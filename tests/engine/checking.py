"""Helpers of the tests that check diagrams: one good diagram to change, and what speaks against the changed one."""

from pathlib import Path

from tests.engine.bpmn import diagram
from workflows.engine.bpmn.checks import problems
from workflows.engine.bpmn.diagrams import read_diagram
from workflows.engine.process import Opening, Outcome, Process

ROLES = frozenset({"salesperson", "sales_manager", "accountant"})
FOLDER = Path(__file__).parent / "diagrams"


def process_of(read, operations=None, services=("purchase.book",)):
    names = [task.id for task in read.user_tasks()] if operations is None else operations
    return Process(
        key=read.key,
        folder=FOLDER,
        start=lambda step, answer: Opening("title"),
        operations={name: lambda step, answer: Outcome("submit") for name in names},
        services={name: lambda step: None for name in services},
    )


def refusals(files, key="p", **hand):
    read = read_diagram(files, key)
    found = problems(read, process_of(read, **hand), lambda process, element: True, ROLES)
    return [(each.element_id, each.reason) for each in found]


def refusals_of(nodes, flows, **options):
    return refusals(diagram("p", nodes, flows, **options))


def assert_refused(found, element_id, reason):
    assert any(element == element_id and reason in why for element, why in found), found


#: A diagram that nothing speaks against; tests change one thing.
NODES = [
    "start:begin",
    "user:ask lane=sales_manager remindAfter=2 escalateAfter=4",
    "xor:is_agreed default=f4",
    "end:agreed outcome=completed",
    "end:refused outcome=rejected",
]
FLOWS = [
    "begin -> ask",
    "ask -> is_agreed",
    "is_agreed -> agreed if ask.decision == 'approve'",
    "is_agreed -> refused",
]


def changed(old, new):
    """The good diagram with one node or flow written otherwise."""
    assert old in NODES + FLOWS
    nodes = [new if node == old else node for node in NODES]
    flows = [new if flow == old else flow for flow in FLOWS]
    return refusals_of(nodes, flows)


def between(node, extra_nodes=(), extra_flows=(), **options):
    """A diagram with one node between start and end."""
    name = node.split(" ")[0].split(":")[1]
    nodes = ["start:begin", node, "end:done", *extra_nodes]
    return refusals_of(nodes, [f"begin -> {name}", f"{name} -> done", *extra_flows], **options)
