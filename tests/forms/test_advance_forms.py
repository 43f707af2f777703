"""The forms of the advance, filled by a page and by a program, accept the same and refuse the same."""

from decimal import Decimal
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from forms.base import ProcessForm
from forms.json import from_json, json_schema
from forms.registry import FORMS, form_class

REQUEST = {
    "amount": "12000.00",
    "purpose": "Visit to the Hangzhou customer",
    "spend": [{"kind": "transport", "amount": "3000"}, {"kind": "lodging", "amount": "9000.00"}],
    "return_on": "2026-04-10",
}


def errors(form: ProcessForm) -> dict[str, str]:
    """The first message at each path of a form that must be invalid."""
    assert not form.validate()
    return {path: messages[0][0] for path, messages in form.refusal().fields.items()}


def request_with(**changes: Any) -> ProcessForm:
    """A request of a program, changed in some places; None leaves a member out."""
    fields = {name: value for name, value in {**REQUEST, **changes}.items() if value is not None}
    return from_json(form_class("expense_advance", "request_advance"), fields)


def test_a_request_as_json_gives_exact_typed_values() -> None:
    form = request_with(attachments=[7, 7, 9], customer="  海康 ")
    assert form.validate()
    answer = form.answer()
    assert answer["amount"] == Decimal("12000.00")
    assert answer["spend"] == [
        {"kind": "transport", "amount": Decimal("3000.00")},
        {"kind": "lodging", "amount": Decimal("9000.00")},
    ]
    assert answer["return_on"].isoformat() == "2026-04-10"
    assert answer["attachments"] == [7, 9]
    assert answer["customer"] == "海康"


def test_a_request_as_a_page_sends_it_gives_the_same_values() -> None:
    page = MultiDict(
        [
            ("csrf_token", "x"),
            ("amount", "12,000.00"),
            ("purpose", "Visit to the Hangzhou customer"),
            ("customer", ""),
            ("spend-0-kind", "transport"),
            ("spend-0-amount", "3000"),
            ("spend-1-kind", "lodging"),
            ("spend-1-amount", "9000.00"),
            ("spend-2-kind", "meals"),
            ("spend-2-amount", ""),
            ("return_on", "2026-04-10"),
        ]
    )
    form = form_class("expense_advance", "request_advance")(page)
    assert form.validate(), form.errors
    assert {**form.answer(), "customer": ""} == {**_valid(request_with()).answer(), "customer": ""}


def _valid(form: ProcessForm) -> ProcessForm:
    assert form.validate(), form.errors
    return form


