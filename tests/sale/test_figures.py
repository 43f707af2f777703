"""What sales add up to, against a few sales that are counted by hand."""

import dataclasses
import datetime as dt

import pytest
from sqlalchemy import update

from tests.sale.firm import Firm
from workflows.customers.model import Customer
from workflows.customers.scope import sight_of
from workflows.kernel.errors import Invalid
from workflows.sale import figures
from workflows.sale.figures import Asked, departments_asked
from workflows.sale.model import Sale

DAY = 86_400


def asked(company: Firm, first: int = -30, last: int = 0) -> Asked:
    days = [company.today + dt.timedelta(days=each) for each in (first, last)]
    return Asked(days[0], days[1], None)


def another(company: Firm, name: str, **changes: object) -> int:
    """Register a need of another customer; gives the case."""
    return company.register(customer=company.new_customer(name), **changes)


def test_the_funnel_counts_how_far_sales_came_and_how_long_they_stayed(company: Firm) -> None:
    first = company.register()
    company.pass_time(4)
    company.answer(first, "complete_information")
    second = another(company, "海川物流有限公司", expected_amount="50000.00")
    company.act(second, "lose_sale", reason="price", words="Too dear")

    rows = figures.stage_figures(company.session, asked(company), today=company.today)

    # Two were registered, one of which was lost at once; the other left stage 1 after four days.
    assert [(row.stage, row.reached, row.lost, row.left) for row in rows] == [
        (1, 2, 1, 1), (2, 1, 0, 0), (3, 0, 0, 0), (4, 0, 0, 0), (5, 0, 0, 0),
    ]  # fmt: skip
    assert [row.expected_fen for row in rows] == [35_000_000, 30_000_000, 0, 0, 0]
    assert rows[0].median_seconds == rows[0].p90_seconds == 4 * DAY
    assert rows[1].median_seconds is None


def test_what_was_registered_outside_the_period_is_not_in_the_funnel(company: Firm) -> None:
    company.register()
    company.pass_time(10)
    today = company.today
    assert figures.stage_figures(company.session, asked(company, -10), today=today)[0].reached == 1
    assert figures.stage_figures(company.session, asked(company, -9), today=today)[0].reached == 0


def test_a_signed_contract_is_won_and_the_win_rate_is_of_what_was_decided(company: Firm) -> None:
    company.signed()
    lost, _open = another(company, "海川物流有限公司"), another(company, "青松食品有限公司")
    company.act(lost, "lose_sale", reason="price", words="Too dear")

    came = figures.outcome(company.session, asked(company), today=company.today)

    assert (came.registered, came.won, came.won_fen, came.lost, came.closed) == (3, 1, 30_000_000, 1, 0)
    assert came.win_rate == 0.5
    nothing = figures.outcome(company.session, asked(company, -30, -1), today=company.today)
    assert (nothing.won, nothing.lost, nothing.win_rate) == (0, 0, None)


def test_a_sale_that_was_taken_up_again_is_not_lost(company: Firm) -> None:
    case = company.register()
    company.act(case, "lose_sale", reason="price", words="Too dear")
    company.act(case, "reopen_sale", words="They called again")
    assert figures.outcome(company.session, asked(company), today=company.today).lost == 0


def test_months_hold_what_was_signed_collected_and_reversed(company: Firm) -> None:
    case = company.signed()
    company.receive(case, "100000.00")
    company.receive(case, "20000.00")
    company.act(case, "reverse_receipt", "ac", receipt=company.receipts(case)[1], reason="Another customer's")

    rows = figures.month_figures(company.session, asked(company, -45), today=company.today)

    assert [row.month for row in rows] == [dt.date(2026, 1, 1), dt.date(2026, 2, 1), dt.date(2026, 3, 1)]
    # 100,000 + 20,000 - 20,000 of the contract's 300,000.
    assert dataclasses.astuple(rows[2])[1:] == (1, 30_000_000, 10_000_000, 0)
    assert [dataclasses.astuple(row)[1:] for row in rows[:2]] == [(0, 0, 0, 0)] * 2


def test_the_forecast_is_of_open_sales_without_a_contract_by_grade_and_month(company: Firm) -> None:
    company.register(expected_amount="70000.00", expected_on="2026-04-30")
    second = another(company, "海川物流有限公司", expected_amount="10000.00", expected_on="2026-04-01")
    other = company.sale(second).customer_id
    company.session.execute(update(Customer).where(Customer.id == other).values(grade="A"))
    company.signed(another(company, "青松食品有限公司", expected_on="2026-05-01"))

    rows = figures.forecast_figures(company.session, asked(company), today=company.today)

    assert [dataclasses.astuple(row) for row in rows] == [(dt.date(2026, 4, 1), 2, 1_000_000, 7_000_000, 0, 0)]
    assert rows[0].total_fen == 8_000_000


def test_each_person_has_their_own_sales_visits_and_late_follow_ups(company: Firm) -> None:
    case = company.signed()
    company.receive(case, "30000.00")
    another(company, "海川物流有限公司", expected_amount="50000.00")
    company.pass_time(20)

    [row] = figures.person_figures(company.session, asked(company), today=company.today)

    assert row.person_id == company.ids["sa"]
    # Open are both, at 300,000 and 50,000; one visit was recorded; B customers want a contact every 14 days.
    assert (row.open, row.open_fen, row.won, row.won_fen, row.lost) == (2, 35_000_000, 1, 30_000_000, 0)
    assert (row.collected_fen, row.visits, row.overdue) == (3_000_000, 1, 2)
    assert figures.person_figures(company.session, asked(company), today=company.today, person_id=0) == []


def test_figures_are_about_the_departments_that_one_sees(company: Firm) -> None:
    case = company.register()
    sale = company.sale(case)
    sight = sight_of(company.session, company.actor("sa"))
    mine = dataclasses.replace(asked(company), departments=departments_asked(sight, None))
    assert figures.outcome(company.session, mine, today=company.today).registered == 1

    elsewhere = dataclasses.replace(mine, departments=(sale.department_id + 1_000,))
    for read in (figures.stage_figures, figures.month_figures, figures.forecast_figures, figures.person_figures):
        found = read(company.session, elsewhere, today=company.today)
        assert not any(value for row in found for value in dataclasses.astuple(row)[1:]), read.__name__
    with pytest.raises(Invalid):
        departments_asked(sight, [sale.department_id + 1_000])


def test_the_funnel_agrees_with_the_rows_however_sales_stand(company: Firm) -> None:
    cases = [another(company, f"{name}有限公司") for name in ("甲山", "乙水", "丙木", "丁火", "戊土")]
    for stage, case in enumerate(cases, 1):
        company.session.execute(update(Sale).where(Sale.instance_id == case).values(stage=stage))
    rows = figures.stage_figures(company.session, asked(company), today=company.today)
    assert [row.reached for row in rows] == [5, 4, 3, 2, 1]
