"""The indexes that only administrators' lists and the leavers' page need (measured in docs/scale.md)."""

from sqlalchemy import Index, text

from workflows.engine.model import ProcessInstance, UserTask

STATUS = Index("ix_process_instance_status", ProcessInstance.status, ProcessInstance.process_key, ProcessInstance.id)
SUSPENDED = Index(
    "ix_process_instance_suspended", ProcessInstance.id, postgresql_where=text("suspended_at IS NOT NULL")
)
TITLE = Index(
    "ix_process_instance_title",
    ProcessInstance.title,
    ProcessInstance.id,
    postgresql_ops={"title": "text_pattern_ops"},
)
DUE = Index("ix_user_task_due", UserTask.due_at, postgresql_where=text("status = 'open' AND due_at IS NOT NULL"))
WAITING = Index("ix_user_task_waiting", UserTask.desk, postgresql_where=text("status = 'waiting'"))
