"""Random diagrams, answered in random order and taken back to random steps, without a database.

What is asked is compared with a model that knows no tree of tasks: each step is to do, asked or done, and following the
block says which are asked. A case is saved and restored before everything that happens to it.
"""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from tests.engine.company import START, decide
from tests.properties.blocks import BLOCKS, drawn
from workflows.engine.bpmn.diagrams import Diagram, read_diagram
from workflows.engine.history import Chain
from workflows.engine.process import Opening, Process
from workflows.engine.spiff.case import Case
from workflows.engine.spiff.state import Machine

MOST_STEPS = 60


class Model:
    """The block as a tree of steps in the order in which ``drawn`` numbered them, with what is done."""

    def __init__(self, block: list[Any], way: int, ids: list[str]) -> None:
        self.way = way
        self.names = iter(ids)
        self.tree = self.read(block)
        self.done: set[str] = set()

    def read(self, items: list[Any]) -> list[Any]:
        return [
            next(self.names) if isinstance(item, str) else (item[0], [self.read(inner) for inner in item[1]])
            for item in items
        ]

    def asked(self) -> set[str]:
        return self._asked(self.tree)[0]

    def _asked(self, items: list[Any]) -> tuple[set[str], bool]:
        """What is asked inside a block, and whether all of it is done."""
        for item in items:
            if isinstance(item, str):
                if item not in self.done:
                    return {item}, False
                continue
            inner = [self._asked(block) for block in self._taken(item)]
            if not all(finished for _, finished in inner):
                return set().union(*(asked for asked, _ in inner)), False
        return set(), True

    def _taken(self, item: tuple[str, list[Any]]) -> list[Any]:
        kind, blocks = item
        return [blocks[0 if self.way == 1 else 1]] if kind == "xor" else blocks

    def after(self, step: str) -> set[str]:
        """Every step that comes after one: what has to be asked again."""
        found = self._after(self.tree, step)
        assert found is not None
        return found

    def _after(self, items: list[Any], step: str) -> set[str] | None:
        for place, item in enumerate(items):
            if item == step:
                return self._all(items[place + 1 :])
            if not isinstance(item, str):
                for block in item[1]:
                    inner = self._after(block, step)
                    if inner is not None:
                        return inner | self._all(items[place + 1 :])
        return None

    def _all(self, items: list[Any]) -> set[str]:
        found: set[str] = set()
        for item in items:
            found |= {item} if isinstance(item, str) else set().union(*(self._all(block) for block in item[1]))
        return found


class Run:
    """One case of a random diagram, saved and restored before each move."""

    def __init__(self, diagram: Diagram, machine: Machine, way: int) -> None:
        tasks = [task.id for task in diagram.user_tasks()]
        operations = dict.fromkeys(tasks, decide)
        self.process = Process("p", Path(), start=lambda _, __: Opening("x"), operations=operations)
        self.diagram, self.machine = diagram, machine
        self.now = START
        self.case = self.fresh()
        self.case.begin()
        self.case.start_with({"way": way})

    def fresh(self) -> Case:
        return Case(
            session=None,  # type: ignore[arg-type]
            process=self.process, diagram=self.diagram, machine=self.machine, now=self.now, actor=None, instance_id=1,
            definition_id=1, starter_id=1, title="", revision=0, chain=Chain(b"k", 1),
        )  # fmt: skip

    def again(self) -> None:
        state = self.machine.save(self.case.workflow)
        status, outcome = self.case.status, self.case.outcome
        self.case = self.fresh()
        self.case.restore(state)
        self.case.status, self.case.outcome = status, outcome

    def asked(self) -> list[str]:
        return sorted(self.case.open_nodes().values()) if self.case.status == "running" else []


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(block=BLOCKS, way=st.sampled_from([0, 1]), data=st.data())
def test_a_case_taken_back_asks_again_what_follows_and_nothing_else(block: list[Any], way: int, data: Any) -> None:
    files = drawn(block)
    diagram = read_diagram(files, "p")
    # Steps are numbered in the order in which the block is read.
    ids = sorted((task.id for task in diagram.user_tasks()), key=lambda ident: int(ident.rpartition("_")[2]))
    model, run = Model(block, way, ids), Run(diagram, Machine(files, "p"), way)
    for _ in range(data.draw(st.integers(0, MOST_STEPS))):
        assert run.asked() == sorted(model.asked())
        if run.case.status != "running":
            break
        run.again()
        node, element = data.draw(st.sampled_from(sorted(run.case.open_nodes().items(), key=lambda each: each[1])))
        passed = run.case.passed(node)
        behind = {str(task.task_spec.bpmn_id) for task in passed}
        assert behind == {step for step in model.done if element in model.after(step)}
        move = data.draw(st.sampled_from(["answer", "answer", "back", "wait"]))
        if move == "back" and passed:
            back = data.draw(st.sampled_from(sorted(behind)))
            run.case.rewind(next(task for task in passed if task.task_spec.bpmn_id == back))
            model.done -= model.after(back) | {back}
            event("taken back")
        elif move == "wait":
            run.now += dt.timedelta(days=3)
            run.case.now = run.now
            run.again()
            run.case.let_timers_through()
        else:
            run.case.answer(run.case.ready(node), "approve", {})
            model.done.add(element)
    finish(run, model)


def finish(run: Run, model: Model) -> None:
    """From wherever it stands the case reaches its end when everybody answers."""
    while run.case.status == "running" and run.case.open_nodes():
        assert run.asked() == sorted(model.asked())
        run.again()
        node, element = min(run.case.open_nodes().items(), key=lambda each: each[1])
        run.case.answer(run.case.ready(node), "approve", {})
        model.done.add(element)
    if run.case.status == "running":
        # Only a timer beside the last step is still waited for.
        run.now += dt.timedelta(days=30)
        run.again()
        run.case.let_timers_through()
    assert (run.case.status, run.asked()) == ("completed", [])


@pytest.mark.parametrize("way", [0, 1])
def test_a_case_returns_into_a_subprocess_that_was_left(way: int) -> None:
    block: list[Any] = ["step", ("sub", [[("and", [["step"], ["step", "timed"]])]]), "step"]
    files = drawn(block)
    diagram = read_diagram(files, "p")
    run = Run(diagram, Machine(files, "p"), way)
    ids = sorted((task.id for task in diagram.user_tasks()), key=lambda ident: int(ident.rpartition("_")[2]))
    model = Model(block, way, ids)
    while run.asked() != [ids[-1]]:
        node, element = min(run.case.open_nodes().items(), key=lambda each: each[1])
        run.case.answer(run.case.ready(node), "approve", {})
        model.done.add(element)
    [node] = run.case.open_nodes()
    for back in (ids[3], ids[1]):
        run.again()
        target = run.case.newest(back)
        assert target is not None
        run.case.rewind(target)
        model.done -= model.after(back) | {back}
        assert run.asked() == sorted(model.asked())
        while run.asked() != [ids[-1]]:
            run.again()
            node, element = min(run.case.open_nodes().items(), key=lambda each: each[1])
            run.case.answer(run.case.ready(node), "approve", {})
            model.done.add(element)
    finish(run, model)
