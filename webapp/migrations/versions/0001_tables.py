"""The tables of the first release, and the guard of those whose rows are written once."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


#: Raised by the database itself, so that neither a mistake in the program nor a person at the console gets past it.
REFUSE_CHANGE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are written once and never changed', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_TABLE_NAME || '_is_append_only';
END $$
"""
APPEND_ONLY = ("history_event", "advance_entry")


def upgrade() -> None:
    op.create_table(
        "advance_number",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_advance_number")),
    )
    op.create_table(
        "department",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=80), server_default="", nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("manager_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("parent_id <> id", name=op.f("ck_department_not_its_own_parent")),
        sa.ForeignKeyConstraint(["manager_id"], ["employee.id"], name="fk_department_manager_id", use_alter=True),
        sa.ForeignKeyConstraint(["parent_id"], ["department.id"], name=op.f("fk_department_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_department")),
        sa.UniqueConstraint("parent_id", "name", name=op.f("uq_department_parent_id_name")),
    )
    op.create_table(
        "login_throttle",
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("window_started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_login_throttle")),
    )
    op.create_table(
        "submission",
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("body_digest", sa.LargeBinary(), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=True),
        sa.Column("response", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("actor_id", "key", name=op.f("pk_submission")),
    )
    op.create_table(
        "worker_heartbeat",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_worker_heartbeat")),
    )
    op.create_table(
        "employee",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("name_en", sa.String(length=64), server_default="", nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("department_id", sa.BigInteger(), nullable=False),
        sa.Column("superior_id", sa.BigInteger(), nullable=True),
        sa.Column("industry", sa.String(length=40), server_default="", nullable=False),
        sa.Column("job_grade", sa.String(length=1), server_default="", nullable=False),
        sa.Column("employment", sa.String(length=16), server_default="permanent", nullable=False),
        sa.Column("hired_on", sa.Date(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("locale", sa.String(length=8), server_default="zh_Hans", nullable=False),
        sa.Column("payout_account_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("password", sa.String(length=255), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("fs_uniquifier", sa.String(length=64), nullable=False),
        sa.Column("tf_primary_method", sa.String(length=64), nullable=True),
        sa.Column("tf_totp_secret", sa.String(length=255), nullable=True),
        sa.Column("mf_recovery_codes", postgresql.ARRAY(sa.String()), nullable=True),
        sa.CheckConstraint(
            "employment IN ('permanent', 'contract', 'intern', 'outsourced')", name=op.f("ck_employee_employment")
        ),
        sa.CheckConstraint("job_grade IN ('', 'A', 'B', 'C')", name=op.f("ck_employee_job_grade")),
        sa.CheckConstraint("login ~ '^[a-z0-9][a-z0-9._-]*$'", name=op.f("ck_employee_login_form")),
        sa.CheckConstraint("superior_id <> id", name=op.f("ck_employee_not_own_superior")),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_employee_department_id")),
        sa.ForeignKeyConstraint(["superior_id"], ["employee.id"], name=op.f("fk_employee_superior_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employee")),
        sa.UniqueConstraint("email", name=op.f("uq_employee_email")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_employee_fs_uniquifier")),
        sa.UniqueConstraint("login", name=op.f("uq_employee_login")),
    )
    op.create_index(op.f("ix_employee_department_id"), "employee", ["department_id"], unique=False)
    op.create_table(
        "api_token",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("employee_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_api_token_employee_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_token_digest")),
    )
    op.create_index(op.f("ix_api_token_employee_id"), "api_token", ["employee_id"], unique=False)
    op.create_table(
        "delegation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("delegator_id", sa.BigInteger(), nullable=False),
        sa.Column("delegate_id", sa.BigInteger(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("process_keys", postgresql.ARRAY(sa.String()), server_default="{}", nullable=False),
        sa.Column("reason", sa.String(length=200), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("delegator_id <> delegate_id", name=op.f("ck_delegation_not_to_oneself")),
        sa.CheckConstraint("last_on >= first_on", name=op.f("ck_delegation_dates_in_order")),
        sa.ForeignKeyConstraint(["delegate_id"], ["employee.id"], name=op.f("fk_delegation_delegate_id")),
        sa.ForeignKeyConstraint(["delegator_id"], ["employee.id"], name=op.f("fk_delegation_delegator_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation")),
    )
    op.create_index(op.f("ix_delegation_delegate_id"), "delegation", ["delegate_id"], unique=False)
    op.create_index(op.f("ix_delegation_delegator_id"), "delegation", ["delegator_id"], unique=False)
    op.create_table(
        "employee_role",
        sa.Column("employee_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["employee_id"], ["employee.id"], name=op.f("fk_employee_role_employee_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("employee_id", "role", name=op.f("pk_employee_role")),
    )
    op.create_index("ix_employee_role_role", "employee_role", ["role", "employee_id"], unique=False)
    op.create_table(
        "notice",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("employee_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("event_key", sa.String(length=80), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=True),
        sa.Column("task_id", sa.BigInteger(), nullable=True),
        sa.Column("params", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_notice_employee_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("employee_id", "event_key", name=op.f("uq_notice_employee_id_event_key")),
    )
    op.create_index(
        "ix_notice_unread", "notice", ["employee_id", "id"], unique=False, postgresql_where=sa.text("read_at IS NULL")
    )
    op.create_table(
        "process_definition",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("files", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("deployed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deployed_by_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["deployed_by_id"], ["employee.id"], name=op.f("fk_process_definition_deployed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_definition")),
        sa.UniqueConstraint("key", "version", name=op.f("uq_process_definition_key_version")),
    )
    op.create_table(
        "process_instance",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("definition_id", sa.BigInteger(), nullable=False),
        sa.Column("process_key", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("starter_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("outcome", sa.String(length=64), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("serializer", sa.String(length=8), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("history_count", sa.Integer(), nullable=False),
        sa.Column("history_hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "status IN ('running', 'completed', 'rejected', 'withdrawn', 'terminated')",
            name=op.f("ck_process_instance_status"),
        ),
        sa.ForeignKeyConstraint(
            ["definition_id"], ["process_definition.id"], name=op.f("fk_process_instance_definition_id")
        ),
        sa.ForeignKeyConstraint(["starter_id"], ["employee.id"], name=op.f("fk_process_instance_starter_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_instance")),
    )
    op.create_index(
        "ix_process_instance_running",
        "process_instance",
        ["process_key", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'running'"),
    )
    op.create_index("ix_process_instance_starter", "process_instance", ["starter_id", "id"], unique=False)
    op.create_table(
        "advance",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("borrower_id", sa.BigInteger(), nullable=False),
        sa.Column("department_id", sa.BigInteger(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.String(length=500), nullable=False),
        sa.Column("customer", sa.String(length=200), server_default="", nullable=False),
        sa.Column("return_on", sa.Date(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_on", sa.Date(), nullable=True),
        sa.Column("rest_closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rest_closed_by_id", sa.BigInteger(), nullable=True),
        sa.Column("rest_closed_reason", sa.String(length=500), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(rest_closed_at IS NULL) = (rest_closed_reason IS NULL)", name=op.f("ck_advance_rest_closed_has_a_reason")
        ),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_advance_amount_positive")),
        sa.ForeignKeyConstraint(["borrower_id"], ["employee.id"], name=op.f("fk_advance_borrower_id")),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_advance_department_id")),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["process_instance.id"],
            name=op.f("fk_advance_instance_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["rest_closed_by_id"], ["employee.id"], name=op.f("fk_advance_rest_closed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_advance")),
        sa.UniqueConstraint("instance_id", name=op.f("uq_advance_instance_id")),
        sa.UniqueConstraint("number", name=op.f("uq_advance_number")),
    )
    op.create_index("ix_advance_borrower", "advance", ["borrower_id", "id"], unique=False)
    op.create_index("ix_advance_department", "advance", ["department_id", "id"], unique=False)
    op.create_index(
        "ix_advance_open",
        "advance",
        ["borrower_id", "return_on"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "document",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=True),
        sa.Column("element_id", sa.String(length=64), nullable=True),
        sa.Column("attached_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(instance_id IS NULL) = (attached_at IS NULL)", name=op.f("ck_document_attached_has_a_time")
        ),
        sa.CheckConstraint("length(sha256) = 32", name=op.f("ck_document_sha256_length")),
        sa.CheckConstraint("size > 0", name=op.f("ck_document_not_empty")),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["process_instance.id"],
            name=op.f("fk_document_instance_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["employee.id"], name=op.f("fk_document_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
    )
    op.create_index(
        "ix_document_instance",
        "document",
        ["instance_id"],
        unique=False,
        postgresql_where=sa.text("instance_id IS NOT NULL"),
    )
    op.create_index(
        "ix_document_loose",
        "document",
        ["owner_id", "uploaded_at"],
        unique=False,
        postgresql_where=sa.text("instance_id IS NULL"),
    )
    op.create_table(
        "history_event",
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("on_behalf_of_id", sa.BigInteger(), nullable=True),
        sa.Column("element_id", sa.String(length=64), nullable=True),
        sa.Column("task_id", sa.BigInteger(), nullable=True),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_history_event_instance_id")),
        sa.PrimaryKeyConstraint("instance_id", "seq", name=op.f("pk_history_event")),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_message_instance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("instance_id", "key", name=op.f("uq_message_instance_id_key")),
    )
    op.create_index(op.f("ix_message_instance_id"), "message", ["instance_id"], unique=False)
    op.create_table(
        "timer",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("node_id", sa.String(length=36), nullable=False),
        sa.Column("element_id", sa.String(length=64), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("held", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_timer_instance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timer")),
        sa.UniqueConstraint("instance_id", "node_id", name=op.f("uq_timer_instance_id_node_id")),
    )
    op.create_index(op.f("ix_timer_due_at"), "timer", ["due_at"], unique=False)
    op.create_table(
        "user_task",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("node_id", sa.String(length=36), nullable=False),
        sa.Column("process_key", sa.String(length=64), nullable=False),
        sa.Column("definition_id", sa.BigInteger(), nullable=False),
        sa.Column("element_id", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("starter_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=16), server_default="open", nullable=False),
        sa.Column("assignee_id", sa.BigInteger(), nullable=True),
        sa.Column("group_role", sa.String(length=32), nullable=True),
        sa.Column("barred", postgresql.ARRAY(sa.BigInteger()), server_default="{}", nullable=False),
        sa.Column(
            "desk",
            sa.String(length=40),
            sa.Computed(
                "CASE WHEN assignee_id IS NOT NULL THEN 'p' || assignee_id::text ELSE 'g' || group_role END",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("escalate_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.BigInteger(), nullable=True),
        sa.Column("on_behalf_of_id", sa.BigInteger(), nullable=True),
        sa.Column("decision", sa.String(length=32), nullable=True),
        sa.Column("opinion", sa.Text(), nullable=True),
        sa.CheckConstraint("(status = 'open') = (closed_at IS NULL)", name=op.f("ck_user_task_closed_has_a_time")),
        sa.CheckConstraint("status IN ('open', 'completed', 'cancelled')", name=op.f("ck_user_task_status")),
        sa.CheckConstraint("assignee_id IS NOT NULL OR group_role IS NOT NULL", name=op.f("ck_user_task_on_some_desk")),
        sa.ForeignKeyConstraint(["assignee_id"], ["employee.id"], name=op.f("fk_user_task_assignee_id")),
        sa.ForeignKeyConstraint(["closed_by_id"], ["employee.id"], name=op.f("fk_user_task_closed_by_id")),
        sa.ForeignKeyConstraint(["definition_id"], ["process_definition.id"], name=op.f("fk_user_task_definition_id")),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_user_task_instance_id")),
        sa.ForeignKeyConstraint(["on_behalf_of_id"], ["employee.id"], name=op.f("fk_user_task_on_behalf_of_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_task")),
    )
    op.create_index(
        "ix_user_task_desk",
        "user_task",
        ["desk", "opened_at", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_index(
        "ix_user_task_done",
        "user_task",
        ["closed_by_id", "closed_at", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'completed'"),
    )
    op.create_index(
        "ix_user_task_escalate",
        "user_task",
        ["escalate_at"],
        unique=False,
        postgresql_where=sa.text("status = 'open' AND escalate_at IS NOT NULL"),
    )
    op.create_index("ix_user_task_instance", "user_task", ["instance_id", "id"], unique=False)
    op.create_index(
        "ix_user_task_remind",
        "user_task",
        ["remind_at"],
        unique=False,
        postgresql_where=sa.text("status = 'open' AND remind_at IS NOT NULL"),
    )
    op.create_index(
        "uq_user_task_open_node",
        "user_task",
        ["instance_id", "node_id"],
        unique=True,
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_table(
        "advance_spend",
        sa.Column("advance_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('transport', 'lodging', 'meals', 'entertainment', 'other')", name=op.f("ck_advance_spend_kind")
        ),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_advance_spend_amount_positive")),
        sa.ForeignKeyConstraint(
            ["advance_id"], ["advance.id"], name=op.f("fk_advance_spend_advance_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("advance_id", "kind", name=op.f("pk_advance_spend")),
    )
    op.create_table(
        "advance_version",
        sa.Column("advance_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.String(length=500), nullable=False),
        sa.Column("customer", sa.String(length=200), nullable=False),
        sa.Column("return_on", sa.Date(), nullable=False),
        sa.Column("spend", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["advance_id"], ["advance.id"], name=op.f("fk_advance_version_advance_id")),
        sa.PrimaryKeyConstraint("advance_id", "version", name=op.f("pk_advance_version")),
    )
    op.create_table(
        "incident",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=True),
        sa.Column("task_id", sa.BigInteger(), nullable=True),
        sa.Column("timer_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("element_id", sa.String(length=64), nullable=True),
        sa.Column("cause", sa.String(length=500), nullable=False),
        sa.Column("trace", sa.Text(), server_default="", nullable=False),
        sa.Column("submission", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.BigInteger(), nullable=True),
        sa.Column("resolution", sa.String(length=24), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.CheckConstraint(
            "kind IN ('no_one_left', 'step_failed', 'timer_failed', 'message_failed')", name=op.f("ck_incident_kind")
        ),
        sa.ForeignKeyConstraint(["closed_by_id"], ["employee.id"], name=op.f("fk_incident_closed_by_id")),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_incident_instance_id")),
        sa.ForeignKeyConstraint(["task_id"], ["user_task.id"], name=op.f("fk_incident_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
    )
    op.create_index(op.f("ix_incident_instance_id"), "incident", ["instance_id"], unique=False)
    op.create_index("ix_incident_open", "incident", ["id"], unique=False, postgresql_where=sa.text("closed_at IS NULL"))
    op.create_table(
        "settlement",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("advance_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=True),
        sa.Column("method", sa.String(length=16), nullable=True),
        sa.Column("reference", sa.String(length=80), server_default="", nullable=False),
        sa.Column("note", sa.String(length=500), server_default="", nullable=False),
        sa.Column("consented_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind <> 'deduction' OR consented_at IS NOT NULL", name=op.f("ck_settlement_deduction_needs_consent")
        ),
        sa.CheckConstraint(
            "kind <> 'return' OR (occurred_on IS NOT NULL AND method IS NOT NULL)",
            name=op.f("ck_settlement_return_is_dated"),
        ),
        sa.CheckConstraint("kind IN ('claim', 'return', 'deduction')", name=op.f("ck_settlement_kind")),
        sa.CheckConstraint("method IN ('bank_transfer', 'cash', 'other')", name=op.f("ck_settlement_method")),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_settlement_amount_positive")),
        sa.ForeignKeyConstraint(["advance_id"], ["advance.id"], name=op.f("fk_settlement_advance_id")),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["process_instance.id"],
            name=op.f("fk_settlement_instance_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement")),
        sa.UniqueConstraint("id", "advance_id", name=op.f("uq_settlement_id_advance_id")),
        sa.UniqueConstraint("instance_id", name=op.f("uq_settlement_instance_id")),
    )
    op.create_index(op.f("ix_settlement_advance_id"), "settlement", ["advance_id"], unique=False)
    op.create_table(
        "settlement_line",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("settlement_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("spent_on", sa.Date(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.String(length=200), server_default="", nullable=False),
        sa.Column("document_ids", postgresql.ARRAY(sa.BigInteger()), server_default="{}", nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.Column("reason", sa.String(length=500), server_default="", nullable=False),
        sa.CheckConstraint(
            "accepted IS NOT FALSE OR reason <> ''", name=op.f("ck_settlement_line_rejection_has_a_reason")
        ),
        sa.CheckConstraint(
            "kind IN ('transport', 'lodging', 'meals', 'entertainment', 'other')", name=op.f("ck_settlement_line_kind")
        ),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_settlement_line_amount_positive")),
        sa.ForeignKeyConstraint(["settlement_id"], ["settlement.id"], name=op.f("fk_settlement_line_settlement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_line")),
        sa.UniqueConstraint("settlement_id", "position", name=op.f("uq_settlement_line_settlement_id_position")),
    )
    op.create_table(
        "advance_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("advance_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("method", sa.String(length=16), nullable=True),
        sa.Column("reference", sa.String(length=80), server_default="", nullable=False),
        sa.Column("note", sa.String(length=500), server_default="", nullable=False),
        sa.Column("settlement_id", sa.BigInteger(), nullable=True),
        sa.Column("settlement_line_id", sa.BigInteger(), nullable=True),
        sa.Column("reverses_id", sa.BigInteger(), nullable=True),
        sa.Column("recorded_by_id", sa.BigInteger(), nullable=False),
        sa.Column("recorded_for_id", sa.BigInteger(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('paid', 'claimed', 'returned', 'deducted')", name=op.f("ck_advance_entry_kind")),
        sa.CheckConstraint("method IN ('bank_transfer', 'cash', 'other')", name=op.f("ck_advance_entry_method")),
        sa.CheckConstraint("reverses_id IS NULL OR note <> ''", name=op.f("ck_advance_entry_reversal_has_a_reason")),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_advance_entry_amount_positive")),
        sa.ForeignKeyConstraint(["advance_id"], ["advance.id"], name=op.f("fk_advance_entry_advance_id")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["employee.id"], name=op.f("fk_advance_entry_recorded_by_id")),
        sa.ForeignKeyConstraint(["recorded_for_id"], ["employee.id"], name=op.f("fk_advance_entry_recorded_for_id")),
        sa.ForeignKeyConstraint(
            ["reverses_id", "advance_id", "kind", "amount_fen"],
            ["advance_entry.id", "advance_entry.advance_id", "advance_entry.kind", "advance_entry.amount_fen"],
            name="fk_advance_entry_reverses_id",
        ),
        sa.ForeignKeyConstraint(
            ["settlement_id", "advance_id"],
            ["settlement.id", "settlement.advance_id"],
            name="fk_advance_entry_settlement_id",
        ),
        sa.ForeignKeyConstraint(
            ["settlement_line_id"], ["settlement_line.id"], name=op.f("fk_advance_entry_settlement_line_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_advance_entry")),
        sa.UniqueConstraint(
            "id", "advance_id", "kind", "amount_fen", name=op.f("uq_advance_entry_id_advance_id_kind_amount_fen")
        ),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_advance_entry_reverses_id")),
        sa.UniqueConstraint("settlement_line_id", name=op.f("uq_advance_entry_settlement_line_id")),
    )
    op.create_index("ix_advance_entry_advance", "advance_entry", ["advance_id", "id"], unique=False)
    # Departments and employees name each other, so one of the two constraints comes after both tables.
    op.create_foreign_key("fk_department_manager_id", "department", "employee", ["manager_id"], ["id"])
    op.execute(REFUSE_CHANGE)
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    raise NotImplementedError("There is nothing before the first release; drop the database instead.")
