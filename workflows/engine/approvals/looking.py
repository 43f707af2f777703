"""What pages show of a step that several people sign, read from the state without restoring the case.

The rows of ``user_task`` say who has which seat; how the seats belong together (who comes after whom, whose vote is
decided, who is asked no more) stands in the state alone, beside the library's own tasks and in plain JSON.
"""

import json
import zlib

from sqlalchemy.orm import Session

from workflows.engine.approvals.rounds import Round


def rounds_of(session: Session, instance_id: int) -> dict[str, Round]:
    """Give the rounds of a running case by the tasks of its state; a step that one person decides alone has none."""
    sql = "SELECT state FROM process_instance WHERE id = %(id)s AND status = 'running'"
    state = session.connection().exec_driver_sql(sql, {"id": instance_id}).scalar_one_or_none()
    if not state:
        return {}
    kept = json.loads(zlib.decompress(bytes(state)))
    return {node: Round.from_json(each) for node, each in kept["data"].get("rounds", {}).items()}