@pytest.mark.parametrize(
    ("changes", "path", "part"),
    [
        ({"amount": 12000}, "amount", "quotation marks"),
        ({"amount": 12000.0}, "amount", "quotation marks"),
        ({"amount": True}, "amount", "quotation marks"),
        ({"amount": "1e4"}, "amount", "two places"),
        ({"amount": "12000.001"}, "amount", "two places"),
        ({"amount": "-12000"}, "amount", "two places"),
        ({"amount": ""}, "amount", "fill this in"),
        ({"amount": None}, "amount", "fill this in"),
        ({"amount": "0", "spend": []}, "amount", "more than zero"),
        ({"amount": "12000.01"}, "spend", "add up to ¥12,000.00, the amount is ¥12,000.01"),
        ({"amount": "9" * 100_000}, "amount", "two places"),
        ({"purpose": "a\x00b"}, "purpose", "cannot be stored"),
        ({"purpose": "\ud800"}, "purpose", "cannot be stored"),
        ({"purpose": "  \n "}, "purpose", "fill this in"),
        ({"purpose": "a" * 501}, "purpose", "At most 500"),
        ({"purpose": ["a"]}, "purpose", "quotation marks"),
        ({"purpose": {"a": 1}}, "purpose", "quotation marks"),
        ({"customer": 5}, "customer", "quotation marks"),
        ({"spend": "transport"}, "spend", "a list"),
        ({"spend": ["transport"]}, "spend-0", "an object"),
        ({"spend": []}, "spend", "at least one kind"),
        ({"spend": [{"kind": "yacht", "amount": "12000"}]}, "spend-0-kind", "one of the options"),
        ({"spend": [{"amount": "12000"}]}, "spend-0-kind", "fill this in"),
        ({"spend": [{"kind": "meals", "amount": 12000}]}, "spend-0-amount", "quotation marks"),
        ({"spend": [{"kind": "meals", "amount": "12000", "tip": "1"}]}, "spend-0-tip", "no such field"),
        (
            {"spend": [{"kind": "meals", "amount": "6000"}, {"kind": "meals", "amount": "6000"}]},
            "spend", "each kind of expense once",
        ),
        ({"spend": [{"kind": "meals", "amount": "2000"}] * 6}, "spend", "At most 5 rows"),
        ({"return_on": "2026-02-30"}, "return_on", "2026-03-05"),
        ({"return_on": "2026-4-1"}, "return_on", "2026-03-05"),
        ({"return_on": "20260401"}, "return_on", "2026-03-05"),
        ({"return_on": "9999-12-31"}, "return_on", "2026-03-05"),
        ({"return_on": 20260401}, "return_on", "quotation marks"),
        ({"attachments": "7"}, "attachments", "a list"),
        ({"attachments": ["7"]}, "attachments", "whole number"),
        ({"attachments": [True]}, "attachments", "whole number"),
        ({"attachments": [-1]}, "attachments", "whole number"),
        ({"attachments": [2**63]}, "attachments", "whole number"),
        ({"attachments": [1.0]}, "attachments", "whole number"),
        ({"attachments": list(range(1, 22))}, "attachments", "At most 20"),
        ({"borrower": 5}, "borrower", "no such field"),
        ({"csrf_token": "x"}, "csrf_token", "no such field"),
        ({"data": "x"}, "data", "no such field"),
    ],
)  # fmt: skip
def test_a_request_that_is_wrong_in_one_place_says_so_there(changes: dict[str, Any], path: str, part: str) -> None:
    found = errors(request_with(**changes))
    assert part in found[path]


@pytest.mark.parametrize("body", [[], "x", 5, None, True])
def test_fields_that_are_no_object_are_refused(body: Any) -> None:
    assert "an object" in errors(from_json(form_class("expense_advance", "request_advance"), body))[""]


@pytest.mark.parametrize(
    "name", ["spend-²-kind", "spend-٣-amount", "spend-" + "9" * 5000 + "-kind", "spend--1-kind", "spend-", "spend"]
)
def test_a_forged_row_number_of_a_page_never_breaks_the_form(name: str) -> None:
    form = form_class("expense_advance", "request_advance")(MultiDict([(name, "meals"), ("amount", "1")]))
    assert "spend" in errors(form) or form.errors


@pytest.mark.parametrize("element", ["manager_approval", "general_manager_approval", "director_opinion"])
@pytest.mark.parametrize("decision", ["return", "reject"])
def test_returning_and_rejecting_need_a_reason(element: str, decision: str) -> None:
    form = from_json(form_class("expense_advance", element), {"decision": decision, "opinion": " "})
    assert errors(form) == {"opinion": "Please give a reason."}


def test_only_the_director_needs_an_opinion_to_approve() -> None:
    assert "written opinion" in errors(
        from_json(form_class("expense_advance", "director_opinion"), {"decision": "approve"})
    )["opinion"]  # fmt: skip
    manager = _valid(from_json(form_class("expense_advance", "manager_approval"), {"decision": "approve"}))
    assert manager.answer()["decision"] == "approve"


def test_a_decision_that_is_left_out_is_no_approval() -> None:
    assert "decision" in errors(from_json(form_class("expense_advance", "manager_approval"), {"opinion": "Fine"}))
    assert "decision" in errors(form_class("expense_advance", "manager_approval")(MultiDict()))


@pytest.mark.parametrize(
    ("fields", "resume"),
    [
        ({"decision": "return", "opinion": "Less"}, "restart"),
        ({"decision": "return", "opinion": "Less", "resume": "direct"}, "direct"),
        ({"decision": "approve", "opinion": "Good", "resume": "direct"}, None),
    ],
)
def test_where_a_request_goes_on_is_meant_only_when_it_is_returned(fields: dict[str, str], resume: str | None) -> None:
    assert _valid(from_json(form_class("expense_advance", "director_opinion"), fields)).answer()["resume"] == resume


