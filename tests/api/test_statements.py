"""How many statements a step costs through the API, all of it counted: token, lock, people, rows, jobs, COMMIT."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from tests.api.company import Api
from webapp.extensions import db


@contextmanager
def statements(api: Api) -> Iterator[list[str]]:
    seen: list[str] = []
    with api.app.app_context():
        engine = db.engine

    def executed(_connection, _cursor, statement, *_rest) -> None:
        seen.append(" ".join(statement.split())[:90])

    def committed(_connection) -> None:
        seen.append("COMMIT")

    def rolled_back(_connection) -> None:
        seen.append("ROLLBACK")

    hooks = (("before_cursor_execute", executed), ("commit", committed), ("rollback", rolled_back))
    for name, hook in hooks:
        event.listen(engine, name, hook)
    yield seen
    for name, hook in hooks:
        event.remove(engine, name, hook)


def test_completing_a_task_takes_six_statements_of_eight_allowed(api: Api) -> None:
    warm = api.next_task("sales_manager", api.start()["next_tasks"][0]["id"])
    api.next_task("sales_director", warm)
    task_id = api.start()["next_tasks"][0]["id"]
    with statements(api) as seen:
        assert api.complete("sales_manager", task_id).status_code == 200
    # Who the token speaks for; key and lock; who comes next; all rows; the jobs; COMMIT.
    assert len(seen) == 6, seen
    assert seen[-1] == "COMMIT"


def test_starting_a_case_stays_within_eight(api: Api) -> None:
    api.start()
    with statements(api) as seen:
        api.start()
    assert len(seen) <= 8, seen


def test_a_page_of_the_inbox_takes_two_statements_and_a_commit(api: Api) -> None:
    api.start()
    api.get("sales_manager", "/tasks")
    with statements(api) as seen:
        assert api.get("sales_manager", "/tasks").status_code == 200
    assert len(seen) == 3, seen
    assert seen[-1] == "COMMIT"
