"""What people do to a case besides answering its tasks, and giving a case to somebody else."""

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.engine.bpmn import MESSAGE, diagram, message
from tests.engine.company import AUDIT_KEY, Company, company, submitted
from workflows.engine.acts import may_act
from workflows.engine.history import broken_entries
from workflows.engine.model import ProcessInstance
from workflows.engine.passing import pass_on
from workflows.engine.process import Act, Acted, Step
from workflows.engine.submissions import Result
from workflows.kernel.errors import Conflict, Invalid, KeyReused, NotAllowed, NotFound

#: Asks the starter, then the manager, and waits for a message before each of them.
FILES = diagram(
    "trip",
    [
        "start:begin", "user:plan lane=salesperson", "catch:await_go | " + MESSAGE.format("go"),
        "user:approve lane=sales_manager", "user:travel lane=salesperson", "end:done",
    ],
    ["begin -> plan", "plan -> await_go", "await_go -> approve", "approve -> travel", "travel -> done"],
    assign={"salesperson": "starter"},
    extra=message("go"),
)  # fmt: skip


def _anyone(step: Step) -> None:
    if step.actor is None or "accountant" in step.actor.roles:
        raise NotAllowed("Not yours.")


def _go(_: Step, answer: Mapping[str, Any]) -> Acted:
    return Acted("go", is_needed=bool(answer.get("needed")), note={"said": answer.get("said", "")})


def _note(_: Step, answer: Mapping[str, Any]) -> Acted:
    return Acted(note=dict(answer))


def _refused(_step: Step, _answer: Mapping[str, Any]) -> Acted:
    raise Invalid.at("amount", "Too much.")


ACTS = {
    "give_go": Act(_go, _anyone),
    "take_note": Act(_note, _anyone, is_always_possible=True),
    "overdo": Act(_refused, _anyone),
}


@pytest.fixture
def trip(session: Session, tmp_path: Path) -> Company:
    return company(session, tmp_path, FILES, acts=ACTS)


def act(trip: Company, case: int, name: str, who: str = "sa", key: str | None = None, **fields: Any) -> Result:
    with trip.session.begin_nested():
        result = trip.engine.act(
            trip.session, case, name, lambda *_: fields, submitted=submitted(fields, key), actor=trip.actor(who),
            now=trip.now,
        )  # fmt: skip
    trip.session.expire_all()
    return result


def give(trip: Company, case: int, to: str) -> None:
    with trip.session.begin_nested():
        pass_on(
            trip.engine, trip.session, case, trip.ids[to], reason="on leave", actor=trip.actor("ma"), now=trip.now
        )
    trip.session.expire_all()


def test_an_act_moves_a_case_by_the_message_that_it_waits_for(trip: Company) -> None:
    case = trip.start().instance_id
    trip.complete(trip.open_task(case, "plan"), decision="submit")
    result = act(trip, case, "give_go", said="off you go")
    assert [task.element_id for task in result.next_tasks] == ["approve"]
    assert trip.kinds(case)[-3:] == ["case_acted_on", "message_received", "task_opened"]


def test_an_act_whose_message_nobody_waits_for_is_noted_or_refused(trip: Company) -> None:
    case = trip.start().instance_id
    before = trip.snapshot()
    with pytest.raises(Conflict, match="does not wait for this just now"):
        act(trip, case, "give_go", needed=True)
    assert trip.snapshot() == before
    act(trip, case, "give_go")
    assert [task.element_id for task in trip.open_tasks(case)] == ["plan"]
    assert trip.kinds(case)[-1] == "case_acted_on"


def test_an_act_sent_twice_happens_once_and_the_same_key_never_means_two_things(trip: Company) -> None:
    case = trip.start().instance_id
    first = act(trip, case, "take_note", key="k", said="once")
    again = act(trip, case, "take_note", key="k", said="once")
    assert (first.replayed, again.replayed) == (False, True)
    assert trip.kinds(case).count("case_acted_on") == 1
    with pytest.raises(KeyReused):
        act(trip, case, "take_note", key="k", said="twice")


