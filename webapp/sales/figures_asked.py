"""What a request asks of the figures of sales: a period and a department of those that the reader sees."""

from dataclasses import dataclass

from flask import request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from forms.sale_figures import SaleFiguresForm
from webapp.clock import request_today
from webapp.errors import told
from webapp.i18n import localized
from workflows.customers.scope import Sight, sight_of
from workflows.engine.process import Actor
from workflows.kernel.errors import Invalid
from workflows.people.directory import DepartmentNode, department_tree
from workflows.sale.figures import Asked, departments_asked


@dataclass(frozen=True, slots=True)
class Question:
    """The filters, what the reader sees, and what is asked; None where the filters do not fit."""

    form: SaleFiguresForm
    sight: Sight
    asked: Asked | None

    @property
    def person_id(self) -> int | None:
        """Whose figures alone are shown by name: one's own, for who leads nobody; None for everybody's."""
        return None if self.sight.led or self.sight.is_finance else self.sight.person_id


def question_here(session: Session, actor: Actor) -> Question:
    """What this request asks, with messages at the filters where they do not fit."""
    sight = sight_of(session, actor)
    tree = department_tree(session)
    seen = [node for node in tree if sight.departments is None or node.id in sight.departments]
    named = [(node.id, "\u2003" * node.depth + localized(node.name, node.name_en)) for node in seen]
    form = SaleFiguresForm(request.args, departments=named)
    try:
        first_on, last_on, department = form.asked(request_today())
        wanted = None if department is None else _with_all_below(tree, department)
        asked = Asked(first_on, last_on, departments_asked(sight, wanted))
    except Invalid as refusal:
        form.show({name: [told(*each) for each in messages] for name, messages in refusal.fields.items()})
        return Question(form, sight, None)
    return Question(form, sight, asked)


def described(form: SaleFiguresForm, asked: Asked) -> str:
    """What the figures are about, in one line."""
    department = next(str(choice.label) for choice in form.department.choices if choice.value == _value(form))
    return _(
        "%(first)s to %(last)s · %(department)s", first=asked.first_on, last=asked.last_on,
        department=department.strip(),
    )  # fmt: skip


def _value(form: SaleFiguresForm) -> str:
    return form.department.data or ""


def _with_all_below(tree: list[DepartmentNode], department_id: int) -> list[int]:
    """A department and all that belongs to it; the tree lists each directly followed by its own."""
    found: list[int] = []
    depth = None
    for node in tree:
        if node.id == department_id:
            depth = node.depth
        elif depth is not None and node.depth <= depth:
            break
        if depth is not None:
            found.append(node.id)
    return found
