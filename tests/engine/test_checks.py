"""What is refused when a diagram is deployed: at which element, and why."""

import pytest

from tests.engine.bpmn import diagram, many
from tests.engine.checking import (
    FLOWS,
    FOLDER,
    NODES,
    ROLES,
    assert_refused,
    between,
    changed,
    process_of,
    refusals,
    refusals_of,
)
from workflows.engine.bpmn.checks import check_diagram, problems, untranslated
from workflows.engine.bpmn.diagrams import BadDiagram, load_folder, read_diagram


def test_a_good_diagram_is_not_refused():
    assert refusals_of(NODES, FLOWS) == []


def test_the_purchase_with_subprocess_call_table_and_timer_is_not_refused():
    read = read_diagram(load_folder(FOLDER, "purchase"), "purchase")
    check_diagram(read, process_of(read), lambda process, element: True, ROLES)
    assert untranslated(read) == []


def test_check_diagram_raises_the_first_problem_with_element_and_reason():
    read = read_diagram(diagram("p", ["start:begin", "user:ask lane=cook", "end:done"], []), "p")
    with pytest.raises(BadDiagram) as refusal:
        check_diagram(read, process_of(read), lambda process, element: True, ROLES)
    assert refusal.value.element_id == "p_cook"
    assert refusal.value.reason == "The lane's role 'cook' is not known"
    assert str(refusal.value) == "The diagram is refused at p_cook: The lane's role 'cook' is not known"


def test_names_in_one_language_only_are_listed():
    assert untranslated(read_diagram(diagram("p", NODES, FLOWS), "p")) == ["p", "p_sales_manager", "ask"]


#: A task for each entry of a list.
LISTED = many(False, "2").replace("<loopCardinality>", "<loopDataOutputRef/><loopCardinality>")


@pytest.mark.parametrize(
    ("inside", "tag"),
    [
        ('<scriptTask id="odd"><script>1</script></scriptTask>', "Scripts are not run"),
        ('<task id="odd"/>', "task is not supported"),
        ('<manualTask id="odd"/>', "manualTask is not supported"),
        ('<sendTask id="odd"/>', "Send messages from"),
        ('<complexGateway id="odd"/>', "complexGateway is not supported"),
        ('<transaction id="odd"/>', "transaction is not supported"),
        ('<adHocSubProcess id="odd"/>', "Ad-hoc"),
        ('<dataObject id="odd"/>', "dataObject is not supported"),
        ('<dataStoreReference id="odd"/>', "dataStoreReference is not supported"),
        ('<serviceTask id="odd"><ioSpecification/></serviceTask>', "ioSpecification is not supported"),
        ('<serviceTask id="odd"><standardLoopCharacteristics/></serviceTask>', "standardLoopCharacteristics is not"),
        ('<serviceTask id="odd"><dataInputAssociation/></serviceTask>', "dataInputAssociation is not supported"),
        ('<endEvent id="odd"><errorEventDefinition/></endEvent>', "errorEventDefinition is not supported"),
        ('<endEvent id="odd"><compensateEventDefinition/></endEvent>', "compensateEventDefinition is not supported"),
        ('<subProcess id="odd" triggeredByEvent="true"/>', "event subprocess is not supported"),
        (f'<userTask id="odd">{LISTED}</userTask>', "loopDataOutputRef is not supported"),
    ],
)
def test_what_the_engine_is_not_tested_with_is_refused(inside, tag):
    text = diagram("p", NODES, FLOWS)["p.bpmn"].replace("</process>", f"{inside}</process>")
    assert_refused(refusals({"p.bpmn": text}), "odd", tag)


def test_a_script_around_a_process_is_refused_too():
    text = diagram("p", NODES, FLOWS)["p.bpmn"].replace("<process", "<itemDefinition/><process", 1)
    assert_refused(refusals({"p.bpmn": text}), "p.bpmn", "itemDefinition is not supported")