def test_a_refused_act_leaves_everything_as_it_was(trip: Company) -> None:
    case = trip.start().instance_id
    before = trip.snapshot()
    for name, who, refusal in [("overdo", "sa", Invalid), ("take_note", "ac", NotAllowed), ("nothing", "sa", NotFound)]:
        with pytest.raises(refusal):
            act(trip, case, name, who)
    assert trip.snapshot() == before


def test_only_what_is_always_possible_is_done_to_a_case_that_has_ended(trip: Company) -> None:
    case = trip.start().instance_id
    trip.complete(trip.open_task(case, "plan"), decision="submit")
    act(trip, case, "give_go")
    trip.complete(trip.open_task(case, "approve"))
    trip.complete(trip.open_task(case, "travel"), decision="submit")
    assert trip.instance(case).status == "completed"
    with pytest.raises(Conflict, match="has ended already"):
        act(trip, case, "give_go")
    act(trip, case, "take_note", said="afterwards")
    assert trip.kinds(case)[-1] == "case_acted_on"
    assert list(broken_entries(trip.session, AUDIT_KEY)) == []


def test_nothing_is_done_to_a_suspended_case(trip: Company) -> None:
    case = trip.start().instance_id
    trip.session.get_one(ProcessInstance, case).suspended_at = trip.now
    trip.session.flush()
    with pytest.raises(Conflict, match="suspended"):
        act(trip, case, "take_note")


def test_pages_know_beforehand_who_may_act(trip: Company) -> None:
    case = trip.start().instance_id
    row = trip.instance(case)
    shown = SimpleNamespace(
        id=case, process_key="trip", starter_id=row.starter_id, status=row.status, suspended_at=row.suspended_at
    )
    allowed = [
        who for who in ("sa", "ac") if may_act(trip.engine, trip.session, shown, "give_go", actor=trip.actor(who),
                                               now=trip.now)
    ]  # fmt: skip
    assert allowed == ["sa"]


def test_a_case_that_is_passed_on_asks_its_new_owner_now_and_later(trip: Company) -> None:
    case = trip.start().instance_id
    give(trip, case, "sb")
    assert trip.desks(case) == [("plan", "sb")]
    trip.complete(trip.open_task(case, "plan"), "sb", decision="submit")
    act(trip, case, "give_go")
    trip.complete(trip.open_task(case, "approve"))
    assert trip.desks(case) == [("travel", "sb")]
    assert list(broken_entries(trip.session, AUDIT_KEY)) == []


def test_the_task_that_changed_hands_is_not_the_former_owners_any_more(trip: Company) -> None:
    case = trip.start().instance_id
    task = trip.open_task(case, "plan")
    give(trip, case, "sb")
    with pytest.raises(NotAllowed):
        trip.complete(task.id, "sa", decision="submit")


def test_who_has_decided_or_is_asked_to_decide_never_owns_the_case(trip: Company) -> None:
    case = trip.start().instance_id
    trip.complete(trip.open_task(case, "plan"), decision="submit")
    act(trip, case, "give_go")
    with pytest.raises(Invalid, match="MA is asked to decide on this case"):
        give(trip, case, "ma")
    trip.complete(trip.open_task(case, "approve"))
    with pytest.raises(Invalid, match="MA has already decided on this case"):
        give(trip, case, "ma")
    with pytest.raises(Invalid, match="SA has this already"):
        give(trip, case, "sa")


def test_the_new_owner_is_barred_from_deciding(trip: Company) -> None:
    case = trip.start().instance_id
    trip.complete(trip.open_task(case, "plan"), decision="submit")
    act(trip, case, "give_go")
    give(trip, case, "sb")
    assert trip.ids["sb"] in trip.open_task(case, "approve").barred
    assert trip.ids["sa"] in trip.open_task(case, "approve").barred


def test_a_former_owner_who_did_nothing_yet_does_not_decide_either(trip: Company) -> None:
    case = trip.start("ma").instance_id
    give(trip, case, "sa")
    trip.complete(trip.open_task(case, "plan"), "sa", decision="submit")
    act(trip, case, "give_go")
    assert trip.desks(case) == [("approve", "di")]
