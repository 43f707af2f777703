"""The state of an advance through its whole life, and who sees which."""

import datetime as dt

import pytest
from sqlalchemy import text

from tests.advance.firm import Firm
from tests.engine.company import submitted
from workflows.advance.record import decisions_on, entries_of, settlements_of, spend_of, versions_of
from workflows.advance.standing import (
    AdvanceRow,
    Scope,
    advance_of,
    advances_page,
    earlier_advances,
    may_see,
    open_advances,
    scopes_of,
    totals_of,
)
from workflows.kernel.days import day_of


def row(company: Firm, case: int) -> AdvanceRow:
    found = advance_of(company.session, instance_id=case, today=day_of(company.now))
    assert found is not None
    return found


def state(company: Firm, case: int) -> str:
    return row(company, case).state


def give_back(company: Firm, case: int, amount: str, who: str = "sa") -> None:
    settlement = company.settle(case, who, kind="return", amount=amount, returned_on="2026-03-10", method="cash")
    company.answer(settlement, "confirm_return", decision="approve")


def test_an_advance_passes_through_every_state_of_a_loan(company: Firm) -> None:
    case = company.request()
    states = [state(company, case)]
    company.answer(case, "manager_approval", decision="return", opinion="Less")
    states.append(state(company, case))
    company.answer(case, "request_advance", amount="9000.00", purpose="x", spend=[{"kind": "meals", "amount": "9000"}],
                   return_on="2026-04-10")  # fmt: skip
    company.approve(case)
    states.append(state(company, case))
    company.pay(case, "4000.00")
    states.append(state(company, case))
    company.pay(case, "5000.00")
    states.append(state(company, case))
    give_back(company, case, "0.01")
    states.append(state(company, case))
    company.now = dt.datetime(2026, 4, 10, 16, 0, tzinfo=dt.UTC)
    states.append(state(company, case))
    give_back(company, case, "8999.99")
    states.append(state(company, case))
    assert states == ["in_approval", "draft", "approved", "partly_paid", "paid", "partly_cleared", "overdue", "cleared"]


def test_an_advance_is_overdue_from_the_day_after_its_return_date(company: Firm) -> None:
    case = company.paid()
    company.now = dt.datetime(2026, 4, 10, 15, 59, tzinfo=dt.UTC)
    assert state(company, case) == "paid"
    company.now += dt.timedelta(minutes=1)
    assert state(company, case) == "overdue"


def test_a_request_that_came_to_nothing_says_how(company: Firm) -> None:
    rejected, withdrawn = company.request(), company.request()
    company.answer(rejected, "manager_approval", decision="reject", opinion="No")
    company.engine.withdraw(
        company.session, withdrawn, submitted=submitted({}), reason="x", actor=company.actor("sa"), now=company.now
    )
    assert (state(company, rejected), state(company, withdrawn)) == ("rejected", "withdrawn")


def test_a_part_payment_that_was_cleared_is_not_the_end_while_more_may_be_paid(company: Firm) -> None:
    case = company.request()
    company.approve(case)
    company.pay(case, "4000.00")
    give_back(company, case, "4000.00")
    assert state(company, case) == "partly_cleared"


def test_figures_are_given_in_yuan(company: Firm) -> None:
    case = company.paid("5000.00")
    company.claim(case, "1000.00")
    found = row(company, case)
    figures = (found.amount, found.paid, found.balance, found.payable, found.reserved, found.clearable)
    assert [str(each) for each in figures] == ["12000.00", "5000.00", "5000.00", "7000.00", "1000.00", "4000.00"]


@pytest.mark.parametrize(
    ("who", "scopes"),
    [
        ("sa", ["mine"]),
        ("ma", ["mine", "team"]),
        ("di", ["mine", "team"]),
        ("ge", ["mine", "team", "all"]),
        ("ac", ["mine", "all"]),
        ("fd", ["mine", "team", "all"]),
        ("admin", ["mine"]),
    ],
)
def test_borrowers_managers_and_finance_have_their_own_lists(company: Firm, who: str, scopes: list[str]) -> None:
    assert scopes_of(company.session, company.actor(who)) == scopes