def test_a_process_that_is_not_executable_is_refused():
    text = diagram("p", NODES, FLOWS)["p.bpmn"].replace('isExecutable="true"', 'isExecutable="false"')
    assert_refused(refusals({"p.bpmn": text}), "p", "not marked as executable")


@pytest.mark.parametrize(
    "name",
    ["Activity_0gnvuqr", "activity_0gnvuqr", "Ask", "ask-him", "ask.him", "1st", "_ask", "经理", "a" * 65, "ask him"],
)
def test_an_id_that_does_not_say_what_it_names_is_refused(name):
    text = diagram("p", ["start:begin", "user:ask lane=sales_manager", "end:done"], ["begin -> ask", "ask -> done"])
    found = refusals({"p.bpmn": text["p.bpmn"].replace('"ask"', f'"{name}"').replace(">ask<", f">{name}<")})
    assert [each for each in found if each[0] == name] == [
        (name, "An id says what it names, in lower-case letters, digits and underscores")
    ]


@pytest.mark.parametrize("name", ["typename", "return", "class", "len", "workdays"])
def test_a_reserved_word_is_refused_as_an_id(name):
    assert_refused(between(f"user:{name} lane=sales_manager"), name, "reserved word")


def test_an_id_that_is_used_twice_is_refused():
    assert_refused(between("user:ask lane=sales_manager", ["end:ask"]), "ask", "used 2 times")
    assert_refused(between("user:p lane=sales_manager"), "p", "used 2 times")


def test_an_id_that_a_called_diagram_uses_as_well_is_refused():
    called = diagram("called", ["start:begin", "end:over"], ["begin -> over"])
    called = {name: text.replace('"f1"', '"g1"') for name, text in called.items()}
    nodes = ["start:begin", "call:other calledElement=called", "end:done"]
    files = diagram("p", nodes, ["begin -> other", "other -> done"])
    assert_refused(refusals({**files, **called}), "begin", "used 2 times")


def test_a_process_that_calls_itself_over_another_is_refused():
    there = diagram("p", ["start:begin", "call:other calledElement=q", "end:done"], ["begin -> other", "other -> done"])
    back = diagram("q", ["start:inner", "call:again calledElement=p", "end:over"], ["inner -> again", "again -> over"])
    found = refusals({**there, **{name: text.replace('"f', '"g') for name, text in back.items()}})
    assert_refused(found, "p", "calls itself")
    assert_refused(found, "q", "calls itself")


def test_unknown_roles_assignments_and_readers_are_refused():
    nodes, flows = ["start:begin", "user:ask lane=sales_manager", "end:done"], ["begin -> ask", "ask -> done"]
    text = diagram("p", nodes, flows, assign={"sales_manager": "anyone"})["p.bpmn"]
    text = text.replace('<process id="p"', '<process id="p" salesflow:readers="accountant spy"')
    found = refusals({"p.bpmn": text})
    assert_refused(found, "p_sales_manager", "assign is one of group, line, starter")
    assert_refused(found, "p", "The role 'spy' of its readers or starters is not known")


def test_a_user_task_outside_of_all_lanes_is_refused():
    assert_refused(between("user:ask"), "ask", "stands in no lane")


def test_missing_forms_operations_and_functions_are_refused():
    nodes = ["start:begin", "user:ask lane=sales_manager", "service:book implementation=p.book", "end:done"]
    read = read_diagram(diagram("p", nodes, ["begin -> ask", "ask -> book", "book -> done"]), "p")
    found = [
        (each.element_id, each.reason)
        for each in problems(read, process_of(read, operations=[]), lambda process, element: False, ROLES)
    ]
    assert found == [
        ("begin", "The start has no form"),
        ("ask", "The user task has no form"),
        ("ask", "The user task has no operation"),
        ("book", "The service task has no function 'p.book'"),
    ]


def test_an_operation_too_many_is_kept_for_the_cases_on_older_diagrams():
    assert refusals(diagram("p", NODES, FLOWS), operations=["ask", "asked_once"]) == []


