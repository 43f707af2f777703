"""What the diagrams say stands on pages that everybody may read."""

from tests.pages.office import Office


def test_every_process_is_shown_with_its_steps_and_rules(office: Office) -> None:
    assert "/diagrams/expense_advance" in office.page("salesperson", "/diagrams")
    page = office.page("salesperson", "/diagrams/expense_advance")
    for words in ("经理审批", "manager_approval", "salesflow:samePerson", "发起人", "满 4 个工作日", "手写签名"):
        assert words in page, words
    english = office.page("salesperson", "/diagrams/expense_advance?lang=en")
    assert "The nearest Sales manager above the starter" in english


def test_a_drawing_is_given_by_version_and_language(office: Office) -> None:
    answer = office.get("salesperson", "/diagrams/expense_advance/1.xml")
    assert (answer.status_code, answer.mimetype) == (200, "application/xml")
    again = office.get(
        "salesperson", "/diagrams/expense_advance/1.xml", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert again.status_code == 304


def test_what_is_not_there_is_not_found(office: Office) -> None:
    for path in ("nothing", "expense_advance?version=99", "expense_advance?version=x", "expense_advance/99.xml",
                 "expense_advance/1.xml?called=../x"):  # fmt: skip
        assert office.get("salesperson", f"/diagrams/{path}").status_code == 404, path
