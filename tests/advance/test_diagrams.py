"""The two diagrams hang together with forms, functions and templates, and their drawings are clean."""

from itertools import pairwise
from pathlib import Path

import pytest
from lxml import etree

import webapp
from forms.advance import FORMS
from forms.registry import has_form
from workflows.advance import PROCESSES
from workflows.engine.bpmn.checks import check_diagram, untranslated
from workflows.engine.bpmn.diagrams import Diagram, load_folder, read_diagram
from workflows.engine.process import Process
from workflows.people.model import Role

TEMPLATES = Path(webapp.__path__[0]) / "templates"
DI = {
    "bpmndi": "http://www.omg.org/spec/BPMN/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
    "di": "http://www.omg.org/spec/DD/20100524/DI",
}

SIDES = ("x", "y", "width", "height")

by_key = pytest.mark.parametrize("process", PROCESSES, ids=lambda process: process.key)


def diagram_of(process: Process) -> Diagram:
    return read_diagram(load_folder(process.folder, process.key), process.key)


@by_key
def test_a_diagram_may_be_deployed_and_speaks_both_languages(process: Process) -> None:
    diagram = diagram_of(process)
    check_diagram(diagram, process, has_form, [role.value for role in Role])
    assert untranslated(diagram) == []


@by_key
def test_elements_forms_functions_and_templates_are_the_same_set(process: Process) -> None:
    diagram = diagram_of(process)
    tasks = {element.id for element in diagram.user_tasks()}
    assert set(process.operations) == tasks
    assert {element for key, element in FORMS if key == process.key} == tasks | {diagram.start_id}
    assert {element.implementation for element in diagram.of_kind("serviceTask")} == set(process.services)
    for task in tasks:
        assert (TEMPLATES / "tasks" / f"{task}.html").exists(), task


@by_key
def test_everybody_is_reminded_after_two_working_days_and_deciders_escalated_after_four(process: Process) -> None:
    for element in diagram_of(process).user_tasks():
        assert element.remind_after == 2, element.id
        assert element.escalate_after == (None if element.role == "salesperson" else 4), element.id


@by_key
def test_the_drawing_shows_everything_with_straight_lines_that_cross_no_shape(process: Process) -> None:
    diagram = diagram_of(process)
    root = etree.fromstring(diagram.files[f"{process.key}.bpmn"].encode())
    shapes = {
        shape.get("bpmnElement"): tuple(float(shape.find("dc:Bounds", DI).get(side)) for side in SIDES)
        for shape in root.iterfind(".//bpmndi:BPMNShape", DI)
    }  # fmt: skip
    edges = {
        edge.get("bpmnElement"): [(float(p.get("x")), float(p.get("y"))) for p in edge.iterfind("di:waypoint", DI)]
        for edge in root.iterfind(".//bpmndi:BPMNEdge", DI)
    }
    nodes = {element.id for element in diagram.elements}
    assert set(shapes) == nodes | {lane.id for lane in diagram.lanes} | {f"{process.key}_pool"}
    assert set(edges) == {flow.id for flow in diagram.flows}
    for flow in diagram.flows:
        for (x1, y1), (x2, y2) in pairwise(edges[flow.id]):
            assert x1 == x2 or y1 == y2, f"{flow.id} is not straight"
            for node in nodes - {flow.source, flow.target}:
                x, y, width, height = shapes[node]
                is_apart = max(x1, x2) <= x or min(x1, x2) >= x + width or max(y1, y2) <= y or min(y1, y2) >= y + height
                assert is_apart, f"{flow.id} crosses {node}"
