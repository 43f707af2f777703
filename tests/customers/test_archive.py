"""Customers: nobody adds one twice, who may change what, grades and follow-ups, and what is still missing."""

import datetime as dt

import pytest
from sqlalchemy import insert

from tests.customers.firm import MRS_LI, SEALS, Firm
from workflows.customers import archive
from workflows.customers.archive import CompetitorData, CustomerData
from workflows.customers.duplicates import Duplicate, LooksAlike
from workflows.customers.model import Competitor, Customer, CustomerChange, Registration
from workflows.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, StaleRevision
from workflows.products.model import ProductLine

DATA = CustomerData(name="云图网络有限公司", industry="制造")


def test_a_customer_belongs_to_who_adds_it_and_is_followed_up_by_its_grade(company: Firm) -> None:
    row = company.read(company.customer())
    assert (row.owner_id, row.name_key, row.initials) == (company.ids["sa"], "云图网络", "ytwlyxgs")
    # B: fortnightly from 10 March 2026.
    assert row.follow_up_on == dt.date(2026, 3, 24)


def test_the_same_name_is_refused_naming_whose_it_is(company: Firm) -> None:
    company.customer()
    with pytest.raises(Duplicate) as refused:
        company.customer("云图网络（股份有限公司）", "far")
    assert str(refused.value) == "SA has had this customer in the archive since 2026-03-10."
    assert (refused.value.look_alike.id, refused.value.look_alike.name) == (None, None)
    assert len(company.rows(Customer)) == 1


def test_who_sees_the_other_customer_is_led_to_it(company: Firm) -> None:
    known = company.customer()
    with pytest.raises(Duplicate) as refused:
        company.customer("云图网络", "sb")
    assert refused.value.look_alike.id == known


def test_a_similar_name_is_warned_of_and_saved_when_confirmed(company: Firm) -> None:
    known = company.customer(contact=None)
    with pytest.raises(LooksAlike) as warned:
        company.customer("杭州云图网络", contact=None, is_confirmed=False)
    assert [(each.id, each.why) for each in warned.value.look_alikes] == [(known, "name")]
    with pytest.raises(LooksAlike):
        company.customer("云图", contact=None, is_confirmed=False)
    company.customer("杭州云图网络", contact=None, is_confirmed=True)
    assert len(company.rows(Customer)) == 2


def test_the_same_phone_is_warned_of(company: Firm) -> None:
    company.customer()
    with pytest.raises(LooksAlike) as warned:
        company.customer("远方贸易", "far", is_confirmed=False)
    assert [(each.id, each.name, each.owner, each.why) for each in warned.value.look_alikes] == [
        (None, None, "SA", "phone")
    ]


