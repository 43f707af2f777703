"""Contacts are sealed, shown masked, found by their numbers, and opened with a row that says who saw them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.customers.firm import MRS_LI, SEALS, Firm
from workflows.customers.contacts import (
    MaskedContact,
    add_contact,
    contacts_of,
    edit_contact,
    in_chain,
    last_views,
    open_contact,
    open_contacts,
    remove_contact,
)
from workflows.customers.model import Contact, ContactView
from workflows.customers.phones import digits_of, is_phone, masked_name, masked_phone
from workflows.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, StaleRevision

MR_WU = replace(MRS_LI, name="吴强", position="工程师", phone="0571-88886666-801", kind="uses")


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("138 0013 8000", "13800138000"),
        ("+86 138-0013-8000", "13800138000"),
        ("１３８００１３８０００", "13800138000"),
        ("0571-88886666-801", "057188886666"),
        ("0571-88886666 转 801", "057188886666"),
        ("(0571) 88886666 ext. 12", "057188886666"),
        ("+86 571 8888 6666", "057188886666"),
        ("+44 20 7946 0958", "442079460958"),
        ("95588", "95588"),
    ],
)
def test_a_number_is_read_however_it_is_written(written: str, digits: str) -> None:
    assert is_phone(written)
    assert digits_of(written) == digits


@pytest.mark.parametrize("written", ["", "  ", "call me", "1234", "1" * 16, "138*0013*8000", "138\n<b>", "+", "-----"])
def test_what_is_no_number_is_refused(written: str) -> None:
    assert not is_phone(written)


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading_of_a_number(written: str) -> None:
    is_phone(written)
    assert masked_phone(written) == "" or "*" in masked_phone(written)


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.lists(st.integers(1, 10), max_size=4))
def test_blanks_and_hyphens_do_not_tell_numbers_apart(number: str, gaps: list[int]) -> None:
    written = number
    for gap in sorted(set(gaps), reverse=True):
        written = f"{written[:gap]}-{written[gap:]}"
    assert SEALS.phone_key(written) == SEALS.phone_key(number) == SEALS.phone_key(f"+86 {number}")


def test_a_mask_tells_nobody_whom_to_call() -> None:
    assert masked_phone("138 0013 1234") == "138****1234"
    assert masked_phone("95588") == "****88"
    assert masked_phone("") == ""
    assert masked_name("李晓梅") == "李*"


def test_a_contact_is_sealed_under_its_own_row(company: Firm) -> None:
    company.customer()
    [row] = company.rows(Contact)
    assert "李晓梅".encode() not in row.sealed
    assert b"138" not in row.sealed
    assert "李晓梅" in SEALS.keyring.unseal(row.sealed, row=f"contact:{row.id}")
    assert (row.masked_name, row.masked_phone, row.is_main) == ("李*", "138****8000", True)


def test_opening_a_contact_writes_down_who_saw_it(company: Firm) -> None:
    customer = company.customer()
    [masked] = contacts_of(company.session, customer)
    opened = open_contact(
        company.session, masked.id, actor=company.actor("ma"), how="page", seals=SEALS, now=company.now
    )
    assert (opened.name, opened.phone, opened.position) == ("李晓梅", "138 0013 8000", "采购总监")
    [view] = last_views(company.session, customer)
    assert (view.contact_id, view.how, view.viewed_at) == (masked.id, "page", company.now)


@pytest.mark.parametrize("who", ["far", "ac", "fd", "admin"])
def test_a_contact_opens_for_nobody_outside(company: Firm, who: str) -> None:
    [masked] = contacts_of(company.session, company.customer())
    with pytest.raises(NotFound):
        open_contact(company.session, masked.id, actor=company.actor(who), how="page", seals=SEALS, now=company.now)
    assert company.rows(ContactView) == []


def test_opening_several_leaves_out_what_is_not_theirs(company: Firm) -> None:
    near, far = company.customer(), company.customer("远方有限公司", "far")
    ids = [each.id for customer in (near, far) for each in contacts_of(company.session, customer)]
    opened = open_contacts(
        company.session, ids, actor=company.actor("ma"), how="export", seals=SEALS, now=company.now
    )
    assert [each.customer_id for each in opened] == [near]
    assert [row.customer_id for row in company.rows(ContactView)] == [near]


def test_the_first_contact_is_the_main_one_and_another_takes_its_place(company: Firm) -> None:
    customer = company.customer()
    new = add_contact(
        company.session, customer, replace(MR_WU, is_main=True), seals=SEALS, actor=company.actor("sa"),
        now=company.now,
    )  # fmt: skip
    assert [(each.id == new, each.is_main) for each in contacts_of(company.session, customer)] == [
        (True, True), (False, False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"position": ""}, "position"),
        ({"phone": "call me"}, "phone"),
        ({"kind": "boss"}, "kind"),
        ({"reports_to_id": 999_999}, "reports_to_id"),
        ({"remarks": "x" * 1001}, "remarks"),
        ({"is_main": True, "phone": ""}, "phone"),
    ],
)
def test_a_bad_contact_is_refused_at_its_field(company: Firm, changes: dict[str, object], field: str) -> None:
    customer = company.customer()
    with pytest.raises(Invalid) as refused:
        add_contact(
            company.session, customer, replace(MR_WU, **changes), seals=SEALS, actor=company.actor("sa"),
            now=company.now,
        )  # fmt: skip
    assert list(refused.value.fields) == [field]
    assert len(company.rows(Contact)) == 1


def test_only_the_owner_the_assistant_and_who_leads_change_contacts(company: Firm) -> None:
    customer = company.customer()
    for who in ("sa", "as", "ma", "di", "ge"):
        add_contact(company.session, customer, MR_WU, seals=SEALS, actor=company.actor(who), now=company.now)
    for who, refusal in [("sb", NotAllowed), ("ac", NotAllowed), ("far", NotFound), ("admin", NotFound)]:
        with pytest.raises(refusal):
            add_contact(company.session, customer, MR_WU, seals=SEALS, actor=company.actor(who), now=company.now)
    assert len(company.rows(Contact)) == 6


def test_an_edit_on_an_old_revision_is_refused(company: Firm) -> None:
    [masked] = contacts_of(company.session, company.customer())
    edit_contact(
        company.session, masked.id, replace(MRS_LI, phone="139 0013 9000"), revision=1, seals=SEALS,
        actor=company.actor("sa"),
    )  # fmt: skip
    with pytest.raises(StaleRevision):
        edit_contact(company.session, masked.id, MRS_LI, revision=1, seals=SEALS, actor=company.actor("ma"))
    [row] = company.rows(Contact)
    assert (row.masked_phone, row.revision) == ("139****9000", 2)


def test_nobody_stands_above_themselves(company: Firm) -> None:
    customer = company.customer()
    [top] = contacts_of(company.session, customer)
    below = add_contact(
        company.session, customer, replace(MR_WU, reports_to_id=top.id), seals=SEALS, actor=company.actor("sa"),
        now=company.now,
    )  # fmt: skip
    for superior in (below, top.id):
        with pytest.raises(Invalid):
            edit_contact(
                company.session, top.id, replace(MRS_LI, reports_to_id=superior), revision=1, seals=SEALS,
                actor=company.actor("sa"),
            )  # fmt: skip
    assert [(each.id, each.depth) for each in contacts_of(company.session, customer)] == [(top.id, 0), (below, 1)]


def test_removing_somebody_from_the_middle_closes_the_chain(company: Firm) -> None:
    customer = company.customer()
    [top] = contacts_of(company.session, customer)
    chain = [top.id]
    for _ in range(2):
        data = replace(MR_WU, reports_to_id=chain[-1])
        chain.append(
            add_contact(company.session, customer, data, seals=SEALS, actor=company.actor("sa"), now=company.now)
        )
    remove_contact(company.session, chain[1], actor=company.actor("sa"), now=company.now)
    assert [(each.id, each.depth) for each in contacts_of(company.session, customer)] == [(chain[0], 0), (chain[2], 1)]


def test_the_main_contact_stays_while_there_are_others(company: Firm) -> None:
    customer = company.customer()
    [top] = contacts_of(company.session, customer)
    add_contact(company.session, customer, MR_WU, seals=SEALS, actor=company.actor("sa"), now=company.now)
    with pytest.raises(Conflict):
        remove_contact(company.session, top.id, actor=company.actor("sa"), now=company.now)
    assert len(contacts_of(company.session, customer)) == 2


def _contact(ident: int, above: int | None) -> MaskedContact:
    return MaskedContact(ident, 1, "李*", "", "", "", "other", above, False, 1)


def test_the_chain_is_drawn_from_the_top(company: Firm) -> None:
    drawn = in_chain([_contact(3, 1), _contact(1, None), _contact(2, 3), _contact(4, 99)])
    assert [(each.id, each.depth) for each in drawn] == [(1, 0), (3, 1), (2, 2), (4, 0)]