@pytest.mark.parametrize(
    ("count", "is_fine"),
    [("3", True), ("begin.voters", True)] + [(count, False) for count in ("0", "51", "True", "'3'", "", "x y")],
)
def test_a_task_is_done_between_once_and_fifty_times(count, is_fine):
    found = between(f"user:vote lane=sales_manager | {many(False, count)}")
    assert (found == []) is is_fine
    assert {element for element, _ in found} <= {"vote"}


def each_of(collection, item="signer", extra=""):
    return (
        f"<multiInstanceLoopCharacteristics>{extra}<loopDataInputRef>{collection}</loopDataInputRef>"
        f'<inputDataItem id="{item}"/></multiInstanceLoopCharacteristics>'
    )


def test_a_task_may_be_done_for_each_entry_of_a_list_that_somebody_gives():
    vote = "user:vote lane=sales_manager | "
    assert between(vote + each_of("begin.signers")) == []
    assert_refused(between(vote + each_of("nobody.signers")), "vote", "'nobody'")
    assert_refused(between(vote + each_of("'signers'")), "vote", "one that somebody gives")
    assert_refused(between(vote + each_of("begin.signers", item="begin")), "vote", "a name of its own")
    both = each_of("begin.signers", extra="<loopCardinality>2</loopCardinality>")
    assert_refused(between(vote + both), "vote", "either so many times or once for each")


def test_only_user_tasks_are_done_several_times_and_until_something_known():
    loop = many(True, "2", "vote.decision == 'no'")
    assert between(f"user:vote lane=sales_manager | {loop}") == []
    assert_refused(between(f"service:vote implementation=purchase.book | {loop}"), "vote", "Only a user task")
    strange = many(True, "2", "nobody.decision == 'no'")
    assert_refused(between(f"user:vote lane=sales_manager | {strange}"), "vote", "'nobody'")


@pytest.mark.parametrize(
    ("node", "reason"),
    [
        ("user:ask lane=sales_manager remindAfter=0", "1 to 250 working days"),
        ("user:ask lane=sales_manager escalateAfter=251", "1 to 250 working days"),
        ("user:ask lane=sales_manager remindAfter=4 escalateAfter=2", "escalates before it reminds"),
        ("service:ask implementation=purchase.book remindAfter=2", "Only a user task"),
        ("user:ask lane=sales_manager outcome=completed", "stands at an end event"),
        ("user:ask lane=sales_manager decision=p", "Only a business rule task"),
    ],
)
def test_deadlines_outcomes_and_decisions_out_of_place_are_refused(node, reason):
    assert_refused(between(node), "ask", reason)


def test_an_unknown_outcome_is_refused():
    found = changed("end:agreed outcome=completed", "end:agreed outcome=perfect")
    assert_refused(found, "agreed", "completed or rejected")


def test_a_business_rule_task_without_its_table_or_with_a_gap_in_it_is_refused():
    assert_refused(between("rule:limit decision=limits"), "limit", "no decision table 'limits'")
    assert_refused(between("rule:limit"), "limit", "no decision table None")
    nodes = ["start:begin", "rule:limit decision=purchase_authority", "end:done"]
    files = diagram("p", nodes, ["begin -> limit", "limit -> done"])
    text = (FOLDER / "purchase_authority.dmn").read_text()
    assert refusals({**files, "purchase_authority.dmn": text}) == []
    gappy = text.replace("&gt; 50000", "&gt; 60000")
    assert_refused(
        refusals({**files, "purchase_authority.dmn": gappy}), "purchase_authority", "No row fits amount = 55000"
    )


def test_a_process_package_of_another_key_is_refused():
    read = read_diagram(diagram("p", NODES, FLOWS), "p")
    other = read_diagram(diagram("q", NODES, FLOWS), "q")
    found = [each.reason for each in problems(read, process_of(other), lambda process, element: True, ROLES)]
    assert found == ["The process package is that of 'q'"]


def test_a_pool_without_a_process_of_its_own_is_fine():
    pool = '<collaboration id="all"><participant id="bank" name="bank"/></collaboration>'
    assert refusals_of(NODES, FLOWS, extra=pool) == []
