"""``python -m bench.figures``: how long each table of the figures takes beside a million tasks; some two minutes.

The tasks are those of five steps, four hundred people and twenty departments over a year, those of the last weeks open;
waits are spread as they are in companies, most short and some very long (log-normal).
"""

import datetime as dt
import statistics
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from bench.firm import Firm, found_firm
from bench.lab import Lab
from webapp.extensions import db
from workflows.engine import figures
from workflows.engine.process import Actor
from workflows.engine.waiting import Question
from workflows.people.model import Role

CASES, TURNS = 200_000, 9
TABLES: dict[str, Callable[..., Any]] = {
    "steps": figures.step_figures,
    "departments": figures.department_figures,
    "people": figures.person_figures,
    "months": figures.month_figures,
}


def main() -> None:
    """Load the tasks, then ask."""
    with Lab() as lab:
        firm = found_firm(lab.environment())
        load(lab)
        with firm.app.app_context():
            for words, actor, question in questions(db.session(), firm):
                print(f"\n{words}")
                for name, read in TABLES.items():
                    print(f"  {name:12s}{milliseconds(read, actor, question)}")


def load(lab: Lab) -> None:
    """A million tasks with the people who do them, written past the triggers of foreign keys (see ``bench.bulk``)."""
    with lab.connect(superuser=True) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in (_DEPARTMENTS, _PEOPLE, _CASES, _TASKS, "VACUUM ANALYZE", "CHECKPOINT"):
            connection.execute(statement, {"cases": CASES} if "%(" in statement else None)


def questions(session: Session, firm: Firm) -> list[tuple[str, Actor, Question]]:
    """The whole company over all and over three months, and the manager of one of the departments over all."""
    today = firm.today
    year = Question(today - dt.timedelta(days=700), today)
    quarter = Question((today.replace(day=1) - dt.timedelta(days=62)).replace(day=1), today)
    everything = Actor(firm.ids["general_manager"], frozenset({Role.GENERAL_MANAGER.value}))
    manager = session.connection().exec_driver_sql("SELECT manager_id FROM department WHERE name = '部门1'").scalar()
    return [
        ("the whole company, every task", everything, year),
        ("the whole company, three months", everything, quarter),
        ("one department of twenty, every task", Actor(int(manager or 0), frozenset()), year),
    ]


def milliseconds(read: Callable[..., Any], actor: Actor, question: Question) -> str:
    """The fastest, the median and the slowest of some turns; the first one is left out."""
    session, now, taken = db.session(), dt.datetime.now(dt.UTC), []
    for _ in range(TURNS + 1):
        begun = time.perf_counter()
        rows = read(session, actor, question, now=now)
        taken.append((time.perf_counter() - begun) * 1000)
    session.commit()
    fast, slow, middle = min(taken[1:]), max(taken[1:]), statistics.median(taken[1:])
    return f"{middle:6.0f} ms ({fast:.0f} to {slow:.0f}), {len(rows)} rows"


_DEPARTMENTS = """
INSERT INTO department (name, parent_id, manager_id)
SELECT '部门' || n, (SELECT min(id) FROM department),
       CASE WHEN n = 1 THEN (SELECT id FROM employee WHERE login = 'salesperson3') END
  FROM generate_series(1, 20) n"""
_PEOPLE = """
INSERT INTO employee (login, name, department_id, fs_uniquifier)
SELECT 'bench' || n, '员工' || n, (SELECT id FROM department WHERE name = '部门' || n % 20 + 1), 'bench' || n
  FROM generate_series(1, 400) n"""
_CASES = """
INSERT INTO process_instance (definition_id, process_key, title, starter_id, status, revision, state, serializer,
                              started_at, history_count, history_hash)
SELECT d.id, d.key, 'JK-2098-' || lpad(n::text, 7, '0') || ' · ¥12,000.00 · 广州展会差旅', e.id, 'running', 5, '', '',
       now() - interval '368 days' + n * interval '365 days' / %(cases)s, 2, ''
  FROM generate_series(1, %(cases)s) n, (SELECT * FROM process_definition WHERE key = 'expense_advance') d,
       (SELECT id FROM employee WHERE login = 'salesperson3') e"""
_TASKS = """
INSERT INTO user_task (instance_id, node_id, process_key, definition_id, element_id, title, starter_id, role,
                       assignee_id, barred, opened_at, due_at, status, closed_at, closed_by_id, decision, opinion)
SELECT i.id, gen_random_uuid()::text, i.process_key, i.definition_id, s.element_id, i.title, i.starter_id,
       'sales_manager', p.id, ARRAY[i.starter_id], o.at, o.at + interval '4 days',
       CASE WHEN o.is_done THEN 'completed' ELSE 'open' END,
       CASE WHEN o.is_done THEN least(o.at + o.wait, now()) END, CASE WHEN o.is_done THEN p.id END,
       CASE WHEN o.is_done THEN 'approve' END, CASE WHEN o.is_done THEN '同意' END
  FROM process_instance i
 CROSS JOIN (VALUES (1, 'manager_approval'), (2, 'director_opinion'), (3, 'general_manager_approval'), (4, 'pay'),
                    (5, 'revise_request')) s(n, element_id)
 CROSS JOIN LATERAL (
    SELECT i.started_at + s.n * interval '6 hours' AS at, i.started_at < now() - interval '21 days' AS is_done,
           exp(9 + s.n * 0.4 + 1.2 * sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())) * interval '1 second'
             AS wait) o
  JOIN employee p ON p.id = (SELECT min(id) FROM employee WHERE login LIKE 'bench%') + (i.id * 7 + s.n * 13) % 400
 WHERE i.title LIKE 'JK-2098-%'
 ORDER BY o.at"""

if __name__ == "__main__":
    main()
