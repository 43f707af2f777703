"""Saying on whose desk a case lies after a step: people by their names, groups by their roles."""

from flask_babel import gettext as _

from forms.people import ROLE_NAMES
from webapp.extensions import db
from webapp.i18n import current_language
from workflows.engine.submissions import Result
from workflows.people.directory import names_of


def now_with(result: Result) -> str:
    """One sentence; empty when nobody is asked next."""
    asked = [task.assignee_id for task in result.next_tasks if task.assignee_id]
    names = list(names_of(db.session(), asked, in_english=current_language() == "en").values())
    groups = {task.group_role for task in result.next_tasks if task.group_role and not task.assignee_id}
    names += [str(ROLE_NAMES.get(role, role)) for role in sorted(groups)]
    return _("Now with %(names)s.", names=_(", ").join(names)) if names else ""
