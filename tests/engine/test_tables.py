"""Decision tables that are looked up late: versions, who is first, and what a running case is decided by."""

import datetime as dt
import threading
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from tests.engine.bpmn import diagram
from tests.engine.company import START, Company, company
from workflows.engine.bpmn.diagrams import read_diagram
from workflows.engine.language.sheets import Label, Row, read_sheet, rewritten
from workflows.engine.model import HistoryEvent
from workflows.engine.tables import (
    DecisionVersion,
    Unsound,
    change_table,
    newest,
    newest_versions,
    publish,
    rows_of,
    versions,
    with_rows,
)
from workflows.kernel.errors import Invalid, NotFound, StaleRevision

AUTHORITY = (Path(__file__).parent / "diagrams" / "purchase_authority.dmn").read_text()
LATER = START + dt.timedelta(days=1)

#: The limit of what is not urgent is raised from 10,000 to 20,000.
RAISED = [
    Row(("< 20000", "false"), ('"manager"',)),
    Row((">= 20000", "false"), ('"director"',)),
    Row(("<= 50000", "true"), ('"manager"',)),
    Row(("> 50000", "true"), ('"director"',), Label("很大", "Very large")),
]


def files(binding: str = "latest") -> dict[str, str]:
    """Ask, decide, ask again: what is decided comes after a person's answer."""
    nodes = [
        "start:begin",
        "user:ask lane=sales_manager",
        f"rule:who_decides decision=purchase_authority binding={binding}",
        "user:tell lane=sales_director",
        "end:done",
    ]
    drawn = diagram("p", nodes, ["begin -> ask", "ask -> who_decides", "who_decides -> tell", "tell -> done"])
    return {**drawn, "purchase_authority.dmn": AUTHORITY}


def firm(session: Session, folder: Path, binding: str = "latest", amount: str = "15000") -> Company:
    facts = {"amount": Decimal(amount), "is_urgent": False}
    return company(session, folder, files(binding), facts=lambda step: facts)


def change(session: Session, rows: list[Row], actor_id: int, expected: int = 1, reason: str = "prices rose") -> int:
    return change_table(
        session, "p", "purchase_authority", rows, expected=expected, reason=reason, actor_id=actor_id, now=LATER
    )


def decided(session: Session, case: int) -> dict[str, Any]:
    query = select(HistoryEvent.details).where(HistoryEvent.instance_id == case, HistoryEvent.kind == "decided")
    return session.scalars(query).one()


def test_a_table_comes_with_its_diagram_as_version_1(session: Session, tmp_path: Path) -> None:
    firm(session, tmp_path)
    [row] = versions(session, "p", "purchase_authority")
    assert (row.version, row.changed_by_id, row.changed_at, row.reason) == (1, None, START, "")
    assert row.text == AUTHORITY


def test_a_table_that_is_pinned_has_no_versions(session: Session, tmp_path: Path) -> None:
    firm(session, tmp_path, binding="deployment")
    assert newest(session, "p", "purchase_authority") is None
    with pytest.raises(NotFound):
        versions(session, "p", "purchase_authority")


def test_a_changed_limit_holds_for_the_next_decision_of_a_case_that_runs(session: Session, tmp_path: Path) -> None:
    sales = firm(session, tmp_path)
    old, new = sales.start().instance_id, sales.start().instance_id
    sales.complete(sales.open_task(old))
    assert change(session, RAISED, sales.ids["ge"]) == 2
    sales.complete(sales.open_task(new))
    # 15,000: above the old limit of 10,000, below the new one of 20,000.
    assert decided(session, old) == {
        "table": "purchase_authority",
        "version": 1,
        "rules": [decided(session, old)["rules"][0]],
        "facts": {"amount": "15000", "is_urgent": "False"},
        "answers": {"authority": "director"},
    }
    assert decided(session, new)["version"] == 2
    assert decided(session, new)["rules"] == [1]
    assert decided(session, new)["answers"] == {"authority": "manager"}


def test_a_pinned_table_stays_what_it_was(session: Session, tmp_path: Path) -> None:
    sales = firm(session, tmp_path, binding="deployment")
    case = sales.start().instance_id
    session.add(
        DecisionVersion(
            process_key="p",
            decision_id="purchase_authority",
            version=1,
            text=rewritten(AUTHORITY, "purchase_authority.dmn", RAISED),
            changed_at=START,
        )
    )
    session.flush()
    sales.complete(sales.open_task(case))
    assert decided(session, case)["version"] is None
    assert decided(session, case)["answers"] == {"authority": "director"}


def test_what_people_set_outlives_the_next_deployment(session: Session, tmp_path: Path) -> None:
    sales = firm(session, tmp_path)
    change(session, RAISED, sales.ids["ge"])
    lowered = {**files(), "purchase_authority.dmn": AUTHORITY.replace("50000", "40000")}
    publish(session, read_diagram(lowered, "p"), now=LATER)
    assert [each.version for each in versions(session, "p", "purchase_authority")] == [2, 1]


def test_a_table_that_nobody_has_changed_follows_its_file(session: Session, tmp_path: Path) -> None:
    firm(session, tmp_path)
    lowered = {**files(), "purchase_authority.dmn": AUTHORITY.replace("50000", "40000")}
    publish(session, read_diagram(lowered, "p"), now=LATER)
    publish(session, read_diagram(lowered, "p"), now=LATER)
    assert [each.version for each in versions(session, "p", "purchase_authority")] == [2, 1]


