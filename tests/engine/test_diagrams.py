"""Reading a diagram, what it calls and its decision tables, and refusing XML that is not safe."""

from pathlib import Path

import pytest

from tests.engine.bpmn import HEAD, diagram
from workflows.engine.bpmn.diagrams import BadDiagram, digest_of, load_folder, read_diagram
from workflows.engine.bpmn.elements import Timer
from workflows.engine.safe_xml import LARGEST_FILE, parse_xml

FOLDER = Path(__file__).parent / "diagrams"


@pytest.fixture(scope="module")
def files():
    return load_folder(FOLDER, "purchase")


@pytest.fixture(scope="module")
def purchase(files):
    return read_diagram(files, "purchase")


def test_the_folder_gives_the_diagram_what_it_calls_and_its_tables_and_nothing_else(files):
    assert set(files) == {"purchase.bpmn", "bookkeeping.bpmn", "purchase_authority.dmn"}


def test_a_diagram_knows_its_names_readers_start_and_called_processes(purchase):
    assert (purchase.name("zh_Hans"), purchase.name("en")) == ("采购申请", "Purchase")
    assert purchase.readers == ("accountant",)
    assert purchase.start_id == "request_purchase"
    assert purchase.called == ("bookkeeping",)
    assert list(purchase.tables) == ["purchase_authority"]
    assert purchase.unsupported == ()


def test_a_user_task_carries_its_lane_form_and_deadlines(purchase):
    task = purchase.element("approve_purchase")
    assert (task.kind, task.role, task.assign, task.form) == ("userTask", "sales_manager", "line", "approve_purchase")
    assert (task.remind_after, task.escalate_after) == (2, 4)
    assert (task.name("zh_Hans"), task.name("en")) == ("经理审批", "Manager approval")


def test_an_element_in_a_subprocess_inherits_the_lane_of_the_subprocess(purchase):
    task = purchase.element("check_goods")
    assert (task.parent, task.role, task.assign) == ("delivery", "sales_manager", "line")


def test_only_the_start_of_the_case_and_user_tasks_have_forms(purchase):
    assert [each.id for each in purchase.elements if each.form] == [
        "request_purchase", "approve_purchase", "check_goods"
    ]  # fmt: skip


def test_a_boundary_timer_knows_its_host_its_text_and_that_it_does_not_interrupt(purchase):
    late = purchase.element("goods_late")
    assert (late.attached_to, late.interrupting, late.events) == ("await_goods", False, ("timer",))
    assert late.timer == Timer("date", "workdays(3)")


def test_a_receive_task_a_service_task_and_a_call_name_what_they_refer_to(purchase):
    assert purchase.element("await_goods").message == "goods_arrived"
    assert purchase.element("book_purchase").implementation == "purchase.book"
    assert purchase.element("record_purchase").calls == "bookkeeping"
    assert purchase.element("who_decides").decision == "purchase_authority"


def test_flows_carry_their_conditions_and_labels(purchase):
    refused, approved = sorted(purchase.leaving("is_approved"), key=lambda flow: flow.target, reverse=True)
    assert (refused.id, refused.condition, refused.name("en")) == ("refused", None, "")
    assert approved.condition == 'approve_purchase.decision == "approve"'
    assert (approved.name("zh_Hans"), approved.name("en")) == ("同意", "Yes")


def test_the_drawing_for_english_readers_has_english_names(purchase):
    assert 'name="Manager approval"' in purchase.xml_for("en")
    assert 'name="经理审批"' in purchase.xml_for("zh_Hans")
    assert 'name="Book"' in purchase.xml_for("en", "bookkeeping")


def test_the_digest_depends_on_names_and_texts_but_not_on_order_or_line_endings(files):
    turned = dict(reversed(files.items()))
    assert digest_of(turned) == digest_of(files)
    assert digest_of({"a": "x\r\ny"}) == digest_of({"a": "x\ny"})
    assert digest_of({"a": "bc"}) != digest_of({"ab": "c"})
    assert digest_of({**files, "purchase.bpmn": files["purchase.bpmn"] + " "}) != digest_of(files)


