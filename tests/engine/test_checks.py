"""What is refused when a diagram is deployed: at which element, and why."""

import pytest

from tests.engine.bpmn import diagram, signers
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
LISTED = signers().replace("></multi", "><loopCardinality>2</loopCardinality></multi")


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
        (f'<userTask id="odd">{LISTED}</userTask>', "loopCardinality is not supported"),
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


VOTE = "user:vote lane=sales_manager approval=true | "


def test_an_approval_may_be_signed_by_several_people_of_a_list_that_somebody_gives():
    assert between(VOTE + signers("all", sequential=True)) == []
    assert between(VOTE + signers("vote", share="2/3", people="begin.signers")) == []
    assert_refused(between(VOTE + signers(people="nobody.signers")), "vote", "'nobody'")
    assert_refused(between(VOTE + signers(people="'signers'")), "vote", "one that somebody gives")


@pytest.mark.parametrize("share", ["4/3", "0/2", "0.5", "2/0", "two thirds", ""])
def test_a_share_of_votes_is_a_fraction_of_at_most_one(share):
    assert_refused(between(VOTE + signers("vote", share=share or " ")), "vote", "fraction of at most one")


def test_signing_is_refused_where_it_means_nothing():
    assert_refused(between(VOTE + signers("some")), "vote", "sign is one of")
    assert_refused(between(VOTE + signers("any", sequential=True)), "vote", "One after the other")
    assert_refused(between("user:vote lane=sales_manager | " + signers()), "vote", "Only an approval")
    service = f"service:vote implementation=purchase.book | {signers()}"
    assert_refused(between(service), "vote", "Only an approval")


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ("signature=required", "say salesflow:approval"),
        ("approval=true atDeadline=explode escalateAfter=2", "atDeadline is one of"),
        ("approval=true atDeadline=approve", "needs a deadline"),
        ("atDeadline=approve escalateAfter=2", "Only an approval can be decided"),
        ("approval=true signature=required atDeadline=approve escalateAfter=2", "by the clock"),
        ("copyTo=cook", "'cook'"),
        ("repeatable=true", "Only a service task"),
        ("samePerson=perhaps", "samePerson is one of ask, skip"),
        ("starterDecides=perhaps", "starterDecides is one of skip, superior"),
        ("disabledPerson=perhaps", "disabledPerson is one of delegate, superior"),
        ("nobodyFound=Nobody!", "somebody's login"),
        ("approval=true signature=required samePerson=skip", "not left out"),
    ],
)
def test_what_a_step_says_about_approving_has_to_fit_together(attributes, reason):
    assert_refused(between(f"user:vote lane=sales_manager {attributes}"), "vote", reason)


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


def test_a_binding_stands_at_business_rule_tasks_only_and_is_deployment_or_latest():
    text = (FOLDER / "purchase_authority.dmn").read_text()

    def of(binding):
        nodes = ["start:begin", f"rule:limit decision=purchase_authority binding={binding}", "end:done"]
        files = diagram("p", nodes, ["begin -> limit", "limit -> done"])
        return refusals({**files, "purchase_authority.dmn": text})

    assert_refused(of("newest"), "limit", "A binding is deployment or latest")
    assert of("deployment") == []
    assert_refused(between("user:ask lane=sales_manager binding=latest"), "ask", "which version of a table")
