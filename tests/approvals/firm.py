"""What the tests about colleagues ask the database."""

from typing import Any

from tests.pages.office import Office


def tasks(office: Office, case: int, *statuses: str) -> list[Any]:
    """Id, login of the holder, kind and status of a case's tasks, in the order in which they were made."""
    return office.sql(
        "SELECT t.id, e.login, t.kind, t.status FROM user_task t LEFT JOIN employee e ON e.id = t.assignee_id"
        " WHERE t.instance_id = :case AND t.status = ANY(:statuses) ORDER BY t.id",
        case=case, statuses=list(statuses or ("open", "waiting")),
    )  # fmt: skip


def holders(office: Office, case: int) -> list[Any]:
    """Login, kind and status of what is asked now or later."""
    return [tuple(row[1:]) for row in tasks(office, case)]


def task_of(office: Office, case: int, login: str) -> int:
    """The task of a person that is asked now or later."""
    return next(int(row[0]) for row in tasks(office, case) if row[1] == login)


def disable(office: Office, login: str) -> None:
    """Close somebody's account."""
    office.sql("UPDATE employee SET active = false WHERE login = :login", login=login)
