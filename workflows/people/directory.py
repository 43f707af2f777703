"""Who is who: looking people and departments up by id, name and place in the company."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, lazyload

from workflows.people.model import Department, Employee, EmployeeRole

#: The picker offers this many; whoever types on gets nearer.
OFFERED = 12


@dataclass(frozen=True, slots=True)
class Person:
    """Just enough of an employee to name them."""

    id: int
    login: str
    name: str
    name_en: str
    department: str


@dataclass(frozen=True, slots=True)
class EmployeeRow:
    """One line in the list of people."""

    id: int
    login: str
    name: str
    name_en: str
    department: str
    department_en: str
    roles: tuple[str, ...]
    active: bool


@dataclass(frozen=True, slots=True)
class DepartmentNode:
    """A department with its depth in the tree, its manager and how many people work in it."""

    id: int
    name: str
    name_en: str
    parent_id: int | None
    depth: int
    manager_login: str | None
    manager_name: str | None
    manager_name_en: str | None
    people: int


def names_of(session: Session, employee_ids: Iterable[int], *, in_english: bool = False) -> dict[int, str]:
    """Employee id -> name, for the ids that exist; in English where asked for and known."""
    ids = set(employee_ids)
    if not ids:
        return {}
    rows = session.execute(select(Employee.id, Employee.name, Employee.name_en).where(Employee.id.in_(ids)))
    return {row.id: (in_english and row.name_en) or row.name for row in rows}


def employee_with_login(session: Session, login: str) -> Employee | None:
    """The employee whose login name this is, active or not."""
    return session.scalars(
        select(Employee).where(Employee.login == login.strip().lower()).options(lazyload(Employee.role_rows))
    ).one_or_none()


def pick_people(session: Session, typed: str, *, limit: int = OFFERED) -> list[Person]:
    """Active people whose name or login begins with what was typed, or who bear it anywhere in their name."""
    pattern = like_pattern(typed)
    rows = session.execute(
        select(Employee.id, Employee.login, Employee.name, Employee.name_en, Department.name.label("department"))
        .join(Department, Department.id == Employee.department_id)
        .where(
            Employee.active,
            or_(
                Employee.login.like(f"{pattern}%"),
                Employee.name.like(f"%{pattern}%"),
                Employee.name_en.ilike(f"%{pattern}%"),
            ),
        )
        .order_by(Employee.login)
        .limit(limit)
    )
    return [Person(*row) for row in rows]


def employees_page(
    session: Session,
    *,
    search: str = "",
    department_id: int | None = None,
    role: str | None = None,
    active: bool | None = True,
    after: int | None = None,
    limit: int = 50,
) -> tuple[list[EmployeeRow], int | None]:
    """One page of people in the order they came, and the key of the next page if there is one."""
    roles = (
        select(func.array_agg(EmployeeRole.role))
        .where(EmployeeRole.employee_id == Employee.id)
        .correlate(Employee)
        .scalar_subquery()
    )
    query = (
        select(
            Employee.id, Employee.login, Employee.name, Employee.name_en, Department.name.label("department"),
            Department.name_en.label("department_en"), roles.label("roles"), Employee.active,
        )
        .join(Department, Department.id == Employee.department_id)
        .order_by(Employee.id)
        .limit(limit + 1)
    )
    query = _narrowed(query, search=search, department_id=department_id, role=role, active=active)
    if after is not None:
        query = query.where(Employee.id > after)
    rows = [
        EmployeeRow(**{**row._mapping, "roles": tuple(sorted(row.roles or ()))}) for row in session.execute(query)
    ]
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


def department_tree(session: Session) -> list[DepartmentNode]:
    """Every department, each directly followed by what belongs to it."""
    people = (
        select(Employee.department_id, func.count().label("people"))
        .where(Employee.active)
        .group_by(Employee.department_id)
        .subquery()
    )
    rows = session.execute(
        select(
            Department.id, Department.name, Department.name_en, Department.parent_id,
            Employee.login, Employee.name.label("manager"), Employee.name_en.label("manager_en"),
            func.coalesce(people.c.people, 0).label("people"),
        )
        .outerjoin(Employee, Employee.id == Department.manager_id)
        .outerjoin(people, people.c.department_id == Department.id)
        .order_by(Department.id)
    ).all()
    children: dict[int | None, list[int]] = {}
    for index, row in enumerate(rows):
        children.setdefault(row.parent_id, []).append(index)
    tree: list[DepartmentNode] = []
    waiting = [(index, 0) for index in reversed(children.get(None, []))]
    while waiting:
        index, depth = waiting.pop()
        row = rows[index]
        tree.append(
            DepartmentNode(
                row.id, row.name, row.name_en, row.parent_id, depth, row.login, row.manager, row.manager_en, row.people
            )
        )
        waiting.extend((child, depth + 1) for child in reversed(children.get(row.id, [])))
    return tree


def like_pattern(typed: str) -> str:
    """What was typed, with the signs that LIKE would take for placeholders taken at their word."""
    return typed.strip().lower().replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")


def _narrowed(
    query: Select[Any], *, search: str, department_id: int | None, role: str | None, active: bool | None
) -> Select[Any]:
    conditions = []
    if search.strip():
        pattern = f"%{like_pattern(search)}%"
        conditions.append(
            or_(Employee.login.like(pattern), Employee.name.like(pattern), Employee.name_en.ilike(pattern),
                func.lower(Employee.email).like(pattern))
        )
    if department_id:
        conditions.append(Employee.department_id == department_id)
    if role:
        conditions.append(
            select(EmployeeRole.role)
            .where(EmployeeRole.employee_id == Employee.id, EmployeeRole.role == role)
            .exists()
        )
    if active is not None:
        conditions.append(Employee.active == active)
    return query.where(and_(True, *conditions))