def test_a_missing_called_diagram_is_refused_at_the_call(files):
    without = {name: text for name, text in files.items() if name != "bookkeeping.bpmn"}
    with pytest.raises(BadDiagram) as refusal:
        read_diagram(without, "purchase")
    assert refusal.value.element_id == "record_purchase"


def test_a_call_that_leads_out_of_the_folder_is_refused(tmp_path):
    (tmp_path / "p.bpmn").write_text(
        diagram("p", ["start:begin", "call:escape calledElement=../secret", "end:done"], [])["p.bpmn"]
    )
    with pytest.raises(BadDiagram, match="is not a key"):
        load_folder(tmp_path, "p")


def test_a_process_named_other_than_its_file_is_refused():
    files = {"p.bpmn": diagram("q", ["start:begin", "end:done"], ["begin -> done"])["q.bpmn"]}
    with pytest.raises(BadDiagram, match="must have the id 'p'"):
        read_diagram(files, "p")


@pytest.mark.parametrize("starts", [0, 2])
def test_a_process_without_exactly_one_start_is_refused(starts):
    files = diagram("p", [f"start:begin{number}" for number in range(starts)] + ["end:done"], [])
    with pytest.raises(BadDiagram, match="one start event"):
        read_diagram(files, "p")


def test_an_element_in_two_lanes_is_refused():
    text = diagram("p", ["start:begin", "user:ask lane=hr"], ["begin -> ask"])["p.bpmn"]
    second = '<lane id="other"><flowNodeRef> ask </flowNodeRef></lane></laneSet>'
    with pytest.raises(BadDiagram, match="two lanes"):
        read_diagram({"p.bpmn": text.replace("</laneSet>", second)}, "p")


def test_a_deadline_that_is_no_number_is_refused_at_its_task():
    with pytest.raises(BadDiagram) as refusal:
        read_diagram(diagram("p", ["start:begin", "user:ask remindAfter=soon"], []), "p")
    assert refusal.value.element_id == "ask"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('<!DOCTYPE x [<!ENTITY a "b">]><x a="&a;"/>', "document type"),
        ('<?xml version="1.0"?><!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><x/>', "document type"),
        ("<!doctype x><x/>", "document type"),
        ("<x>&unknown;</x>", "well-formed"),
        ("<x>", "well-formed"),
        ("", "well-formed"),
        ("no xml", "well-formed"),
        ("<x>\x00</x>", "well-formed"),
        ("<x>\ud800</x>", "well-formed"),
        ("<x>" * 300 + "</x>" * 300, "well-formed"),
        (f"<x>{'y' * LARGEST_FILE}</x>", "larger than"),
        (f"<x>{'<y/>' * 20_000}</x>", "elements"),
        ("<x/>", "not a BPMN"),
        (f"{HEAD}</definitions>", "one process"),
        (f"{HEAD}<process id='a'/><process id='b'/></definitions>", "one process"),
        (f"{HEAD}<process/></definitions>", "has no id"),
    ],
)
def test_a_text_that_is_not_a_safe_diagram_is_refused(text, reason):
    with pytest.raises(BadDiagram, match=reason) as refusal:
        read_diagram({"p.bpmn": text}, "p")
    assert refusal.value.code == "bad_diagram"


def test_another_encoding_in_the_declaration_hides_nothing():
    # In UTF-7 the text would declare a document type; read as what it is, it is only text.
    root = parse_xml('<?xml version="1.0" encoding="UTF-7"?><x>+ADw-!DOCTYPE+AD4-</x>', "x")
    assert root.text == "+ADw-!DOCTYPE+AD4-"


def test_a_reference_to_a_local_file_is_not_followed(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("hidden")
    text = f'<x xmlns:i="http://www.w3.org/2001/XInclude"><i:include href="{secret}" parse="text"/></x>'
    assert "hidden" not in "".join(parse_xml(text, "x").itertext())
