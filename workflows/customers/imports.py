"""Taking in customers from a table: read and kept first, shown as what it would do, then done as a whole or not at all.

A preview is kept sealed, so that what is confirmed is what was read. Its ``digest`` stands for the rows that would be
created: who confirms sends it back, and where the archive has changed since, nothing is done. What is in the archive or
further up in the file is left out; while anything is wrong in a row, nothing can be confirmed.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from workflows.customers.archive import next_follow_up
from workflows.customers.contacts import ContactData, insert_main_contacts
from workflows.customers.model import Contact, Customer, Grade
from workflows.customers.names import initials_of, pinyin_of
from workflows.customers.phones import Seals
from workflows.customers.scope import SALES_ROLES, Sight, sight_of
from workflows.customers.tables_in import Line, Problem, Table, read_table
from workflows.customers.tables_model import CustomerImport
from workflows.engine.process import Actor
from workflows.kernel.days import day_of
from workflows.kernel.errors import Conflict, NotAllowed, NotFound
from workflows.kernel.sheets import Row
from workflows.people.model import Employee, EmployeeRole, Role

KEPT_FOR = dt.timedelta(days=1)
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Left:
    """A row that is left out because the customer is there: further up in the file, or in the archive."""

    row: int
    name: str
    #: The row further up; None for the archive.
    twin: int | None
    #: Whose it is in the archive and since when.
    owner: str = ""
    owner_en: str = ""
    since: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Warned:
    """A row that is taken in although its phone number is somebody else's, too."""

    row: int
    name: str
    twin: int | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be done."""

    id: int
    file_name: str
    created: list[Line]
    left: list[Left]
    warned: list[Warned]
    problems: list[Problem]
    digest: str

    @property
    def ready(self) -> list[Line]:
        """Those of the rows that would be created in which nothing is wrong."""
        wrong = {each.row for each in self.problems}
        return [line for line in self.created if line.row not in wrong]

    @property
    def can_be_confirmed(self) -> bool:
        """Whether there is anything to do and nothing wrong."""
        return bool(self.created) and not self.problems


@dataclass(frozen=True, slots=True)
class Done:
    """What was done: of each row its number, the name, ``created`` or ``left``, and the customer's id."""

    id: int
    file_name: str
    done_at: dt.datetime
    rows: list[tuple[int, str, str, int | None]]


def keep_table(
    session: Session, rows: list[Row], file_name: str, *, seals: Seals, actor: Actor, now: dt.datetime
) -> int:
    """Keep what was read for its preview, and give its id. Raises ``Invalid`` at ``file``, ``NotAllowed``."""
    if not sight_of(session, actor).sees_contacts:
        raise NotAllowed("Only sales staff keep customers.")
    read_table(rows)
    session.execute(
        delete(CustomerImport).where(
            CustomerImport.done_at.is_(None), CustomerImport.uploaded_at < now - KEPT_FOR
        )
    )
    new = int(
        session.execute(select(func.nextval(func.pg_get_serial_sequence("customer_import", "id")))).scalar_one()
    )
    text = json.dumps([[row.number, *row.cells] for row in rows], ensure_ascii=False)
    session.execute(
        insert(CustomerImport).values(
            id=new, uploaded_by_id=actor.id, uploaded_at=now, file_name=file_name[:200],
            sealed=seals.keyring.seal(text, row=f"customer_import:{new}"),
        )
    )  # fmt: skip
    return new


def preview(session: Session, import_id: int, *, seals: Seals, actor: Actor) -> Preview | Done:
    """What an import would do, or what it did. Raises ``NotFound`` for one of somebody else."""
    row = _own(session, import_id, actor)
    return _done(row) if row.done_at is not None else _judged(session, row, seals=seals, actor=actor)


def confirm(
    session: Session, import_id: int, digest: str, *, seals: Seals, actor: Actor, now: dt.datetime
) -> Done:
    """Create every customer that the preview named, or none. A repetition gives what was done the first time.

    :raises Conflict: the archive has changed since the preview, or something is wrong in the rows
    """
    row = _own(session, import_id, actor, for_update=True)
    if row.done_at is not None:
        return _done(row)
    found = _judged(session, row, seals=seals, actor=actor)
    if not found.can_be_confirmed:
        raise Conflict("There is something to mend in the file, or nothing to create.")
    if found.digest != digest:
        raise Conflict("The archive has changed since this preview. Look at it again and confirm it then.")
    ids = _create(session, found.created, actor=actor, now=now)
    contacts = {ids[line.key]: _contact(line) for line in found.created}
    insert_main_contacts(session, contacts, seals=seals, actor_id=actor.id, now=now)
    report = sorted(
        [[line.row, line.values["name"], "created", ids[line.key]] for line in found.created]
        + [[left.row, left.name, "left", None] for left in found.left]
    )
    session.execute(
        update(CustomerImport)
        .where(CustomerImport.id == import_id)
        .values(sealed=None, done_at=now, report=report)
    )
    return _done(_own(session, import_id, actor))


def _own(session: Session, import_id: int, actor: Actor, *, for_update: bool = False) -> CustomerImport:
    query = select(CustomerImport).where(CustomerImport.id == import_id, CustomerImport.uploaded_by_id == actor.id)
    found = session.scalars(
        (query.with_for_update() if for_update else query).execution_options(populate_existing=True)
    ).one_or_none()
    if found is None or not sight_of(session, actor).sees_contacts:
        raise NotFound("There is no such import; what is not confirmed within a day is thrown away.")
    return found


