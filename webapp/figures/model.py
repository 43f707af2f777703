"""The index that only the figures need: one line for each 128 pages of tasks, so that a step pays nothing for it."""

from sqlalchemy import Index

from workflows.engine.model import UserTask

CLOSED = Index(
    "ix_user_task_closed", UserTask.closed_at, postgresql_using="brin", postgresql_with={"autosummarize": "on"}
)
