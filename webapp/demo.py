"""Fills the demo company, once: departments, people, and some cases on their way.

The cases are made by the same operations that pages call, as the people who would make them.
"""

import datetime as dt

from flask import current_app
from flask_security import hash_password
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.demo_cases import fill_demo_cases
from webapp.demo_customers import fill_demo_customers
from webapp.demo_people import DEMO_DEPARTMENTS, DEMO_PASSWORD, DEMO_PEOPLE
from webapp.demo_products import fill_demo_products
from webapp.demo_sales import fill_demo_sales
from workflows.engine.runtime import Engine
from workflows.people.departments import add_department, edit_department
from workflows.people.model import Department, Employee
from workflows.people.operations import EmployeeData, add_employee


def fill_demo(session: Session, engine: Engine, now: dt.datetime, *, with_cases: bool = False) -> bool:
    """Fill the demo company into an empty database, on request with cases on their way; say whether it was empty.

    Does not commit. With a company in it, demo or real, nothing is touched.
    """
    if session.scalar(select(Employee.id).limit(1)) is not None:
        return False
    departments = _add_departments(session)
    _add_people(session, departments, now.date())
    _set_managers(session, departments)
    engine.deploy(session, now=now)
    fill_demo_products(session, now)
    fill_demo_customers(session, now)
    if with_cases:
        fill_demo_cases(session, engine, now)
        fill_demo_sales(session, engine, now)
    return True


def _add_departments(session: Session) -> dict[str, Department]:
    departments: dict[str, Department] = {}
    for each in DEMO_DEPARTMENTS:
        parent_id = departments[each.parent].id if each.parent else None
        departments[each.key] = add_department(session, name=each.name, name_en=each.name_en, parent_id=parent_id)
    return departments


def _add_people(session: Session, departments: dict[str, Department], today: dt.date) -> None:
    # One hash for all: it is the same password, and hashing is slow on purpose.
    password = hash_password(DEMO_PASSWORD)
    for number, each in enumerate(DEMO_PEOPLE, start=1):
        data = EmployeeData(
            login=each.login, name=each.name, name_en=each.name_en, email=f"{each.login}@example.com",
            department_id=departments[each.department].id, superior_login=each.superior, roles=set(each.roles),
            industry=each.industry, job_grade=each.job_grade, hired_on=today - dt.timedelta(days=700 + number),
            payout_account=f"6222 0202 0000 {number:04d} 中国工商银行",
        )
        employee = add_employee(session, data, keyring=current_app.extensions["keyring"])
        employee.password = password


def _set_managers(session: Session, departments: dict[str, Department]) -> None:
    for each in DEMO_DEPARTMENTS:
        parent_id = departments[each.parent].id if each.parent else None
        edit_department(
            session, departments[each.key].id, name=each.name, name_en=each.name_en, parent_id=parent_id,
            manager_login=each.manager,
        )
