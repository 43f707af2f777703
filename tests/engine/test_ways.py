"""No dead ends, no way that never ends, and no diagram whose parallel ways multiply."""

import pytest

from tests.engine.bpmn import body, timer
from tests.engine.checking import FLOWS, NODES, assert_refused, between, changed, refusals_of


def test_dead_ends_and_what_no_way_leads_to_are_refused():
    found = refusals_of([*NODES, "service:lost implementation=purchase.book"], FLOWS)
    assert found == [("lost", "No flow leaves it, and it is no end event")]
    found = refusals_of([*NODES, "service:lost implementation=purchase.book"], [*FLOWS, "lost -> agreed"])
    assert found == [("lost", "No way leads to it from the start")]


def test_a_way_that_never_ends_is_refused():
    nodes = ["start:begin", "xor:which default=f3", "service:on implementation=purchase.book", "end:done"]
    flows = ["begin -> which", "which -> done if begin.x == 1", "which -> on", "on -> on_again", "on_again -> on"]
    found = refusals_of([*nodes, "service:on_again implementation=purchase.book"], flows)
    assert_refused(found, "on", "No way leads from it to an end")


def test_a_flow_into_nothing_into_a_start_or_out_of_an_end_is_refused():
    assert_refused(changed("ask -> is_agreed", "ask -> nowhere"), "f2", "'nowhere', which is no element")
    assert_refused(changed("ask -> is_agreed", "ask -> begin"), "begin", "No flow leads to a start")
    assert_refused(changed("ask -> is_agreed", "refused -> is_agreed"), "refused", "No flow leaves an end")


def test_a_flow_across_the_border_of_a_subprocess_is_refused():
    inside = body(["start:inner", "end:over"], ["inner -> over"], first=10)
    found = between(f"sub:stage | {inside}", ["end:other"], ["inner -> other"])
    assert_refused(found, "f3", "'inner', which is no element on its level")


def test_a_subprocess_without_exactly_one_start_is_refused():
    found = between("sub:stage | " + body(["end:over"], [], first=10))
    assert_refused(found, "stage", "needs one start event and has 0")


def test_an_inclusive_join_inside_a_loop_is_refused():
    nodes = [
        "start:begin",
        "xor:again default=f2",
        "or:split default=f4",
        "service:one implementation=purchase.book",
        "service:two implementation=purchase.book",
        "or:join default=f8",
        "xor:which default=f10",
        "end:done",
    ]
    flows = ["begin -> again", "again -> split", "split -> one if begin.x == 1", "split -> two"]
    once = [*flows, "one -> join", "two -> join", "again -> done if begin.x == 2", "join -> which"]
    found = refusals_of(nodes, [*once, "which -> again if begin.x == 3", "which -> done"])
    assert_refused(found, "join", "cannot join inside a loop")
    found = refusals_of([node for node in nodes if "xor:which" not in node], [*once[:-1], "join -> done"])
    assert "join" not in dict(found)


def forks(count, nodes=(), flows=(), first="begin"):
    """A series of forks into two that meet again."""
    nodes, flows = list(nodes), list(flows)
    for number in range(count):
        fork, left, right, join = (f"{name}{number}" for name in ("fork", "left", "right", "join"))
        nodes += [f"and:{fork}", f"and:{join}"]
        nodes += [f"service:{name} implementation=purchase.book" for name in (left, right)]
        flows += [f"{first} -> {fork}", f"{fork} -> {left}", f"{fork} -> {right}"]
        flows += [f"{left} -> {join}", f"{right} -> {join}"]
        first = join
    return nodes, flows, first


@pytest.mark.parametrize(("count", "is_fine"), [(7, True), (8, False), (12, False), (60, False)])
def test_series_of_forks_are_bounded(count, is_fine):
    # 2^n ends of 3 nodes, 5 nodes a fork, and 2 before: 7 forks are 1,021 nodes, 8 are 2,045, 12 are 32,765.
    nodes, flows, last = forks(count, ["start:begin", "end:done"])
    found = refusals_of(nodes, [*flows, f"{last} -> done"])
    assert (found == []) is is_fine
    if not is_fine:
        assert_refused(found, "p", "put each fork into a subprocess")


def test_forks_in_subprocesses_do_not_multiply():
    nodes, flows, last = ["start:begin", "end:done"], [], "begin"
    for number in range(6):
        inside, inside_flows, end = forks(4, [f"start:start{number}", f"end:end{number}"], first=f"start{number}")
        text = body(inside, [*inside_flows, f"{end} -> end{number}"], first=100 * (number + 1))
        for name in ("fork", "left", "right", "join"):
            text = text.replace(f'"{name}', f'"{name}_{number}_')
        nodes.append(f"sub:stage{number} | {text}")
        flows.append(f"{last} -> stage{number}")
        last = f"stage{number}"
    assert refusals_of(nodes, [*flows, f"{last} -> done"]) == []


def test_many_tasks_with_interrupting_deadlines_and_many_choices_do_not_multiply():
    nodes, flows, last = ["start:begin", "end:done"], [], "begin"
    for number in range(30):
        ask, late, which = f"ask{number}", f"late{number}", f"which{number}"
        nodes += [
            f"user:{ask} lane=sales_manager",
            f"boundary:{late} attachedToRef={ask} | " + timer("timeDuration", "P1D"),
            f"xor:{which} default=f{len(flows) + 4}",
        ]
        flows += [f"{last} -> {ask}", f"{ask} -> {which}", f"{late} -> {which}", f"{which} -> done"]
        flows.append(f"{which} -> ask{(number + 1) % 30} if {ask}.decision == 'approve'")
        last = which
        if number < 29:
            flows.pop()
            last = f"gate{number}"
            nodes.append(f"xor:{last}")
            flows.append(f"{which} -> {last} if {ask}.decision == 'approve'")
    assert refusals_of(nodes, flows) == []
