"""Many rows at once, by SQL: open tasks, and copies of a real finished case.

Written past the triggers of foreign keys, which is why it needs the superuser; what is written would satisfy them.
"""

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg import sql

from bench.firm import READER, Firm
from bench.lab import Lab

#: A tenth of the open tasks lies on the reader's desk, a fiftieth on their group's, the rest on these many others'.
OTHERS = 198

#: Which table a column's ids belong to; ``id`` belongs to its own.
_SPACES = {
    "instance_id": "process_instance",
    "task_id": "user_task",
    "advance_id": "advance",
    "settlement_id": "settlement",
}
#: What is unique besides ids, and what the n-th copy has in its place.
_UNIQUE = {
    ("submission", "key"): "md5(key || n)",
    ("notice", "event_key"): "event_key || '.' || n",
    ("message", "key"): "key || '.' || n",
    ("advance", "number"): "'JK-2099-' || lpad(n::text, 6, '0')",
}
#: The rows of one cleared advance, whose cases are %(cases)s, table by table.
_ROWS = {
    "process_instance": "id = ANY(%(cases)s)",
    "user_task": "instance_id = ANY(%(cases)s)",
    "history_event": "instance_id = ANY(%(cases)s)",
    "submission": "instance_id = ANY(%(cases)s)",
    "notice": "instance_id = ANY(%(cases)s)",
    "message": "instance_id = ANY(%(cases)s)",
    "advance": "instance_id = ANY(%(cases)s)",
    "advance_spend": "advance_id IN (SELECT id FROM advance WHERE instance_id = ANY(%(cases)s))",
    "settlement": "instance_id = ANY(%(cases)s)",
    "advance_entry": "advance_id IN (SELECT id FROM advance WHERE instance_id = ANY(%(cases)s))",
}


def load_open_tasks(lab: Lab, firm: Firm, wanted: int) -> None:
    """Have as many open tasks as wanted, each of a case of its own."""
    with lab.connect(superuser=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(
            "INSERT INTO employee (login, name, department_id, fs_uniquifier)"
            " SELECT 'bench' || n, '员工' || n, (SELECT min(id) FROM department), 'bench' || n"
            "   FROM generate_series(1, %s) AS n ON CONFLICT DO NOTHING",
            (OTHERS,),
        )
        there = _number(connection, "SELECT count(*) FROM user_task WHERE status = 'open'")
        if there < wanted:
            connection.execute(_OPEN, {"more": wanted - there, "reader": firm.ids[READER], "others": OTHERS})
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


#: ``remind_at`` and ``escalate_at`` lie ahead, so that the worker's sweeps find these tasks but leave them alone.
_OPEN = """
WITH definition AS (
    SELECT id FROM process_definition WHERE key = 'expense_advance' ORDER BY version DESC LIMIT 1
), starter AS (
    SELECT id FROM employee WHERE login = 'salesperson3'
), cases AS (
    INSERT INTO process_instance (definition_id, process_key, title, starter_id, status, revision, state, serializer,
                                  started_at, history_count, history_hash)
    SELECT definition.id, 'expense_advance', 'JK-2098-' || lpad(n::text, 7, '0') || ' · ¥12,000.00 · 广州展会差旅',
           starter.id, 'running', 1, '', '', now() - n %% 86400 * interval '1 minute', 2, ''
      FROM definition, starter, generate_series(1, %(more)s) AS n
    RETURNING id, definition_id, title, starter_id, started_at
)
INSERT INTO user_task (instance_id, node_id, process_key, definition_id, element_id, title, starter_id, role,
                       assignee_id, group_role, barred, opened_at, due_at, remind_at, escalate_at)
SELECT c.id, gen_random_uuid()::text, 'expense_advance', c.definition_id, 'manager_approval', c.title, c.starter_id,
       'sales_manager',
       CASE WHEN c.id %% 10 = 0 THEN %(reader)s
            WHEN c.id %% 50 = 1 THEN NULL
            ELSE (SELECT min(id) FROM employee WHERE login LIKE 'bench%%') + c.id %% %(others)s END,
       CASE WHEN c.id %% 50 = 1 THEN 'sales_manager' END,
       ARRAY[c.starter_id], c.started_at, now() + interval '20 days', now() + interval '10 days',
       now() + interval '20 days'
  FROM cases c
"""


def copy_finished(lab: Lab, cases: list[int], copies: int) -> int:
    """Copy an advance and its settlement, all their rows; gives the bytes that the database grew by."""
    with lab.connect(superuser=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("VACUUM ANALYZE")
        before = database_size(connection)
        spaces = _id_spaces(connection, cases)
        for table in _ROWS:
            _copy(connection, table, cases, copies, spaces)
        for table in spaces:
            connection.execute(
                sql.SQL("SELECT setval(pg_get_serial_sequence({}, 'id'), (SELECT max(id) FROM {}))").format(
                    sql.Literal(table), sql.Identifier(table)
                )
            )
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")
        return database_size(connection) - before


def database_size(connection: "psycopg.Connection[Any]") -> int:
    """All tables of the product with their indexes and what lies out of line."""
    return _number(
        connection,
        "SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = 'public' AND c.relkind = 'r'",
    )


def _id_spaces(connection: "psycopg.Connection[Any]", cases: list[int]) -> dict[str, tuple[int, int]]:
    """For each table with ids of its own: what to add to an id for the first copy, and how far copies lie apart."""
    spaces = {}
    for table, condition in _ROWS.items():
        if not _has_id(connection, table):
            continue
        low, high = connection.execute(
            f"SELECT min(id), max(id) FROM {table} WHERE {condition}", {"cases": cases}
        ).fetchone()  # type: ignore[misc]
        top = _number(connection, f"SELECT max(id) FROM {table}")
        spaces[table] = (top + 1 - low, high - low + 1)
    return spaces


def _copy(
    connection: "psycopg.Connection[Any]",
    table: str,
    cases: list[int],
    copies: int,
    spaces: Mapping[str, tuple[int, int]],
) -> None:
    columns = [
        row[0]
        for row in connection.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s"
            " AND is_generated = 'NEVER' ORDER BY ordinal_position",
            (table,),
        )
    ]
    values = []
    for column in columns:
        space = table if column == "id" else _SPACES.get(column)
        if (table, column) in _UNIQUE:
            values.append(_UNIQUE[table, column])
        elif space in spaces:
            shift, stride = spaces[space]
            values.append(f"{column} + {shift} + (n - 1) * {stride}")
        else:
            values.append(column)
    connection.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) OVERRIDING SYSTEM VALUE"
        f" SELECT {', '.join(values)} FROM generate_series(1, %(copies)s) AS n,"
        f" (SELECT * FROM {table} WHERE {_ROWS[table]}) AS kept",
        {"cases": cases, "copies": copies},
    )


def _has_id(connection: "psycopg.Connection[Any]", table: str) -> bool:
    return bool(
        _number(
            connection,
            "SELECT count(*) FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'id'"
            f" AND table_name = '{table}'",
        )
    )


def _number(connection: "psycopg.Connection[Any]", statement: str) -> int:
    row = connection.execute(statement).fetchone()
    return int(row[0] or 0) if row else 0
