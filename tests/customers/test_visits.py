"""Visits are written once, move follow-ups and registrations forwards, and bring files into the archive."""

import datetime as dt

import pytest
from sqlalchemy import insert

from tests.customers.firm import Firm
from workflows.customers.model import CustomerDocument, Registration, Visit
from workflows.customers.visits import add_files, files_of, record_visit, visits_of
from workflows.documents.files import discard_loose, loose_documents, upload
from workflows.documents.model import Document
from workflows.kernel.errors import Invalid, NotAllowed, NotFound
from workflows.products.model import ProductLine

PDF = b"%PDF-1.4\n%%EOF\n"
TODAY = dt.date(2026, 3, 10)


def visit(company: Firm, customer: int, who: str = "sa", **changes: object) -> int:
    fields = {
        "instance_id": None, "kind": "visit", "visited_on": TODAY, "visitors": "Sa", "content": "谈年卡",
        "result": "要方案", "problems": "", "documents": [], **changes,
    }  # fmt: skip
    return record_visit(
        company.session, customer_id=customer, actor=company.actor(who), now=company.now, **fields  # type: ignore[arg-type]
    )


def registration(company: Firm, customer: int, who: str = "sa", line: str = "年卡") -> None:
    product = company.session.execute(insert(ProductLine).values(name=line).returning(ProductLine.id)).scalar_one()
    company.session.execute(
        insert(Registration).values(
            customer_id=customer, product_line_id=product, industry="制造", need=line, owner_id=company.ids[who],
            registered_at=company.now, last_contact_on=dt.date(2026, 2, 1), lapses_on=dt.date(2026, 5, 2),
        )
    )  # fmt: skip


def test_a_visit_moves_the_follow_up_and_the_registration_of_its_owner(company: Firm) -> None:
    customer = company.customer()
    registration(company, customer)
    visit(company, customer)
    row = company.read(customer)
    # B: a fortnight after 10 March; the registration lapses 90 days after it.
    assert (row.last_contact_on, row.follow_up_on) == (TODAY, dt.date(2026, 3, 24))
    [registered] = company.rows(Registration)
    assert (registered.last_contact_on, registered.lapses_on) == (TODAY, dt.date(2026, 6, 8))


def test_an_old_visit_that_is_written_down_late_moves_nothing_back(company: Firm) -> None:
    customer = company.customer()
    visit(company, customer)
    visit(company, customer, visited_on=dt.date(2026, 1, 5))
    row = company.read(customer)
    assert (row.last_contact_on, row.follow_up_on) == (TODAY, dt.date(2026, 3, 24))


def test_a_colleagues_visit_leaves_the_owners_registration_alone(company: Firm) -> None:
    customer = company.customer()
    registration(company, customer)
    visit(company, customer, "sb")
    [registered] = company.rows(Registration)
    assert registered.lapses_on == dt.date(2026, 5, 2)
    assert company.read(customer).last_contact_on == TODAY


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"visited_on": dt.date(2026, 3, 11)}, "visited_on"),
        ({"visited_on": dt.date(1999, 12, 31)}, "visited_on"),
        ({"kind": "letter"}, "kind"),
        ({"content": " "}, "content"),
        ({"result": ""}, "result"),
        ({"visitors": "x" * 201}, "visitors"),
        ({"documents": [999_999]}, "documents"),
        ({"instance_id": 999_999}, "instance_id"),
    ],
)
def test_a_bad_visit_is_refused_at_its_field(company: Firm, changes: dict[str, object], field: str) -> None:
    customer = company.customer()
    with pytest.raises(Invalid) as refused, company.session.begin_nested():
        visit(company, customer, **changes)
    assert list(refused.value.fields) == [field]
    assert company.rows(Visit) == []
    assert company.read(customer).last_contact_on is None


def test_only_who_sells_and_sees_the_customer_records_visits(company: Firm) -> None:
    customer = company.customer()
    for who, refusal in [("ac", NotAllowed), ("far", NotFound), ("admin", NotFound)]:
        with pytest.raises(refusal):
            visit(company, customer, who)
    assert company.rows(Visit) == []


def test_files_of_the_archive_are_loose_no_more(company: Firm) -> None:
    customer = company.customer()
    sent = [
        upload(company.session, owner_id=company.ids["sa"], name=name, content=PDF, now=company.now).id
        for name in ("名片.pdf", "组织架构.pdf")
    ]
    new = visit(company, customer, documents=sent[:1])
    add_files(company.session, customer, sent[1:], actor=company.actor("sa"), now=company.now)
    assert loose_documents(company.session, company.ids["sa"], sent) == []
    discard_loose(company.session, now=company.now + dt.timedelta(days=30))
    assert [row.element_id for row in company.rows(Document)] == ["customer", "customer"]
    assert [(each.info.name, each.visit_id) for each in files_of(company.session, customer)] == [
        ("组织架构.pdf", None), ("名片.pdf", new),
    ]  # fmt: skip


def test_a_file_goes_into_one_archive_only_and_is_ones_own(company: Firm) -> None:
    customer, other = company.customer(), company.customer("远方贸易", contact=None)
    [mine, theirs] = [
        upload(company.session, owner_id=company.ids[who], name="a.pdf", content=PDF, now=company.now).id
        for who in ("sa", "sb")
    ]
    add_files(company.session, customer, [mine], actor=company.actor("sa"), now=company.now)
    for wanted in (mine, theirs):
        with pytest.raises(Invalid):
            add_files(company.session, other, [wanted], actor=company.actor("sa"), now=company.now)
    assert company.session.query(CustomerDocument).count() == 1


def test_visits_are_read_page_by_page_the_latest_first(company: Firm) -> None:
    customer = company.customer()
    days = [dt.date(2026, 3, day) for day in (1, 5, 5, 3)]
    for number, day in enumerate(days):
        visit(company, customer, visited_on=day, content=f"第 {number} 次")
    first, following = visits_of(company.session, customer, limit=2)
    assert [each.visited_on.day for each in first] == [5, 5]
    rest, end = visits_of(company.session, customer, before=following, limit=2)
    assert [each.visited_on.day for each in rest] == [3, 1]
    assert end is None


def test_the_same_visit_sent_twice_is_written_down_once(company: Firm) -> None:
    customer = company.customer()
    assert visit(company, customer) == visit(company, customer)
    assert visit(company, customer) != visit(company, customer, result="再约")
    assert visit(company, customer) != visit(company, customer, who="sb")
    assert len(visits_of(company.session, customer)[0]) == 3