def _done(row: CustomerImport) -> Done:
    assert row.done_at is not None  # noqa: S101 (asked before)
    rows = [(int(number), str(name), str(what), ident) for number, name, what, ident in row.report or []]
    return Done(row.id, row.file_name, row.done_at, rows)


def _judged(session: Session, row: CustomerImport, *, seals: Seals, actor: Actor) -> Preview:
    text = seals.keyring.unseal(row.sealed or b"", row=f"customer_import:{row.id}")
    rows = [Row(number, tuple(cells)) for number, *cells in json.loads(text)]
    table = read_table(rows)
    lines = _with_owners(session, table, actor, sight_of(session, actor))
    known = _known(session, [line.key for line in lines if line.key])
    first: dict[str, int] = {}
    created: list[Line] = []
    left: list[Left] = []
    for line in lines:
        name = line.values["name"]
        if line.key in known:
            left.append(replace(known[line.key], row=line.row, name=name))
        elif line.key and line.key in first:
            left.append(Left(line.row, name, first[line.key]))
        else:
            first[line.key] = line.row
            created.append(line)
    skipped = {each.row for each in left}
    problems = [each for each in table.problems if each.row not in skipped]
    content = json.dumps([[line.row, line.values] for line in created], ensure_ascii=False, sort_keys=True)
    return Preview(
        row.id, row.file_name, created, left, _warned(session, created, seals), problems,
        hashlib.sha256(content.encode()).hexdigest(),
    )  # fmt: skip


def _known(session: Session, keys: list[str]) -> dict[str, Left]:
    """Whose a customer of each of these names is, by its key."""
    query = (
        select(Customer.name_key, Employee.name, Employee.name_en, Customer.created_at)
        .join(Employee, Employee.id == Customer.owner_id)
        .where(Customer.name_key.in_(keys))
    )
    return {
        row.name_key: Left(0, "", None, row.name, row.name_en, day_of(row.created_at)) for row in session.execute(query)
    }


def _with_owners(session: Session, table: Table, actor: Actor, sight: Sight) -> list[Line]:
    """Put the owner's id in place of the login; whoever names nobody gets the customers."""
    logins = {line.values["owner"] for line in table.lines if line.values["owner"]}
    query = (
        select(Employee.id, Employee.login, Employee.department_id, func.array_agg(EmployeeRole.role).label("roles"))
        .join(EmployeeRole, EmployeeRole.employee_id == Employee.id)
        .where(Employee.login.in_(logins), Employee.active)
        .group_by(Employee.id)
    )
    people = {row.login: row for row in session.execute(query)} if logins else {}
    assists = Role.SALES_ASSISTANT in actor.roles
    lines = []
    for line in table.lines:
        login, owner_id = line.values["owner"], actor.id
        if login:
            person = people.get(login)
            if person is None or SALES_ROLES.isdisjoint(person.roles):
                table.problem(line, "owner", "There is no salesperson with this login name.")
            elif person.id != actor.id and not (
                sight.leads(person.department_id)
                or (assists and person.department_id in (sight.departments or ()))
            ):
                table.problem(line, "owner", "Only who leads the department or assists it gives customers to others.")
            else:
                owner_id = person.id
        lines.append(replace(line, values={**line.values, "owner": str(owner_id)}))
    return lines


def _warned(session: Session, created: list[Line], seals: Seals) -> list[Warned]:
    keys = {line.row: seals.phone_key(line.values["phone"]) for line in created}
    taken = set(
        session.scalars(
            select(Contact.phone_key).where(
                Contact.phone_key.in_([key for key in keys.values() if key]), Contact.removed_at.is_(None)
            )
        )
    )
    first: dict[bytes, int] = {}
    warned = []
    for line in created:
        key = keys[line.row]
        if not key:
            continue
        if key in taken or key in first:
            warned.append(Warned(line.row, line.values["name"], first.get(key)))
        first.setdefault(key, line.row)
    return warned


def _create(session: Session, lines: list[Line], *, actor: Actor, now: dt.datetime) -> dict[str, int]:
    """Insert the customers; gives the id of each by its key."""
    owners = {int(line.values["owner"]) for line in lines}
    departments: Mapping[int, int] = {
        row.id: row.department_id
        for row in session.execute(select(Employee.id, Employee.department_id).where(Employee.id.in_(owners)))
    }
    due = {grade.value: next_follow_up(session, grade.value, day_of(now)) for grade in Grade}
    ids: dict[str, int] = {}
    for start in range(0, len(lines), _CHUNK):
        rows = [
            {
                **{key: line.values[key] for key in ("name", "industry", "grade", "standing", "address", "source",
                                                     "needs")},
                "name_key": line.key, "pinyin": pinyin_of(line.values["name"]),
                "initials": initials_of(line.values["name"]), "owner_id": int(line.values["owner"]),
                "department_id": departments[int(line.values["owner"])], "created_by_id": actor.id, "created_at": now,
                "follow_up_on": due[line.values["grade"]],
            }
            for line in lines[start : start + _CHUNK]
        ]  # fmt: skip
        made = session.execute(
            upsert(Customer)
            .values(rows)
            .on_conflict_do_nothing(index_elements=["name_key"])
            .returning(Customer.name_key, Customer.id)
        )
        ids |= {row.name_key: int(row.id) for row in made}
    if len(ids) < len(lines):
        raise Conflict("The archive has changed since this preview. Look at it again and confirm it then.")
    return ids


def _contact(line: Line) -> ContactData:
    values = line.values
    return ContactData(values["contact"], values["position"], values["phone"], email=values["email"], is_main=True)
