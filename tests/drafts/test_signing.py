"""Signing an approval: asked for where the diagram says so, sealed, shown beside the decision and printed with it."""

import hashlib
import html
import json
from pathlib import Path

import pytest

from tests.api.company import STROKES
from tests.drafts.signing import awaiting_signature, have_the_general_manager_sign
from tests.pages.office import DRAWN, Office


@pytest.fixture
def office(office: Office, tmp_path: Path) -> Office:
    """The demo company, whose general manager signs."""
    have_the_general_manager_sign(office, tmp_path / "signed")
    return office


def opened(office: Office, case: int, login: str) -> int:
    """A case whose page was looked at, which is noted and is no change of the case."""
    office.page(login, f"/tasks/{office.open_task(case)}")
    return case


def test_the_page_shows_a_pad_only_where_a_signature_is_asked_for(office: Office) -> None:
    case = awaiting_signature(office)
    page = office.page("general_manager", f"/tasks/{office.open_task(case)}")
    assert "data-signature" in page
    assert "签名需要启用 JavaScript" in page
    other = office.start("salesperson2")
    assert "data-signature" not in office.page("sales_manager", f"/tasks/{office.open_task(other)}")


@pytest.mark.parametrize("said", ["", "[]", " "])
def test_an_approval_without_a_signature_is_refused_at_the_pad(office: Office, said: str) -> None:
    case = opened(office, awaiting_signature(office), "general_manager")
    before = office.snapshot()
    answer = office.decide("general_manager", case, signature=said)
    page = html.unescape(answer.get_data(as_text=True))
    assert answer.status_code == 422
    assert 'id="signature-error"' in page
    assert "请签名。" in page
    assert office.snapshot() == before
    assert office.sql("SELECT count(*) FROM signature") == [(0,)]


@pytest.mark.parametrize(
    "said",
    [
        "x", "{}", "[1]", "[[]]", "[[1]]", "[[[1]]]", "[[[1,2,3],[4,5,6]]]", "[[[1.5,2],[3,4]]]", "[[[-1,2],[3,4]]]",
        "[[[601,2],[3,4]]]", "[[[1,201],[3,4]]]", "[[[true,2],[3,4]]]", '[[["1",2],[3,4]]]', "[[[5,5]]]",
        "[[[5,5],[5,5]]]", "[" * 9000, "[[[1e400,2],[3,4]]]", json.dumps([[[n % 600, n % 200] for n in range(3000)]]),
    ],
)  # fmt: skip
def test_what_is_no_signature_is_refused(office: Office, said: str) -> None:
    case = opened(office, awaiting_signature(office), "general_manager")
    before = office.snapshot()
    answer = office.decide("general_manager", case, signature=said)
    assert answer.status_code == 422
    assert 'id="signature-error"' in answer.get_data(as_text=True)
    assert office.snapshot() == before


def test_a_signature_stands_sealed_with_its_decision_and_its_digest_in_the_history(office: Office) -> None:
    case = awaiting_signature(office)
    task = office.open_task(case)
    assert office.decide("general_manager", case, signature=json.dumps(STROKES)).status_code == 303
    [(task_id, signer, sealed, digest)] = office.sql("SELECT task_id, signed_by_id, sealed, sha256 FROM signature")
    assert (task_id, signer) == (task, office.employee_id("general_manager"))
    assert b"300" not in bytes(sealed)
    assert bytes(digest) == hashlib.sha256(DRAWN.encode()).digest()
    assert office.sql(
        "SELECT details ->> 'signature' FROM history_event WHERE task_id = :task AND kind = 'task_completed'", task=task
    ) == [(hashlib.sha256(DRAWN.encode()).hexdigest(),)]


def test_a_signature_is_shown_beside_its_decision_and_printed_with_it(office: Office) -> None:
    case = awaiting_signature(office)
    office.decide("general_manager", case, signature=DRAWN)
    [(advance,)] = office.sql("SELECT id FROM advance")
    for path in (f"/instances/{case}", f"/advances/{advance}", f"/advances/{advance}/print"):
        page = office.page("salesperson", path)
        assert page.count('<svg class="signature"') == 1, path
        assert 'd="M10 20L300 100L590 180"' in page, path
        assert "的签名" in page, path


def test_a_signature_that_was_moved_under_another_decision_is_not_shown(office: Office) -> None:
    case = awaiting_signature(office)
    office.decide("general_manager", case, signature=DRAWN)
    office.sql(
        "UPDATE signature SET task_id = (SELECT id FROM user_task WHERE element_id = 'director_opinion'), signed_at ="
        " (SELECT closed_at FROM user_task WHERE element_id = 'director_opinion')"
    )
    assert '<svg class="signature"' not in office.page("salesperson", f"/instances/{case}")


def test_a_rejection_needs_no_signature_and_keeps_none(office: Office) -> None:
    case = awaiting_signature(office)
    assert office.decide("general_manager", case, "reject", opinion="不同意", signature=DRAWN).status_code == 303
    assert office.sql("SELECT count(*) FROM signature") == [(0,)]


def test_a_step_that_asks_for_none_takes_none(office: Office) -> None:
    case = opened(office, office.start(), "sales_manager")
    before = office.snapshot()
    assert office.decide("sales_manager", case, signature=DRAWN).status_code == 422
    assert office.snapshot() == before


def test_a_form_that_comes_back_keeps_what_was_drawn(office: Office) -> None:
    case = awaiting_signature(office)
    answer = office.decide("general_manager", case, signature=DRAWN, opinion="长" * 1001)
    assert answer.status_code == 422
    assert f'name="signature" value="{DRAWN}"' in answer.get_data(as_text=True)


def test_a_step_that_is_signed_is_not_approved_in_a_batch(office: Office) -> None:
    case = awaiting_signature(office)
    task = office.open_task(case)
    assert 'form="batch"' not in office.listed("general_manager", "/inbox")
    before = office.snapshot()
    answer = office.post("general_manager", "/inbox/batch", {"task": [f"{task}.1"]})
    assert "此步骤需要手写签名" in html.unescape(answer.get_data(as_text=True))
    assert office.snapshot() == before