def test_signs_that_a_search_would_read_as_wildcards_are_signs(company: Firm) -> None:
    company.customer(contact=None)
    company.customer("%%__百分", contact=None, is_confirmed=False)
    assert len(company.rows(Customer)) == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "（）…"}, "name"),
        ({"name": " "}, "name"),
        ({"name": "云" * 121}, "name"),
        ({"industry": ""}, "industry"),
        ({"standing": "rich"}, "standing"),
        ({"grade": "E"}, "grade"),
        ({"needs": "x" * 4001}, "needs"),
    ],
)
def test_bad_data_are_refused_at_their_field(company: Firm, changes: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        company.customer(**{"name": "远方贸易", **changes})  # type: ignore[arg-type]
    assert list(refused.value.fields) == [field]
    assert company.rows(Customer) == []


def test_who_leads_or_assists_gives_customers_to_their_own_people_only(company: Firm) -> None:
    for number, who in enumerate(("ma", "as", "di")):
        company.customer(f"客户{number}号", who, owner_id=company.ids["sb"], contact=None)
    assert {row.owner_id for row in company.rows(Customer)} == {company.ids["sb"]}
    for who, owner in [("sa", "sb"), ("ma", "far"), ("as", "far")]:
        with pytest.raises(NotAllowed):
            company.customer("远方贸易", who, owner_id=company.ids[owner])
    with pytest.raises(Invalid):
        company.customer("远方贸易", "ma", owner_id=company.ids["ac"])
    assert len(company.rows(Customer)) == 3


@pytest.mark.parametrize("who", ["ac", "fd", "admin"])
def test_who_does_not_sell_keeps_no_customers(company: Firm, who: str) -> None:
    with pytest.raises(NotAllowed):
        company.customer(who=who)


def test_an_edit_notes_what_changed_and_counts_the_revision(company: Firm) -> None:
    customer = company.customer()
    changed = CustomerData(name="云图科技", industry="医疗", standing="negotiating", needs="一百个席位")
    archive.edit_customer(
        company.session, customer, changed, revision=1, seals=SEALS, actor=company.actor("as"), now=company.now,
        reason="改名",
    )  # fmt: skip
    row = company.read(customer)
    assert (row.name, row.name_key, row.pinyin, row.revision) == ("云图科技", "云图科技", "yuntukeji", 2)
    assert [(each.field, each.before, each.after) for each in company.rows(CustomerChange)] == [
        ("name", "云图网络有限公司", "云图科技"), ("industry", "制造", "医疗"),
        ("standing", "potential", "negotiating"),
    ]  # fmt: skip
    with pytest.raises(StaleRevision):
        archive.edit_customer(
            company.session, customer, DATA, revision=1, seals=SEALS, actor=company.actor("sa"), now=company.now
        )


def test_an_edit_to_another_customers_name_is_refused(company: Firm) -> None:
    company.customer()
    other = company.customer("远方贸易", contact=None)
    with pytest.raises(Duplicate):
        archive.edit_customer(
            company.session, other, DATA, revision=1, seals=SEALS, actor=company.actor("sa"), now=company.now
        )
    assert company.read(other).name == "远方贸易"


def test_colleagues_read_and_do_not_change(company: Firm) -> None:
    customer = company.customer()
    for who, refusal in [("sb", NotAllowed), ("ac", NotAllowed), ("far", NotFound)]:
        with pytest.raises(refusal):
            archive.change_grade(
                company.session, customer, "A", reason="x", actor=company.actor(who), now=company.now
            )
    assert company.read(customer).grade == "B"


def test_a_grade_changes_with_a_reason_and_counts_the_follow_up_anew(company: Firm) -> None:
    customer = company.customer()
    archive.change_grade(
        company.session, customer, "A", reason="本月签约", actor=company.actor("sa"), now=company.now
    )
    row = company.read(customer)
    # A: weekly from 10 March 2026, because there has been no contact yet.
    assert (row.grade, row.follow_up_on, row.revision) == ("A", dt.date(2026, 3, 17), 2)
    [change] = company.rows(CustomerChange)
    assert (change.field, change.before, change.after, change.reason) == ("grade", "B", "A", "本月签约")


@pytest.mark.parametrize(("grade", "reason", "field"), [("A", " ", "reason"), ("B", "x", "grade"), ("E", "x", "grade")])
def test_a_grade_without_a_reason_or_without_a_change_is_refused(
    company: Firm, grade: str, reason: str, field: str
) -> None:
    customer = company.customer()
    with pytest.raises(Invalid) as refused:
        archive.change_grade(
            company.session, customer, grade, reason=reason, actor=company.actor("sa"), now=company.now
        )
    assert list(refused.value.fields) == [field]
    assert company.rows(CustomerChange) == []


def test_a_customer_is_put_away_and_taken_out_again(company: Firm) -> None:
    customer = company.customer()
    archive.archive_customer(company.session, customer, reason="停业", actor=company.actor("sa"), now=company.now)
    with pytest.raises(Conflict):
        archive.change_grade(
            company.session, customer, "A", reason="x", actor=company.actor("sa"), now=company.now
        )
    later = company.now + dt.timedelta(days=100)
    archive.unarchive_customer(company.session, customer, reason="复业", actor=company.actor("ma"), now=later)
    row = company.read(customer)
    assert (row.archived_at, row.follow_up_on) == (None, dt.date(2026, 7, 2))  # 18 June 2026 and a fortnight
    assert [each.after for each in company.rows(CustomerChange)] == ["archived", ""]


def test_a_customer_with_a_registration_is_not_put_away(company: Firm) -> None:
    customer = company.customer()
    line = company.session.execute(insert(ProductLine).values(name="年卡").returning(ProductLine.id)).scalar_one()
    company.session.execute(
        insert(Registration).values(
            customer_id=customer, product_line_id=line, industry="制造", need="年卡", owner_id=company.ids["sa"],
            registered_at=company.now, last_contact_on=dt.date(2026, 3, 10), lapses_on=dt.date(2026, 6, 8),
        )
    )  # fmt: skip
    with pytest.raises(Conflict):
        archive.archive_customer(
            company.session, customer, reason="停业", actor=company.actor("sa"), now=company.now
        )
    assert company.read(customer).archived_at is None


def test_what_is_required_and_missing_is_named(company: Firm) -> None:
    assert archive.missing_fields(company.session, company.customer()) == []
    bare = company.customer("远方贸易", contact=None)
    assert archive.missing_fields(company.session, bare) == ["contact", "position", "phone"]
    assert archive.missing_fields(company.session, 999_999) == ["name", "contact", "position", "phone", "standing"]


def test_competitors_come_and_go(company: Firm) -> None:
    customer = company.customer()
    new = archive.add_competitor(
        company.session, customer, CompetitorData("对手公司", "同类年卡"), actor=company.actor("sa"), now=company.now
    )
    archive.remove_competitor(company.session, new, actor=company.actor("ma"), now=company.now)
    [row] = company.rows(Competitor)
    assert (row.name, row.removed_at) == ("对手公司", company.now)
    with pytest.raises(NotFound):
        archive.remove_competitor(company.session, new, actor=company.actor("ma"), now=company.now)


def test_the_contact_of_a_new_customer_is_checked_before_anything_is_written(company: Firm) -> None:
    with pytest.raises(Invalid) as refused:
        company.customer(contact=type(MRS_LI)(name="李", position="总监"))
    assert list(refused.value.fields) == ["phone"]
    assert company.rows(Customer) == []