def test_a_table_of_other_columns_gives_way_to_the_file(session: Session, tmp_path: Path) -> None:
    sales = firm(session, tmp_path)
    change(session, RAISED, sales.ids["ge"])
    renamed = {**files(), "purchase_authority.dmn": AUTHORITY.replace("is_urgent", "is_pressing")}
    publish(session, read_diagram(renamed, "p"), now=LATER)
    assert versions(session, "p", "purchase_authority")[0].version == 3
    found = newest(session, "p", "purchase_authority")
    assert found is not None
    assert [column.fact for column in found.table.inputs] == ["amount", "is_pressing"]


def test_rows_are_written_and_read_again_with_their_remarks(session: Session, tmp_path: Path) -> None:
    sales = firm(session, tmp_path)
    change(session, RAISED, sales.ids["ge"])
    version = newest_versions(session)[0]
    assert (version.version, version.reason, version.changed_by_id) == (2, "prices rose", sales.ids["ge"])
    assert rows_of(version) == tuple(RAISED)
    before, after = (read_sheet(text, "purchase_authority.dmn") for text in (AUTHORITY, version.text))
    assert (before.inputs, before.outputs, before.label) == (after.inputs, after.outputs, after.label)


def test_the_second_of_two_editors_is_refused(session: Session, tmp_path: Path) -> None:
    sales = firm(session, tmp_path)
    change(session, RAISED, sales.ids["ge"])
    with pytest.raises(StaleRevision):
        change(session, list(reversed(RAISED)), sales.ids["admin"], expected=1)
    assert len(versions(session, "p", "purchase_authority")) == 2


def test_of_two_editors_at_the_same_moment_one_is_refused(own_database: str, tmp_path: Path) -> None:
    database = create_engine(own_database)
    with Session(database) as session:
        sales = firm(session, tmp_path)
        who = sales.ids["ge"]
        session.commit()
    ready, results = threading.Barrier(2), []

    def edit(rows: list[Row]) -> None:
        with Session(database) as session:
            ready.wait()
            try:
                results.append(change(session, rows, who))
                session.commit()
            except StaleRevision:
                results.append(0)

    threads = [threading.Thread(target=edit, args=(rows,)) for rows in (RAISED, list(reversed(RAISED)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    database.dispose()
    assert sorted(results) == [0, 2]


def test_a_gap_and_an_overlap_are_named_by_example_and_nothing_is_kept(session: Session, tmp_path: Path) -> None:
    sales = firm(session, tmp_path)
    gap = [Row(("< 20000", "false"), ('"manager"',)), Row(("> 20000", "false"), ('"director"',)), *RAISED[2:]]
    with pytest.raises(Unsound) as refusal:
        change(session, gap, sales.ids["ge"])
    assert refusal.value.fault.rows == ()
    assert refusal.value.fault.example == (Decimal(20000), False)
    overlap = [Row(("<= 20000", "false"), ('"manager"',)), *RAISED[1:]]
    with pytest.raises(Unsound) as refusal:
        change(session, overlap, sales.ids["ge"])
    assert refusal.value.fault.rows == (1, 2)
    assert refusal.value.fault.example == (Decimal(20000), False)
    assert len(versions(session, "p", "purchase_authority")) == 1


def test_every_cell_that_can_not_be_read_is_named() -> None:
    rows = [
        Row(("< 20,000", "false"), ('"manager"',)),
        Row((">= 20000", "maybe"), ("director",)),
        Row(("1" * 300, "true"), ('"x"',)),
    ]
    with pytest.raises(Invalid) as refusal:
        with_rows(AUTHORITY, "purchase_authority", rows)
    assert set(refusal.value.fields) == {"row_1.amount", "row_2.is_urgent", "row_2.authority", "row_3.amount"}


def test_an_answer_that_the_table_does_not_know_is_refused() -> None:
    listed = AUTHORITY.replace(
        'name="authority" typeRef="string"/>',
        'name="authority" typeRef="string"><outputValues><text>"manager", "director"</text></outputValues></output>',
    )
    assert listed != AUTHORITY
    with_rows(listed, "purchase_authority", RAISED)
    with pytest.raises(Invalid) as refusal:
        with_rows(listed, "purchase_authority", [*RAISED[:3], Row(("> 50000", "true"), ('"chairman"',))])
    assert set(refusal.value.fields) == {"row_4.authority"}


@pytest.mark.parametrize("rows", [[], [Row(("-", "-"), ('"manager"',))] * 501])
def test_a_table_without_rows_and_one_of_too_many_are_refused(rows: list[Row]) -> None:
    with pytest.raises(Invalid) as refusal:
        with_rows(AUTHORITY, "purchase_authority", rows)
    assert set(refusal.value.fields) == {"rows"}


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_a_change_has_a_reason(session: Session, tmp_path: Path, reason: str) -> None:
    sales = firm(session, tmp_path)
    with pytest.raises(Invalid) as refusal:
        change(session, RAISED, sales.ids["ge"], reason=reason)
    assert set(refusal.value.fields) == {"reason"}


def test_the_same_rows_again_are_no_new_version(session: Session, tmp_path: Path) -> None:
    sales = firm(session, tmp_path)
    [version] = versions(session, "p", "purchase_authority")
    with pytest.raises(Invalid):
        change(session, list(rows_of(version)), sales.ids["ge"])
    assert len(versions(session, "p", "purchase_authority")) == 1


def test_signs_of_the_file_format_in_a_cell_stay_text() -> None:
    odd = Row(("< 20000", "false"), ('"a]]></text>&amp;<b>"',), Label("<rule>", "&"))
    text, table = with_rows(AUTHORITY, "purchase_authority", [odd, *RAISED[1:]])
    assert table.rules[0].answers == ("a]]></text>&amp;<b>",)
    assert read_sheet(text, "purchase_authority.dmn").rows[0] == odd
