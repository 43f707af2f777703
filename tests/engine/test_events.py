"""Timers, messages, signals and boundary events are well formed before they are deployed."""

import pytest

from tests.engine.bpmn import MESSAGE, body, message, timer
from tests.engine.checking import assert_refused, between, changed


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("timeDate", "2026-12-01"),
        ("timeDate", "2026-12-01T09:00:00+08:00"),
        ("timeDate", "workdays(2)"),
        ("timeDate", "workdays(begin.days)"),
        ("timeDate", "'2026-12-01'"),
        ("timeDate", "begin.return_on"),
        ("timeDuration", "P2D"),
        ("timeDuration", "PT36H"),
        ("timeDuration", "P1Y2M3DT4H5M6S"),
        ("timeDuration", "P2W"),
        ("timeDuration", "'PT1H'"),
        ("timeCycle", "R3/P1D"),
    ],
)
def test_well_formed_timers_are_not_refused(kind, text):
    assert between("catch:pause | " + timer(kind, text)) == []


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("timeDate", "2026-13-01"),
        ("timeDate", "2026-02-30"),
        ("timeDate", "tomorrow"),
        ("timeDate", "P2D"),
        ("timeDate", "3"),
        ("timeDate", "'soon'"),
        ("timeDate", "workdays(nobody.days)"),
        ("timeDate", "now()"),
        ("timeDate", ""),
        ("timeDuration", "P"),
        ("timeDuration", "PT"),
        ("timeDuration", "P0D"),
        ("timeDuration", "P99999D"),
        ("timeDuration", "P1W2D"),
        ("timeDuration", "-P1D"),
        ("timeDuration", "2026-12-01"),
        ("timeDuration", "workdays(2)"),
        ("timeCycle", "R/P1D"),
        ("timeCycle", "R0/P1D"),
        ("timeCycle", "R101/P1D"),
        ("timeCycle", "R3/2026-12-01"),
        ("timeCycle", "P1D"),
        ("timeCycle", "0 9 * * *"),
    ],
)
def test_ill_formed_timers_are_refused(kind, text):
    found = between("catch:pause | " + timer(kind, text))
    assert found
    assert {element for element, _ in found} == {"pause"}


def test_a_timer_without_any_time_is_refused():
    assert_refused(between("catch:pause | <timerEventDefinition/>"), "pause", "no date, duration or cycle")


@pytest.mark.parametrize(
    "node",
    [
        "catch:wait | " + MESSAGE.format("undeclared"),
        "catch:wait | <messageEventDefinition/>",
        "receive:wait messageRef=undeclared",
        "receive:wait",
        "catch:wait | <signalEventDefinition/>",
    ],
)
def test_a_message_or_signal_without_a_name_is_refused(node):
    assert_refused(between(node), "wait", "needs a name")


@pytest.mark.parametrize(
    ("node", "reason"),
    [
        ("catch:odd", "no event definition"),
        ("catch:odd | <terminateEventDefinition/>", "with terminate"),
        ("throw:odd | " + MESSAGE.format("news"), "with message"),
        ("throw:odd | " + timer("timeDuration", "P1D"), "with timer"),
        ("catch:odd | " + timer("timeDuration", "P1D") + MESSAGE.format("news"), "timer and message"),
    ],
)
def test_events_that_the_engine_is_not_tested_with_are_refused(node, reason):
    assert_refused(between(node, extra=message("news")), "odd", reason)


def test_a_start_that_waits_for_something_is_refused():
    found = changed("start:begin", "start:begin | " + timer("timeDuration", "P1D"))
    assert_refused(found, "begin", "startEvent with timer")


def test_a_boundary_event_sits_on_an_activity_of_its_own_level():
    late = "boundary:late attachedToRef={} | " + timer("timeDuration", "P1D")
    good = between("user:ask lane=sales_manager", [late.format("ask")], ["late -> done"])
    assert good == []
    for host in ("begin", "done", "nobody"):
        found = between("user:ask lane=sales_manager", [late.format(host)], ["late -> done"])
        assert_refused(found, "late", "sits on a task")
    nodes = ["start:inner", "service:work implementation=purchase.book", "end:over"]
    inside = body(nodes, ["inner -> work", "work -> over"], first=10)
    found = between(f"sub:stage | {inside}", [late.format("work")], ["late -> done"])
    assert_refused(found, "late", "of its own level")