def test_a_payment_needs_a_day_a_method_and_for_a_transfer_its_reference() -> None:
    pay = form_class("expense_advance", "pay")
    assert set(errors(from_json(pay, {"amount": "5000"}))) == {"paid_on", "method"}
    transfer = {"amount": "5000", "paid_on": "2026-03-11", "method": "bank_transfer"}
    assert set(errors(from_json(pay, transfer))) == {"reference"}
    assert _valid(from_json(pay, {**transfer, "reference": "ICBC-1"})).answer()["amount"] == Decimal("5000.00")
    assert _valid(from_json(pay, {**transfer, "method": "cash"})).answer()["method"] == "cash"


def test_the_rest_is_closed_with_a_reason_and_needs_no_payment() -> None:
    pay = form_class("expense_advance", "pay")
    assert set(errors(from_json(pay, {"close_rest": True}))) == {"close_reason"}
    assert _valid(from_json(pay, {"close_rest": True, "close_reason": "Trip was cut short"})).answer()["amount"] is None
    assert set(errors(from_json(pay, {}))) == {"amount"}
    assert set(errors(from_json(pay, {"close_rest": "yes"}))) == {"close_rest"}


def test_blank_rows_of_a_claim_count_as_not_there_and_messages_find_their_row() -> None:
    page = MultiDict(
        [
            ("advance", "3"),
            ("kind", "claim"),
            ("lines-0-kind", "transport"),
            ("lines-0-amount", ""),
            ("lines-2-kind", "meals"),
            ("lines-2-spent_on", "2026-03-04"),
            ("lines-2-amount", "120.50"),
        ]
    )
    form = _valid(form_class("advance_settlement", "settle_advance")(page))
    [line] = form.answer()["lines"]
    assert (line["row"], line["kind"], line["amount"]) == (1, "meals", Decimal("120.50"))


def test_each_kind_of_settlement_wants_its_own_fields() -> None:
    settle = form_class("advance_settlement", "settle_advance")
    assert set(errors(from_json(settle, {"advance": 1, "kind": "claim"}))) == {"lines"}
    assert set(errors(from_json(settle, {"advance": 1, "kind": "return"}))) == {"amount", "returned_on", "method"}
    assert set(errors(from_json(settle, {"advance": 1, "kind": "deduction", "amount": "5"}))) == {"consent"}
    assert set(errors(from_json(settle, {"advance": "1", "kind": "claim"}))) >= {"advance"}
    line = {"kind": "meals", "spent_on": "2026-03-04"}
    assert set(errors(from_json(settle, {"advance": 1, "kind": "claim", "lines": [line]}))) == {"lines-0-amount"}


def test_a_rejected_receipt_has_a_reason_and_an_audit_forgets_none() -> None:
    audit = form_class("advance_settlement", "audit_claim")
    rejected = {"decision": "approve", "lines": [{"line": 1, "accepted": False}]}
    assert set(errors(from_json(audit, rejected))) == {"lines-0-reason"}
    assert set(errors(from_json(audit, {"decision": "approve", "lines": [{"line": 1}]}))) == {"lines-0-accepted"}
    _valid(from_json(audit, {"decision": "reject", "opinion": "No receipts at all", "lines": []}))


def test_what_is_wrong_in_a_row_is_known_to_the_form_as_a_whole_and_said_once() -> None:
    line = {"kind": "meals", "spent_on": "2026-03-04"}
    form = from_json(
        form_class("advance_settlement", "settle_advance"), {"advance": 1, "kind": "claim", "lines": [line]}
    )
    assert not form.validate()
    assert any(form.errors.values())
    assert {path: len(messages) for path, messages in form.refusal().fields.items()} == {"lines-0-amount": 1}


@pytest.mark.parametrize("key", sorted(FORMS), ids="/".join)
def test_every_form_has_a_closed_schema(key: tuple[str, str]) -> None:
    schema = json_schema(FORMS[key])
    assert schema["additionalProperties"] is False
    assert schema["properties"]
    assert all(part.get("type") and part["title"] for part in schema["properties"].values())


def test_the_schema_of_a_request_names_its_members_as_the_api_documents_them() -> None:
    schema = json_schema(form_class("expense_advance", "request_advance"))
    assert schema["required"] == ["amount", "purpose", "return_on"]
    assert schema["properties"]["spend"]["items"]["properties"]["kind"]["enum"] == [
        "transport", "lodging", "meals", "entertainment", "other",
    ]  # fmt: skip
