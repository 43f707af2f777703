"""Ways out of a sale and back, at every stage, and from one owner to another."""

import pytest

from tests.engine.company import submitted
from tests.sale.firm import Firm
from workflows.customers.registrations import Taken
from workflows.engine.process import Step
from workflows.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from workflows.sale.facts import collected_between

LOST = {"reason": "price", "words": "They found it too dear"}


def to_stage(company: Firm, stage: int) -> int:
    """A sale that has just come to a stage."""
    if stage >= 4:
        case = company.signed()
        if stage == 5:
            company.hand_over(case)
            company.receive(case, "300000.00")
        return case
    case = company.register()
    if stage >= 2:
        company.answer(case, "complete_information")
    if stage == 3:
        company.visit(case)
        company.apply(case)
        company.answer(case, "approve_initiation", decision="approve")
    return case


FIRST_TASKS = {1: "complete_information", 2: "apply_initiation", 3: "quote", 4: "hand_over_order"}


@pytest.mark.parametrize("stage", [1, 2, 3, 4])
def test_a_sale_is_lost_at_every_stage_and_reopened_there(company: Firm, stage: int) -> None:
    case = to_stage(company, stage)
    company.act(case, "lose_sale", **LOST)
    assert (company.sale(case).status, company.waiting(case)) == ("lost", [])
    assert company.registrations()[-1] == (company.ids["sa"], "lost")
    company.act(case, "reopen_sale", words="They came back")
    assert (company.sale(case).status, company.sale(case).stage) == ("open", stage)
    assert company.waiting(case) == [FIRST_TASKS[stage]]
    assert company.registrations()[-1] == (company.ids["sa"], None)
    assert company.moves(case)[-2:] == [("lost", stage), ("reopened", stage)]


def test_a_sale_whose_money_is_held_is_refunded_before_it_is_lost(company: Firm) -> None:
    case = to_stage(company, 5)
    before = company.snapshot()
    with pytest.raises(Invalid, match=r"¥300,000\.00 of this sale have been collected. Refund them first"):
        company.act(case, "lose_sale", **LOST)
    assert company.snapshot() == before


def test_a_reopened_sale_owes_again_what_had_gone_back(company: Firm) -> None:
    case = to_stage(company, 4)
    company.receive(case, "100000.00")
    company.paid_back(case, "100000.00")
    company.act(case, "lose_sale", **LOST)
    company.act(case, "reopen_sale", words="They came back")
    figures = company.figures(case)
    assert (figures.received_fen, figures.held_fen, figures.owed_fen) == (0, 0, 30_000_000)
    assert [line.owed_fen for line in company.order_lines(case)] == [30_000_000]
    with pytest.raises(Conflict, match="went back wholly before the sale was reopened"):
        company.act(case, "reverse_receipt", "ac", receipt=company.receipts(case)[0], reason="A slip")
    company.hand_over(case)
    company.receive(case, "200000.00")
    assert company.waiting(case) == []
    company.receive(case, "100000.00")
    assert company.waiting(case) == ["accept_delivery"]
    assert [event for event in company.events(case) if event[0] in ("receipt", "refund")] == [
        ("receipt", 10_000_000, "ordinary"), ("refund", 10_000_000, "ordinary"), ("receipt", 20_000_000, "ordinary"),
        ("receipt", 10_000_000, "ordinary"),
    ]  # fmt: skip


def test_a_sale_lost_after_it_was_collected_is_collected_anew_when_it_is_reopened(company: Firm) -> None:
    case = to_stage(company, 5)
    company.paid_back(case, "300000.00")
    company.act(case, "lose_sale", **LOST)
    company.act(case, "reopen_sale", words="They came back")
    assert (company.sale(case).stage, company.waiting(case)) == (4, ["hand_over_order"])
    assert not company.figures(case).is_collected
    assert collected_between(company.session, company.today, company.today) == []
    company.hand_over(case)
    company.receive(case, "300000.00")
    company.after_sales(case)
    assert company.sale(case).status == "closed"
    [order] = collected_between(company.session, company.today, company.today)
    assert (order.total_fen, order.collected_on) == (30_000_000, company.today)


@pytest.mark.parametrize("stage", [1, 2, 3, 4, 5])
def test_a_sale_is_put_aside_at_every_stage_and_asked_about_on_its_day(company: Firm, stage: int) -> None:
    case = to_stage(company, stage)
    company.act(case, "suspend_sale", reason="timing", words="Their year ends first", resume_on=company.day(10))
    assert (company.sale(case).status, company.waiting(case)) == ("suspended", [])
    company.pass_time(9)
    assert company.waiting(case) == []
    company.pass_time(1)
    assert company.waiting(case) == ["decide_on_suspended"]
    company.answer(case, "decide_on_suspended", decision="later", words="One week more", resume_on=company.day(7))
    assert company.waiting(case) == []
    company.pass_time(7)
    company.answer(case, "decide_on_suspended", decision="reopen", words="They are ready")
    assert (company.sale(case).status, company.sale(case).stage) == ("open", stage)
    assert company.waiting(case) == [FIRST_TASKS.get(stage, "accept_delivery")]


def test_what_is_put_aside_may_be_given_up_on_its_day(company: Firm) -> None:
    case = company.register()
    company.act(case, "suspend_sale", reason="timing", words="Later", resume_on=company.day(10))
    company.pass_time(10)
    company.answer(case, "decide_on_suspended", decision="lost", words="They are silent", reason="no_need")
    company.pass_time(400)
    assert (company.sale(case).status, company.waiting(case)) == ("lost", [])