def test_a_list_holds_the_own_the_team_s_or_all_advances_and_pages_by_key(company: Firm) -> None:
    cases = [company.request(who) for who in ("sa", "sb", "sa")]
    today = day_of(company.now)

    def listed(who: str, scope: Scope, **more: object) -> list[int]:
        rows, _ = advances_page(company.session, company.actor(who), scope, today=today, **more)  # type: ignore[arg-type]
        return [each.instance_id for each in rows]

    assert listed("sa", Scope.MINE) == [cases[2], cases[0]]
    assert listed("ma", Scope.TEAM) == listed("di", Scope.TEAM) == listed("ac", Scope.ALL) == cases[::-1]
    assert listed("fd", Scope.TEAM) == []
    assert listed("ac", Scope.ALL, state="paid") == []
    assert listed("ac", Scope.ALL, search="sb") == [cases[1]]
    assert listed("ac", Scope.ALL, search="%") == []
    first, cursor = advances_page(company.session, company.actor("ac"), Scope.ALL, today=today, limit=2)
    second, end = advances_page(company.session, company.actor("ac"), Scope.ALL, today=today, limit=2, after=cursor)
    assert [each.instance_id for each in [*first, *second]] == cases[::-1]
    assert end is None


def test_totals_add_up_what_is_owed_overdue_and_to_be_paid(company: Firm) -> None:
    overdue = company.paid()
    give_back(company, overdue, "2000.00")
    later = company.paid("3000.00", who="sb", return_on="2026-12-31")
    finished = company.paid(who="sb")
    give_back(company, finished, "12000.00", "sb")
    assert state(company, later) == "partly_paid"
    totals = totals_of(company.session, company.actor("ac"), Scope.ALL, today=dt.date(2026, 4, 11))
    # 10,000.00 are left of the overdue one and 3,000.00 of the later one, of which 9,000.00 may still be paid.
    assert (totals.open_count, str(totals.balance), str(totals.payable)) == (2, "13000.00", "9000.00")
    assert (totals.overdue_count, str(totals.overdue)) == (1, "10000.00")


def test_who_may_see_an_advance(company: Firm) -> None:
    found = row(company, company.request())
    seen = [who for who in company.ids if may_see(company.session, company.actor(who), found)]
    assert seen == ["sa", "ma", "di", "ge", "fd", "ac", "ad"]


def test_earlier_advances_show_what_is_owed_first(company: Firm) -> None:
    owed, cleared = company.paid(), company.paid()
    give_back(company, cleared, "12000.00")
    company.request()
    company.paid(who="sb")
    newest = row(company, company.request())
    earlier = earlier_advances(company.session, newest, today=day_of(company.now))
    assert [(each.instance_id, str(each.balance)) for each in earlier] == [(owed, "12000.00"), (cleared, "0.00")]
    assert [each.instance_id for each in open_advances(company.session, company.ids["sa"],
                                                       today=day_of(company.now))] == [owed]  # fmt: skip


def test_the_record_shows_spend_versions_decisions_ledger_and_settlements(company: Firm) -> None:
    case = company.paid()
    company.claim(case, "100.00", "50.00")
    give_back(company, case, "2000.00")
    advance = row(company, case)
    assert [(each.kind, str(each.amount)) for each in spend_of(company.session, advance.id)] == [
        ("transport", "3000.00"),
        ("lodging", "9000.00"),
    ]
    assert versions_of(company.session, advance.id) == []
    assert [(each.element_id, each.by, each.opinion) for each in decisions_on(company.session, case)] == [
        ("manager_approval", "MA", None),
        ("director_opinion", "DI", "Worth it"),
        ("general_manager_approval", "GE", None),
        ("pay", "AC", None),
    ]
    ledger = [(each.kind, str(each.change), str(each.balance)) for each in entries_of(company.session, advance.id)]
    assert ledger == [("paid", "12000.00", "12000.00"), ("returned", "-2000.00", "10000.00")]
    claim, returned = settlements_of(company.session, advance_id=advance.id)
    assert (claim.kind, claim.status, str(claim.amount)) == ("claim", "running", "150.00")
    assert [(line.position, str(line.amount), line.accepted) for line in claim.lines] == [
        (1, "100.00", None),
        (2, "50.00", None),
    ]
    assert (returned.kind, returned.status, returned.lines) == ("return", "completed", [])


def test_a_loan_that_an_administrator_ended_still_shows_what_is_owed(company: Firm) -> None:
    case = company.paid()
    company.session.execute(text("UPDATE process_instance SET status = 'terminated' WHERE id = :id"), {"id": case})
    assert state(company, case) == "paid"
