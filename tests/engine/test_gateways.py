"""A case that reaches a gateway always finds a way on, by conditions of the sandbox."""

import pytest

from tests.engine.bpmn import MESSAGE, message, timer
from tests.engine.checking import FLOWS, NODES, assert_refused, changed, refusals_of


def test_a_gateway_without_default_is_refused_unless_two_conditions_are_opposites():
    split = "xor:is_agreed default=f4"
    other = "is_agreed -> refused"
    assert_refused(changed(split, "xor:is_agreed"), "f4", "needs a condition")
    for condition, is_covered in [
        ("ask.decision != 'approve'", True),
        ("not ask.decision == 'approve'", True),
        ("not not ask.decision != 'approve'", True),
        ("ask.decision == 'reject'", False),
        ("ask.decision == 'approve'", False),
        ("ask.opinion != 'approve'", False),
    ]:
        flows = [f"{other} if {condition}" if flow == other else flow for flow in FLOWS]
        nodes = ["xor:is_agreed" if node == split else node for node in NODES]
        expected = [] if is_covered else [("is_agreed", "The gateway may find no way on: give it a default flow")]
        assert refusals_of(nodes, flows) == expected


def test_a_default_flow_has_no_condition_and_leaves_its_gateway():
    default = "is_agreed -> refused"
    assert_refused(changed(default, f"{default} if ask.decision == 'no'"), "f4", "has no condition")
    assert_refused(changed("xor:is_agreed default=f4", "xor:is_agreed default=f1"), "is_agreed", "does not leave it")


def test_a_condition_where_nobody_reads_it_is_refused():
    assert_refused(changed("begin -> ask", "begin -> ask if ask.decision == 'x'"), "f1", "only on a flow that leaves")


def test_two_ways_out_of_a_task_are_refused():
    found = refusals_of([*NODES, "end:other"], [*FLOWS, "ask -> other"])
    assert_refused(found, "ask", "Several flows leave it")


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ("nobody.decision == 'x'", "'nobody', which is no element"),
        ("is_agreed.decision == 'x'", "'is_agreed', which nobody answers"),
        ("ask.__class__", "is not allowed"),
        ("9**9**9", "not allowed"),
        ("ask.decision ==", "can't be read"),
        ("workdays(2)", "Working days are for timers"),
    ],
)
def test_a_condition_outside_of_the_sandbox_or_about_nobody_is_refused(condition, reason):
    old = "is_agreed -> agreed if ask.decision == 'approve'"
    assert_refused(changed(old, f"is_agreed -> agreed if {condition}"), "f3", reason)


def test_a_race_leads_to_at_least_two_events_of_its_own():
    events = ["catch:soon | " + timer("timeDuration", "P1D"), "catch:told | " + MESSAGE.format("news"), "end:done"]
    flows = ["begin -> first", "first -> soon", "first -> told", "soon -> done", "told -> done"]
    good = refusals_of(["start:begin", "race:first", *events], flows, extra=message("news"))
    assert good == []
    found = refusals_of(
        ["start:begin", "race:first", *events], [*flows[:2], *flows[3:], "first -> done"], extra=message("news")
    )
    assert_refused(found, "f5", "leads only to events")