def test_what_is_put_aside_is_reopened_or_lost_before_its_day(company: Firm) -> None:
    case = company.register()
    company.act(case, "suspend_sale", reason="timing", words="Later", resume_on=company.day(10))
    company.act(case, "reopen_sale", words="Sooner than we thought")
    assert company.waiting(case) == ["complete_information"]
    company.act(case, "suspend_sale", reason="timing", words="Later again", resume_on=company.day(10))
    company.act(case, "lose_sale", **LOST)
    company.pass_time(30)
    assert (company.sale(case).status, company.waiting(case)) == ("lost", [])


def test_the_question_on_its_day_goes_away_when_the_sale_is_reopened_or_lost_meanwhile(company: Firm) -> None:
    case = company.register()
    company.act(case, "suspend_sale", reason="timing", words="Later", resume_on=company.day(10))
    company.pass_time(10)
    company.act(case, "reopen_sale", words="Directly")
    assert company.waiting(case) == ["complete_information"]
    company.act(case, "suspend_sale", reason="timing", words="Later", resume_on=company.day(10))
    company.pass_time(10)
    company.act(case, "lose_sale", **LOST)
    assert company.waiting(case) == []


def test_a_lost_need_that_somebody_else_registered_is_not_reopened(company: Firm) -> None:
    case = company.register("sa")
    company.act(case, "lose_sale", **LOST)
    company.register("sb")
    before = company.snapshot()
    with pytest.raises(Taken, match="SB registered this need"):
        company.act(case, "reopen_sale", words="Mine")
    assert company.snapshot() == before


def test_a_lapsed_registration_stops_the_sale_until_it_is_reopened(company: Firm) -> None:
    case = company.register()
    step = Step(company.session, company.now, None, case, company.ids["sa"], "sale", "")
    company.send(step, "registration_lapsed")
    assert (company.sale(case).status, company.sale(case).stopped_reason) == ("lost", "lapsed")
    company.act(case, "reopen_sale", words="I have called them")
    assert company.waiting(case) == ["complete_information"]


def test_a_lapse_does_not_stop_a_signed_sale(company: Firm) -> None:
    case = company.signed()
    step = Step(company.session, company.now, None, case, company.ids["sa"], "sale", "")
    company.send(step, "registration_lapsed")
    assert (company.sale(case).status, company.waiting(case)) == ("open", ["hand_over_order"])


@pytest.mark.parametrize(
    ("who", "refusal"), [("sb", NotAllowed), ("ac", NotAllowed), ("fd", NotAllowed), ("admin", NotFound)]
)
def test_only_who_is_responsible_stops_a_sale(company: Firm, who: str, refusal: type[Exception]) -> None:
    case = company.register("sa")
    before = company.snapshot()
    with pytest.raises(refusal):
        company.act(case, "lose_sale", who, **LOST)
    assert company.snapshot() == before


def test_a_sale_that_goes_on_is_not_reopened_and_a_lost_one_not_lost_again(company: Firm) -> None:
    case = company.register()
    with pytest.raises(Conflict, match="neither lost nor put aside"):
        company.act(case, "reopen_sale", words="Again")
    company.act(case, "lose_sale", **LOST)
    with pytest.raises(Conflict, match="This sale is lost"):
        company.act(case, "lose_sale", **LOST)


def test_the_manager_gives_a_sale_with_its_open_task_to_another_salesperson(company: Firm) -> None:
    case = company.register("sa")
    company.act(case, "reassign_sale", "ma", to="sb", words="SA is on leave")
    assert company.open_task(case, "complete_information").assignee_id == company.ids["sb"]
    assert company.sale(case).owner_id == company.case(case).starter_id == company.ids["sb"]
    assert company.registrations() == [(company.ids["sa"], "transferred"), (company.ids["sb"], None)]
    company.answer(case, "complete_information", "sb")
    assert company.open_task(case, "apply_initiation").assignee_id == company.ids["sb"]


def test_who_had_a_sale_never_decides_on_it_and_who_decided_never_has_it(company: Firm) -> None:
    case = company.register("sa")
    company.answer(case, "complete_information")
    company.visit(case)
    company.apply(case)
    company.answer(case, "approve_initiation", decision="approve")
    with pytest.raises(Invalid, match="MA has already decided on this case and cannot own it"):
        company.act(case, "reassign_sale", "di", to="ma", words="Do it yourself")


@pytest.mark.parametrize("who", ["sa", "sb", "ac"])
def test_nobody_but_who_leads_gives_a_sale_away(company: Firm, who: str) -> None:
    case = company.register("sa")
    with pytest.raises(NotAllowed):
        company.act(case, "reassign_sale", who, to="sb", words="Mine now")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"resume_on": "2026-03-10"}, "Choose a day to come"),
        ({"resume_on": "2027-03-20"}, "for a year at most"),
    ],
)
def test_a_sale_is_put_aside_until_a_day_to_come(company: Firm, change: dict[str, str], message: str) -> None:
    case = company.register()
    with pytest.raises(Invalid, match=message):
        company.act(case, "suspend_sale", reason="timing", words="Later", **change)


def test_an_act_sent_twice_happens_once(company: Firm) -> None:
    case = company.register()
    fields = {"to": "sb", "words": "SA is on leave"}
    sent = submitted(fields)
    for _ in range(2):
        result = company.engine.act(
            company.session, case, "reassign_sale", company.read(fields), submitted=sent, actor=company.actor("ma"),
            now=company.now,
        )  # fmt: skip
    assert result.replayed
    assert company.moves(case) == [("started", 1), ("reassigned", 1)]
