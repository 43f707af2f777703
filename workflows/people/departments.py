"""The department tree: adding, moving, renaming and removing its nodes.

A manager of a department is the first who is asked about what its people request; so a tree without circles and a
manager who can sign in matter more than how it looks.
"""

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from workflows.kernel.errors import Conflict, Invalid, NotFound
from workflows.people.directory import employee_with_login
from workflows.people.model import Department, Employee

#: Any number that no other advisory lock of the project uses.
_TREE_LOCK = 7_304


def add_department(
    session: Session, *, name: str, name_en: str = "", parent_id: int | None = None, manager_login: str = ""
) -> Department:
    """Add a node to the tree.

    :raises Invalid: at the field
    """
    department = Department(name=name, name_en=name_en)
    _write(session, department, name=name, name_en=name_en, parent_id=parent_id, manager_login=manager_login)
    return department


def edit_department(
    session: Session, department_id: int, *, name: str, name_en: str, parent_id: int | None, manager_login: str
) -> Department:
    """Rename a node, move it with all that belongs to it, or give it another manager.

    :raises Invalid: at the field; a department may not become part of itself
    """
    # One change of the tree at a time: two moves at once could close a circle that neither sees alone.
    session.execute(select(func.pg_advisory_xact_lock(_TREE_LOCK)))
    department = found_department(session, department_id)
    if parent_id is not None and _is_within(session, parent_id, department_id):
        raise Invalid.at("parent_id", "A department cannot be part of itself or of what belongs to it.")
    _write(session, department, name=name, name_en=name_en, parent_id=parent_id, manager_login=manager_login)
    return department


def remove_department(session: Session, department_id: int) -> None:
    """Remove an empty node.

    :raises Conflict: people or departments belong to it
    """
    department = found_department(session, department_id)
    people = session.scalar(select(func.count()).where(Employee.department_id == department_id)) or 0
    parts = session.scalar(select(func.count()).where(Department.parent_id == department_id)) or 0
    if people or parts:
        raise Conflict(
            "%(name)s still has %(people)s people and %(parts)s departments. Move them first.",
            name=department.name, people=people, parts=parts,
        )
    session.delete(department)
    session.flush()


def found_department(session: Session, department_id: int) -> Department:
    """The department.

    :raises NotFound: there is none of this id
    """
    department = session.get(Department, department_id)
    if department is None:
        raise NotFound("There is no such department.")
    return department


def _write(
    session: Session, department: Department, *, name: str, name_en: str, parent_id: int | None, manager_login: str
) -> None:
    if parent_id is not None and session.get(Department, parent_id) is None:
        raise Invalid.at("parent_id", "There is no such department.")
    department.manager_id = _manager_id(session, manager_login)
    department.name, department.name_en, department.parent_id = name, name_en, parent_id
    session.add(department)
    try:
        session.flush()
    except IntegrityError as violation:
        if getattr(getattr(violation.orig, "diag", None), "constraint_name", "") != "uq_department_parent_id_name":
            raise
        raise Invalid.at("name", "There is a department of this name already.") from violation


def _manager_id(session: Session, login: str) -> int | None:
    if not login:
        return None
    manager = employee_with_login(session, login)
    if manager is None:
        raise Invalid.at("manager", "There is no one with the login name %(login)s.", login=login)
    if not manager.active:
        raise Invalid.at("manager", "The account of %(name)s is disabled.", name=manager.name)
    return manager.id


def _is_within(session: Session, start_id: int, goal_id: int) -> bool:
    """Whether ``start`` is ``goal`` or belongs to it, over any number of departments."""
    up = select(Department.id, Department.parent_id).where(Department.id == start_id).cte("up", recursive=True)
    above = aliased(Department)
    up = up.union(select(above.id, above.parent_id).join(up, above.id == up.c.parent_id))
    return session.scalar(select(up.c.id).where(up.c.id == goal_id)) is not None
