"""Customers from a table: what is shown beforehand, what is left out, and that all of it is done or nothing."""

import io
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.customers.shop import customer
from tests.engine.company import AUDIT_KEY, PEOPLE, START, people
from workflows.customers.contacts import open_contacts
from workflows.customers.imports import Done, Preview, confirm, keep_table, preview
from workflows.customers.model import Contact, Customer
from workflows.customers.phones import Seals
from workflows.customers.tables_in import COLUMNS, read_table
from workflows.customers.tables_model import CustomerImport
from workflows.engine.process import Actor
from workflows.kernel.crypto import Keyring
from workflows.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from workflows.kernel.sheets import read_sheet

HEADING = [column.label for column in COLUMNS]
SEALS = Seals.of(Keyring.parse(Keyring.new_key("tests")), AUDIT_KEY)


def line(name: str, **changes: Any) -> list[Any]:
    usual = {
        "客户名称": name, "行业": "制造", "等级": "a", "状态": "洽谈中", "联系人": "李明", "职位": "采购经理",
        "联系电话": "13800138000", **changes,
    }  # fmt: skip
    return [usual.get(label, "") for label in HEADING]


def file(*lines: list[Any]) -> bytes:
    book = Workbook()
    for row in (HEADING, *lines):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


class Desk:
    """The small company, and imports by the names of its people."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.ids = people(session)

    def actor(self, who: str) -> Actor:
        return Actor(self.ids[who], frozenset({PEOPLE[who][1]}))

    def keep(self, *lines: list[Any], who: str = "sa") -> int:
        rows = read_sheet(file(*lines))
        return keep_table(self.session, rows, "客户.xlsx", seals=SEALS, actor=self.actor(who), now=START)

    def look(self, ident: int, who: str = "sa") -> Preview:
        found = preview(self.session, ident, seals=SEALS, actor=self.actor(who))
        assert isinstance(found, Preview)
        return found

    def confirm(self, ident: int, digest: str, who: str = "sa") -> Done:
        return confirm(self.session, ident, digest, seals=SEALS, actor=self.actor(who), now=START)

    def customers(self) -> list[str]:
        return list(self.session.scalars(select(Customer.name).order_by(Customer.id)))


@pytest.fixture
def desk(session: Session) -> Desk:
    return Desk(session)


def test_what_is_confirmed_is_created_with_its_contact_sealed(desk: Desk) -> None:
    ident = desk.keep(
        ["填写说明：可删"], line("华为技术有限公司", 来源="展会"), line("联想集团", 等级="Ｄ", 状态="潜在")
    )
    found = desk.look(ident)
    assert [(each.row, each.values["name"]) for each in found.created] == [(3, "华为技术有限公司"), (4, "联想集团")]
    assert [(each.row, each.twin) for each in found.warned] == [(4, 3)]
    assert desk.customers() == []
    done = desk.confirm(ident, found.digest)
    assert [row[:3] for row in done.rows] == [(3, "华为技术有限公司", "created"), (4, "联想集团", "created")]
    first = desk.session.scalars(select(Customer).where(Customer.name == "华为技术有限公司")).one()
    assert (first.grade, first.standing, first.source, first.owner_id) == ("A", "negotiating", "展会", desk.ids["sa"])
    # Grade A is followed up weekly, D quarterly.
    assert (str(first.follow_up_on), first.initials) == ("2026-03-17", "hwjsyxgs")
    contact = desk.session.scalars(select(Contact).where(Contact.customer_id == first.id)).one()
    assert (contact.masked_phone, contact.is_main) == ("138****8000", True)
    [opened] = open_contacts(desk.session, [contact.id], actor=desk.actor("sa"), how="page", seals=SEALS, now=START)
    assert (opened.name, opened.phone, opened.position) == ("李明", "13800138000", "采购经理")


def test_a_repetition_gives_what_was_done_and_contacts_are_kept_no_longer(desk: Desk) -> None:
    ident = desk.keep(line("华为"))
    digest = desk.look(ident).digest
    first = desk.confirm(ident, digest)
    assert desk.confirm(ident, digest) == first
    assert desk.customers() == ["华为"]
    assert desk.session.get_one(CustomerImport, ident).sealed is None


def test_duplicates_in_the_file_and_in_the_archive_are_left_out(desk: Desk) -> None:
    customer(desk.session, desk.ids["sb"], "华为技术有限公司", now=START)
    ident = desk.keep(line("华为技术（有限公司）"), line("联想"), line(" 联 想 有限公司"))
    found = desk.look(ident)
    assert [each.values["name"] for each in found.created] == ["联想"]
    assert [(each.row, each.twin, each.owner, str(each.since)) for each in found.left] == [
        (2, None, "SB", "2026-03-10"), (4, 3, "", "None"),
    ]  # fmt: skip
    done = desk.confirm(ident, found.digest)
    assert [row[2] for row in done.rows] == ["left", "created", "left"]


def test_every_problem_names_row_and_column_and_nothing_can_be_confirmed(desk: Desk) -> None:
    ident = desk.keep(
        line("华为"), line("", 联系电话="call me"), line("联想", 等级="E", 状态="好", 邮箱="x", 负责人账号="nobody")
    )
    found = desk.look(ident)
    assert [(each.row, each.column, each.label) for each in found.problems] == [
        (3, "A", "客户名称"), (3, "G", "联系电话"), (4, "C", "等级"), (4, "D", "状态"), (4, "H", "邮箱"),
        (4, "L", "负责人账号"),
    ]  # fmt: skip
    with pytest.raises(Conflict), desk.session.begin_nested():
        desk.confirm(ident, found.digest)
    assert desk.customers() == []


def test_an_archive_that_changed_since_the_preview_is_looked_at_again(desk: Desk) -> None:
    ident = desk.keep(line("华为"), line("联想"))
    digest = desk.look(ident).digest
    customer(desk.session, desk.ids["sb"], "联想", now=START)
    with pytest.raises(Conflict, match="changed since"), desk.session.begin_nested():
        desk.confirm(ident, digest)
    assert desk.customers() == ["联想"]
    desk.confirm(ident, desk.look(ident).digest)
    assert desk.customers() == ["联想", "华为"]


def test_only_leaders_give_customers_to_others(desk: Desk) -> None:
    assert [each.label for each in desk.look(desk.keep(line("华为", 负责人账号="sb"))).problems] == ["负责人账号"]
    ident = desk.keep(line("华为", 负责人账号="SB"), who="ma")
    desk.confirm(ident, desk.look(ident, "ma").digest, "ma")
    assert desk.session.scalars(select(Customer.owner_id)).one() == desk.ids["sb"]
    assert desk.look(desk.keep(line("联想", 负责人账号="ac"), who="ma"), "ma").problems[0].row == 2


def test_an_import_is_its_uploaders_alone(desk: Desk) -> None:
    ident = desk.keep(line("华为"))
    with pytest.raises(NotFound):
        desk.look(ident, "sb")
    with pytest.raises(NotAllowed):
        desk.keep(line("华为"), who="ac")


@pytest.mark.parametrize(
    ("heading", "message"),
    [
        (["客户名称", "行业"], "The column “等级” is missing. Use the template."),
        ([*HEADING, "颜色"], "Row 1, column M: there is no column called “颜色”. Use the template."),
        ([*HEADING, "客户 名称*"], "Row 1, column M: the column “客户 名称*” is there twice."),
        (HEADING, "There are no customers below the heading."),
    ],
)
def test_a_heading_that_does_not_fit_is_refused(heading: list[str], message: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_table(read_sheet(",".join(heading).encode()))
    assert str(refused.value) == message


def test_columns_may_stand_in_any_order_and_in_english() -> None:
    labels = [column.label_en for column in reversed(COLUMNS)]
    values = dict(zip(HEADING, line("华为"), strict=True))
    cells = [values[column.label] for column in reversed(COLUMNS)]
    table = read_table(read_sheet("\n".join([";".join(labels), ";".join(cells)]).encode()))
    assert (table.problems, table.lines[0].values["name"]) == ([], "华为")


def test_five_thousand_customers_are_taken_in_at_once(desk: Desk) -> None:
    rows = [line(f"客户第{number}号", 联系电话=f"138{number:08}") for number in range(5000)]
    ident = desk.keep(*rows)
    found = desk.look(ident)
    desk.confirm(ident, found.digest)
    assert desk.session.scalar(select(func.count()).select_from(Contact)) == 5000
