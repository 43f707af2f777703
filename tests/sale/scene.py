"""The demo company with the sales that its demo shows, for tests of pages."""

import re
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text

from tests.pages.office import Office
from webapp.extensions import db


@dataclass
class Scene:
    """Who has what: the sales by stage and status, and the open task of each element."""

    office: Office
    #: (stage, status) -> ids of sales, the oldest first
    sales: dict[tuple[int, str], list[int]] = field(default_factory=dict)
    #: element id -> (task id, login)
    tasks: dict[str, tuple[int, str]] = field(default_factory=dict)

    def look(self, sql: str, **given: Any) -> list[Any]:
        """Read the database as it is now."""
        with self.office.app.app_context():
            rows = db.session.execute(text(sql), given).all()
            db.session.rollback()
        return list(rows)

    def refresh(self) -> None:
        """Find out again who is asked what."""
        self.sales.clear()
        self.tasks.clear()
        for row in self.look("SELECT id, stage, status FROM sale ORDER BY id"):
            self.sales.setdefault((row.stage, row.status), []).append(row.id)
        for row in self.look(
            "SELECT t.element_id, t.id, e.login FROM user_task t JOIN employee e ON e.id = t.assignee_id"
            " WHERE t.process_key = 'sale' AND t.status = 'open' ORDER BY t.id"
        ):
            self.tasks[row.element_id] = (row.id, row.login)

    def answer(self, element_id: str, **fields: Any) -> Any:
        """Answer the open task of an element as whoever has it, with the revision that its page shows."""
        self.refresh()
        task_id, login = self.tasks[element_id]
        revision = re.search(r'name="revision" value="(\d+)"', self.office.page(login, f"/tasks/{task_id}"))
        assert revision, "the page shows no form"
        return self.office.post(login, f"/tasks/{task_id}", {"revision": revision[1], **fields})
