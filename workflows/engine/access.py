"""Who may read a case: who started it, who has or had a task on it or stands in for them, who leads the starter, who
has a copy of it, and the roles that the diagram names as readers. Administrators read every case, since they repair it.
"""

from sqlalchemy.orm import Session

from workflows.engine.process import Actor
from workflows.people.model import Role

_MAY_READ = """
WITH RECURSIVE line AS (
    SELECT d.id, d.parent_id, d.manager_id, 0 AS depth
      FROM process_instance i JOIN employee e ON e.id = i.starter_id JOIN department d ON d.id = e.department_id
     WHERE i.id = %(instance)s
    UNION ALL
    SELECT d.id, d.parent_id, d.manager_id, line.depth + 1
      FROM department d JOIN line ON d.id = line.parent_id WHERE line.depth < 30
)
SELECT EXISTS (SELECT FROM process_instance i WHERE i.id = %(instance)s AND (i.starter_id = %(me)s OR %(reader)s))
    OR EXISTS (SELECT FROM line WHERE manager_id = %(me)s)
    OR EXISTS (SELECT FROM copy c WHERE c.instance_id = %(instance)s AND c.employee_id = %(me)s)
    OR EXISTS (SELECT FROM user_task t WHERE t.instance_id = %(instance)s
                AND (t.assignee_id = %(me)s OR t.closed_by_id = %(me)s
                     OR (t.group_role = ANY(%(roles)s) AND t.status NOT IN ('cancelled', 'skipped'))))
    OR EXISTS (SELECT FROM user_task t, unnest(%(covered)s::bigint[], %(keys)s::text[], %(their_roles)s::text[])
                                        AS c(person, keys, roles)
                WHERE t.instance_id = %(instance)s
                  AND (c.keys = '' OR t.process_key = ANY(string_to_array(c.keys, ',')))
                  AND (t.assignee_id = c.person
                       OR (t.group_role = ANY(string_to_array(c.roles, ','))
                           AND t.status NOT IN ('cancelled', 'skipped'))))
"""


def may_read(session: Session, actor: Actor, instance_id: int, readers: frozenset[str]) -> bool:
    """Whether the person may read that case. ``readers`` are the roles that its diagram names.

    Holiday cover opens the cases of the processes that it is for, and no others.
    """
    parameters = {
        "instance": instance_id,
        "me": actor.id,
        "reader": bool(actor.roles & (readers | {Role.ADMINISTRATOR.value})),
        "roles": sorted(actor.roles),
        "covered": list(actor.covers),
        "keys": [",".join(keys) for keys in actor.covers.values()],
        "their_roles": [",".join(sorted(actor.covered_roles.get(person, ()))) for person in actor.covers],
    }
    return bool(session.connection().exec_driver_sql(_MAY_READ, parameters).scalar())
