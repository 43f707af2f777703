"""Products, the customer archive, the five-stage sale, and the advances that are for one of them."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

APPEND_ONLY = (
    "product_change", "contact_view", "visit", "customer_change", "sales_rule", "sale_move", "receipt", "sale_event",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "product_line",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=80), server_default="", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_line")),
        sa.UniqueConstraint("name", name=op.f("uq_product_line_name")),
    )
    op.create_table(
        "sale_number",
        sa.Column("kind", sa.String(length=2), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "year", name=op.f("pk_sale_number")),
    )
    op.create_table(
        "product",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), server_default="", nullable=False),
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("unit", sa.String(length=16), nullable=False),
        sa.Column("list_price_fen", sa.BigInteger(), nullable=False),
        sa.Column("floor_price_fen", sa.BigInteger(), nullable=False),
        sa.Column("cost_fen", sa.BigInteger(), nullable=True),
        sa.Column("is_procured", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_outsourced", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("kind IN ('ordinary', 'high_end', 'new', 'referred')", name=op.f("ck_product_kind")),
        sa.CheckConstraint("cost_fen BETWEEN 0 AND 100000000000000", name=op.f("ck_product_cost_fen")),
        sa.CheckConstraint("floor_price_fen BETWEEN 0 AND list_price_fen", name=op.f("ck_product_floor_price_fen")),
        sa.CheckConstraint("list_price_fen BETWEEN 0 AND 100000000000000", name=op.f("ck_product_list_price_fen")),
        sa.ForeignKeyConstraint(["line_id"], ["product_line.id"], name=op.f("fk_product_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sa.UniqueConstraint("code", name=op.f("uq_product_code")),
    )
    op.create_index(op.f("ix_product_line_id"), "product", ["line_id"])
    op.create_table(
        "customer",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("name_key", sa.String(length=120), nullable=False),
        sa.Column("pinyin", sa.String(length=700), server_default="", nullable=False),
        sa.Column("initials", sa.String(length=120), server_default="", nullable=False),
        sa.Column("industry", sa.String(length=40), nullable=False),
        sa.Column("grade", sa.String(length=1), nullable=False),
        sa.Column("standing", sa.String(length=16), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("department_id", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=80), server_default="", nullable=False),
        sa.Column("website", sa.String(length=200), server_default="", nullable=False),
        sa.Column("address", sa.String(length=200), server_default="", nullable=False),
        sa.Column("business", sa.Text(), server_default="", nullable=False),
        sa.Column("needs", sa.Text(), server_default="", nullable=False),
        sa.Column("organisation", sa.Text(), server_default="", nullable=False),
        sa.Column("decision_chain", sa.Text(), server_default="", nullable=False),
        sa.Column("budget", sa.String(length=200), server_default="", nullable=False),
        sa.Column("schedule", sa.String(length=200), server_default="", nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_contact_on", sa.Date(), nullable=True),
        sa.Column("follow_up_on", sa.Date(), nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("grade IN ('A', 'B', 'C', 'D')", name=op.f("ck_customer_grade")),
        sa.CheckConstraint(
            "standing IN ('potential', 'negotiating', 'buying', 'dormant')", name=op.f("ck_customer_standing")
        ),
        sa.ForeignKeyConstraint(["created_by_id"], ["employee.id"], name=op.f("fk_customer_created_by_id")),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_customer_department_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["employee.id"], name=op.f("fk_customer_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
        sa.UniqueConstraint("name_key", name=op.f("uq_customer_name_key")),
    )
    op.create_index("ix_customer_department", "customer", ["department_id", "id"])
    op.create_index(
        "ix_customer_follow_up",
        "customer",
        ["owner_id", "follow_up_on", "id"],
        unique=False,
        postgresql_where=sa.text("archived_at IS NULL"),
    )
    op.create_index("ix_customer_owner", "customer", ["owner_id", "id"])
    op.create_table(
        "product_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("field", sa.String(length=32), nullable=False),
        sa.Column("before", sa.Text(), server_default="", nullable=False),
        sa.Column("after", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.String(length=500), server_default="", nullable=False),
        sa.Column("changed_by_id", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["changed_by_id"], ["employee.id"], name=op.f("fk_product_change_changed_by_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_product_change_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_change")),
    )
    op.create_index("ix_product_change_product", "product_change", ["product_id", "id"])
    op.create_table(
        "sales_rule",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=500), server_default="", nullable=False),
        sa.Column("changed_by_id", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["changed_by_id"], ["employee.id"], name=op.f("fk_sales_rule_changed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_rule")),
    )
    op.create_index("ix_sales_rule_key", "sales_rule", ["key", "id"])
    op.create_table(
        "competitor",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("product", sa.String(length=200), server_default="", nullable=False),
        sa.Column("people", sa.String(length=200), server_default="", nullable=False),
        sa.Column("remarks", sa.Text(), server_default="", nullable=False),
        sa.Column("noted_by_id", sa.BigInteger(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_competitor_customer_id")),
        sa.ForeignKeyConstraint(["noted_by_id"], ["employee.id"], name=op.f("fk_competitor_noted_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_competitor")),
    )
    op.create_index(op.f("ix_competitor_customer_id"), "competitor", ["customer_id"])
    op.create_table(
        "contact",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.String(length=80), nullable=False),
        sa.Column("department", sa.String(length=80), server_default="", nullable=False),
        sa.Column("kind", sa.String(length=16), server_default="other", nullable=False),
        sa.Column("reports_to_id", sa.BigInteger(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("masked_name", sa.String(length=64), nullable=False),
        sa.Column("masked_phone", sa.String(length=32), nullable=False),
        sa.Column("phone_key", sa.LargeBinary(), nullable=False),
        sa.Column("phone_tail_key", sa.LargeBinary(), nullable=False),
        sa.Column("is_main", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("kind IN ('decides', 'influences', 'buys', 'uses', 'other')", name=op.f("ck_contact_kind")),
        sa.ForeignKeyConstraint(["created_by_id"], ["employee.id"], name=op.f("fk_contact_created_by_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_contact_customer_id")),
        sa.ForeignKeyConstraint(["reports_to_id"], ["contact.id"], name=op.f("fk_contact_reports_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    op.create_index(op.f("ix_contact_customer_id"), "contact", ["customer_id"])
    op.create_index(op.f("ix_contact_phone_key"), "contact", ["phone_key"])
    op.create_index(op.f("ix_contact_phone_tail_key"), "contact", ["phone_tail_key"])
    op.create_table(
        "customer_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("field", sa.String(length=16), nullable=False),
        sa.Column("before", sa.String(length=120), server_default="", nullable=False),
        sa.Column("after", sa.String(length=120), server_default="", nullable=False),
        sa.Column("reason", sa.String(length=500), server_default="", nullable=False),
        sa.Column("changed_by_id", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["changed_by_id"], ["employee.id"], name=op.f("fk_customer_change_changed_by_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_customer_change_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_change")),
    )
    op.create_index("ix_customer_change_customer", "customer_change", ["customer_id", "id"])
    op.create_index(
        "ix_customer_change_grades",
        "customer_change",
        ["changed_by_id", "changed_at"],
        unique=False,
        postgresql_where=sa.text("field = 'grade'"),
    )
    op.create_table(
        "complaint",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("sale_instance_id", sa.BigInteger(), nullable=True),
        sa.Column("about", sa.String(length=120), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("raised_on", sa.Date(), nullable=False),
        sa.Column("raised_by_id", sa.BigInteger(), nullable=False),
        sa.Column("measures", sa.Text(), server_default="", nullable=False),
        sa.Column("satisfaction", sa.Integer(), nullable=True),
        sa.Column("customer_word", sa.Text(), server_default="", nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("satisfaction BETWEEN 1 AND 5", name=op.f("ck_complaint_satisfaction")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_complaint_customer_id")),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["process_instance.id"],
            name=op.f("fk_complaint_instance_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["raised_by_id"], ["employee.id"], name=op.f("fk_complaint_raised_by_id")),
        sa.ForeignKeyConstraint(
            ["sale_instance_id"], ["process_instance.id"], name=op.f("fk_complaint_sale_instance_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint")),
        sa.UniqueConstraint("instance_id", name=op.f("uq_complaint_instance_id")),
    )
    op.create_index(op.f("ix_complaint_customer_id"), "complaint", ["customer_id"])
    op.create_index(op.f("ix_complaint_sale_instance_id"), "complaint", ["sale_instance_id"])
    op.create_table(
        "contact_view",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("viewed_by_id", sa.BigInteger(), nullable=False),
        sa.Column("viewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("how", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_contact_view_contact_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_contact_view_customer_id")),
        sa.ForeignKeyConstraint(["viewed_by_id"], ["employee.id"], name=op.f("fk_contact_view_viewed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_view")),
    )
    op.create_index("ix_contact_view_customer", "contact_view", ["customer_id", "id"])
    op.create_table(
        "registration",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("product_line_id", sa.BigInteger(), nullable=False),
        sa.Column("industry", sa.String(length=40), nullable=False),
        sa.Column("need", sa.String(length=500), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=True),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_contact_on", sa.Date(), nullable=False),
        sa.Column("lapses_on", sa.Date(), nullable=False),
        sa.Column("warned_on", sa.Date(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_why", sa.String(length=16), nullable=True),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_why IS NULL)", name=op.f("ck_registration_ended_has_a_reason")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_registration_customer_id")),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["process_instance.id"],
            name=op.f("fk_registration_instance_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["employee.id"], name=op.f("fk_registration_owner_id")),
        sa.ForeignKeyConstraint(["product_line_id"], ["product_line.id"], name=op.f("fk_registration_product_line_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration")),
    )
    op.create_index(op.f("ix_registration_instance_id"), "registration", ["instance_id"])
    op.create_index(
        "ix_registration_lapses",
        "registration",
        ["lapses_on"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "ix_registration_owner",
        "registration",
        ["owner_id", "id"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "uq_registration_open",
        "registration",
        ["customer_id", "product_line_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "visit",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("visited_on", sa.Date(), nullable=False),
        sa.Column("visitors", sa.String(length=200), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("problems", sa.Text(), server_default="", nullable=False),
        sa.Column("recorded_by_id", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('visit', 'phone', 'online', 'event')", name=op.f("ck_visit_kind")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_visit_customer_id")),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_visit_instance_id")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["employee.id"], name=op.f("fk_visit_recorded_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
    )
    op.create_index("ix_visit_customer", "visit", ["customer_id", "visited_on", "id"])
    op.create_index(
        "ix_visit_instance",
        "visit",
        ["instance_id", "id"],
        unique=False,
        postgresql_where=sa.text("instance_id IS NOT NULL"),
    )
    op.create_index("ix_visit_recorder", "visit", ["recorded_by_id", "visited_on"])
    op.create_table(
        "customer_document",
        sa.Column("document_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("visit_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_customer_document_customer_id")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_customer_document_document_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_customer_document_visit_id")),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_customer_document")),
    )
    op.create_index(op.f("ix_customer_document_customer_id"), "customer_document", ["customer_id"])
    op.create_table(
        "registration_contest",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("registration_id", sa.BigInteger(), nullable=False),
        sa.Column("claimant_id", sa.BigInteger(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("reply", sa.Text(), server_default="", nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["claimant_id"], ["employee.id"], name=op.f("fk_registration_contest_claimant_id")),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["process_instance.id"],
            name=op.f("fk_registration_contest_instance_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_registration_contest_registration_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration_contest")),
        sa.UniqueConstraint("instance_id", name=op.f("uq_registration_contest_instance_id")),
    )
    op.create_index(
        op.f("ix_registration_contest_registration_id"), "registration_contest", ["registration_id"]
    )
    op.create_table(
        "sale",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("product_line_id", sa.BigInteger(), nullable=False),
        sa.Column("registration_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("department_id", sa.BigInteger(), nullable=False),
        sa.Column("stage", sa.SmallInteger(), nullable=False),
        sa.Column("status", sa.String(length=16), server_default="open", nullable=False),
        sa.Column("stage_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expected_fen", sa.BigInteger(), nullable=False),
        sa.Column("expected_on", sa.Date(), nullable=False),
        sa.Column("stopped_reason", sa.String(length=16), nullable=True),
        sa.Column("resume_on", sa.Date(), nullable=True),
        sa.Column("needs", sa.Text(), server_default="", nullable=False),
        sa.Column("decision_makers", sa.Text(), server_default="", nullable=False),
        sa.Column("budget_fen", sa.BigInteger(), nullable=True),
        sa.Column("competitors", sa.Text(), server_default="", nullable=False),
        sa.Column("accepted_on", sa.Date(), nullable=True),
        sa.Column("satisfaction", sa.SmallInteger(), nullable=True),
        sa.Column("customer_word", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status IN ('lost', 'suspended')) = (stopped_reason IS NOT NULL)",
            name=op.f("ck_sale_stopped_has_a_reason"),
        ),
        sa.CheckConstraint("status IN ('open', 'lost', 'suspended', 'closed')", name=op.f("ck_sale_status")),
        sa.CheckConstraint("expected_fen > 0", name=op.f("ck_sale_expected_fen")),
        sa.CheckConstraint("satisfaction BETWEEN 1 AND 5", name=op.f("ck_sale_satisfaction")),
        sa.CheckConstraint("stage BETWEEN 1 AND 5", name=op.f("ck_sale_stage")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_sale_customer_id")),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_sale_department_id")),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["process_instance.id"],
            name=op.f("fk_sale_instance_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["employee.id"], name=op.f("fk_sale_owner_id")),
        sa.ForeignKeyConstraint(["product_line_id"], ["product_line.id"], name=op.f("fk_sale_product_line_id")),
        sa.ForeignKeyConstraint(["registration_id"], ["registration.id"], name=op.f("fk_sale_registration_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sale")),
        sa.UniqueConstraint("instance_id", name=op.f("uq_sale_instance_id")),
        sa.UniqueConstraint("number", name=op.f("uq_sale_number")),
    )
    op.create_index(
        "ix_sale_board",
        "sale",
        ["stage", "stage_since", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_index(
        "ix_sale_board_department",
        "sale",
        ["department_id", "stage", "stage_since", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_index(
        "ix_sale_board_owner",
        "sale",
        ["owner_id", "stage", "stage_since", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_index("ix_sale_customer", "sale", ["customer_id", "id"])
    op.create_index("ix_sale_department", "sale", ["department_id", "id"])
    op.create_index("ix_sale_owner", "sale", ["owner_id", "id"])
    op.create_index(
        "ix_sale_resume", "sale", ["resume_on"], postgresql_where=sa.text("status = 'suspended'")
    )
    op.create_table(
        "milestone",
        sa.Column("sale_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("reached_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(length=200), server_default="", nullable=False),
        sa.Column("recorded_by_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["employee.id"], name=op.f("fk_milestone_recorded_by_id")),
        sa.ForeignKeyConstraint(["sale_id"], ["sale.id"], name=op.f("fk_milestone_sale_id")),
        sa.PrimaryKeyConstraint("sale_id", "position", name=op.f("pk_milestone")),
    )
    op.create_table(
        "quotation",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("sale_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("payment_days", sa.Integer(), nullable=False),
        sa.Column("payment_terms", sa.String(length=300), server_default="", nullable=False),
        sa.Column("delivery_terms", sa.String(length=300), server_default="", nullable=False),
        sa.Column("total_fen", sa.BigInteger(), nullable=False),
        sa.Column("list_fen", sa.BigInteger(), nullable=False),
        sa.Column("floor_fen", sa.BigInteger(), nullable=False),
        sa.Column("is_below_floor", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=16), server_default="offered", nullable=False),
        sa.Column("answer", sa.String(length=500), server_default="", nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status IN ('offered', 'accepted', 'refused', 'expired', 'replaced')", name=op.f("ck_quotation_status")
        ),
        sa.CheckConstraint("total_fen > 0", name=op.f("ck_quotation_total_fen")),
        sa.ForeignKeyConstraint(["created_by_id"], ["employee.id"], name=op.f("fk_quotation_created_by_id")),
        sa.ForeignKeyConstraint(["sale_id"], ["sale.id"], name=op.f("fk_quotation_sale_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quotation")),
        sa.UniqueConstraint("sale_id", "version", name=op.f("uq_quotation_sale_id_version")),
    )
    op.create_index(
        "uq_quotation_accepted", "quotation", ["sale_id"], unique=True, postgresql_where=sa.text("status = 'accepted'")
    )
    op.create_table(
        "receipt",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("sale_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("method", sa.String(length=16), nullable=False),
        sa.Column("reference", sa.String(length=80), server_default="", nullable=False),
        sa.Column("payer", sa.String(length=120), server_default="", nullable=False),
        sa.Column("reason", sa.String(length=500), server_default="", nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=True),
        sa.Column("reverses_id", sa.BigInteger(), nullable=True),
        sa.Column("recorded_by_id", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('receipt', 'refund')", name=op.f("ck_receipt_kind")),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_receipt_amount_fen")),
        sa.ForeignKeyConstraint(["instance_id"], ["process_instance.id"], name=op.f("fk_receipt_instance_id")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["employee.id"], name=op.f("fk_receipt_recorded_by_id")),
        sa.ForeignKeyConstraint(
            ["reverses_id", "sale_id", "kind", "amount_fen"],
            ["receipt.id", "receipt.sale_id", "receipt.kind", "receipt.amount_fen"],
            name="fk_receipt_reverses_id",
        ),
        sa.ForeignKeyConstraint(["sale_id"], ["sale.id"], name=op.f("fk_receipt_sale_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt")),
        sa.UniqueConstraint("id", "sale_id", "kind", "amount_fen", name=op.f("uq_receipt_id_sale_id_kind_amount_fen")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_receipt_reverses_id")),
    )
    op.create_index("ix_receipt_day", "receipt", ["occurred_on", "id"])
    op.create_index(
        "ix_receipt_reference", "receipt", ["reference"], postgresql_where=sa.text("reference <> ''")
    )
    op.create_index("ix_receipt_sale", "receipt", ["sale_id", "id"])
    op.create_table(
        "sale_move",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("sale_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("stage", sa.SmallInteger(), nullable=False),
        sa.Column("from_stage", sa.SmallInteger(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=500), server_default="", nullable=False),
        sa.Column("from_id", sa.BigInteger(), nullable=True),
        sa.Column("to_id", sa.BigInteger(), nullable=True),
        sa.Column("moved_by_id", sa.BigInteger(), nullable=True),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["from_id"], ["employee.id"], name=op.f("fk_sale_move_from_id")),
        sa.ForeignKeyConstraint(["moved_by_id"], ["employee.id"], name=op.f("fk_sale_move_moved_by_id")),
        sa.ForeignKeyConstraint(["sale_id"], ["sale.id"], name=op.f("fk_sale_move_sale_id")),
        sa.ForeignKeyConstraint(["to_id"], ["employee.id"], name=op.f("fk_sale_move_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sale_move")),
    )
    op.create_index("ix_sale_move_sale", "sale_move", ["sale_id", "id"])
    op.create_table(
        "contract",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("sale_id", sa.BigInteger(), nullable=False),
        sa.Column("quotation_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("total_fen", sa.BigInteger(), nullable=False),
        sa.Column("deliver_on", sa.Date(), nullable=False),
        sa.Column("terms", sa.Text(), server_default="", nullable=False),
        sa.Column("authority", sa.String(length=16), nullable=True),
        sa.Column("status", sa.String(length=16), server_default="in_approval", nullable=False),
        sa.Column("drafted_by_id", sa.BigInteger(), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.CheckConstraint("(status = 'signed') = (signed_on IS NOT NULL)", name=op.f("ck_contract_signed_has_a_day")),
        sa.CheckConstraint(
            "status IN ('in_approval', 'approved', 'signed', 'rejected', 'replaced')", name=op.f("ck_contract_status")
        ),
        sa.CheckConstraint("total_fen > 0", name=op.f("ck_contract_total_fen")),
        sa.ForeignKeyConstraint(["drafted_by_id"], ["employee.id"], name=op.f("fk_contract_drafted_by_id")),
        sa.ForeignKeyConstraint(["quotation_id"], ["quotation.id"], name=op.f("fk_contract_quotation_id")),
        sa.ForeignKeyConstraint(["sale_id"], ["sale.id"], name=op.f("fk_contract_sale_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract")),
        sa.UniqueConstraint("number", name=op.f("uq_contract_number")),
    )
    op.create_index("ix_contract_sale", "contract", ["sale_id", "id"])
    op.create_index(
        "uq_contract_live",
        "contract",
        ["sale_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('in_approval', 'approved', 'signed')"),
    )
    op.create_table(
        "quotation_line",
        sa.Column("quotation_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("unit", sa.String(length=16), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=12, scale=3), nullable=False),
        sa.Column("list_price_fen", sa.BigInteger(), nullable=False),
        sa.Column("floor_price_fen", sa.BigInteger(), nullable=False),
        sa.Column("unit_price_fen", sa.BigInteger(), nullable=False),
        sa.Column("discount_bp", sa.Integer(), server_default="0", nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.String(length=200), server_default="", nullable=False),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("ck_quotation_line_amount_fen")),
        sa.CheckConstraint("discount_bp BETWEEN 0 AND 10000", name=op.f("ck_quotation_line_discount_bp")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_quotation_line_quantity")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_quotation_line_product_id")),
        sa.ForeignKeyConstraint(["quotation_id"], ["quotation.id"], name=op.f("fk_quotation_line_quotation_id")),
        sa.PrimaryKeyConstraint("quotation_id", "position", name=op.f("pk_quotation_line")),
    )
    op.create_table(
        "instalment",
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.String(length=200), server_default="", nullable=False),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_instalment_amount_fen")),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_instalment_contract_id")),
        sa.PrimaryKeyConstraint("contract_id", "position", name=op.f("pk_instalment")),
    )
    op.create_index(op.f("ix_instalment_due_on"), "instalment", ["due_on"])
    op.create_table(
        "order_line",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("sale_id", sa.BigInteger(), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("unit", sa.String(length=16), nullable=False),
        sa.Column("product_kind", sa.String(length=16), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=12, scale=3), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("floor_fen", sa.BigInteger(), nullable=False),
        sa.Column("is_procured", sa.Boolean(), nullable=False),
        sa.Column("is_outsourced", sa.Boolean(), nullable=False),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("ck_order_line_amount_fen")),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_order_line_contract_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_order_line_product_id")),
        sa.ForeignKeyConstraint(["sale_id"], ["sale.id"], name=op.f("fk_order_line_sale_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_line")),
        sa.UniqueConstraint("contract_id", "position", name=op.f("uq_order_line_contract_id_position")),
        sa.UniqueConstraint("id", "sale_id", name=op.f("uq_order_line_id_sale_id")),
    )
    op.create_index("ix_order_line_sale", "order_line", ["sale_id", "position"])
    op.create_table(
        "refund",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("sale_id", sa.BigInteger(), nullable=False),
        sa.Column("order_line_id", sa.BigInteger(), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("requested_by_id", sa.BigInteger(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("receipt_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_refund_amount_fen")),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["process_instance.id"],
            name=op.f("fk_refund_instance_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id", "sale_id"], ["order_line.id", "order_line.sale_id"], name="fk_refund_order_line_id"
        ),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipt.id"], name=op.f("fk_refund_receipt_id")),
        sa.ForeignKeyConstraint(["requested_by_id"], ["employee.id"], name=op.f("fk_refund_requested_by_id")),
        sa.ForeignKeyConstraint(["sale_id"], ["sale.id"], name=op.f("fk_refund_sale_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
        sa.UniqueConstraint("instance_id", name=op.f("uq_refund_instance_id")),
        sa.UniqueConstraint("number", name=op.f("uq_refund_number")),
    )
    op.create_index(op.f("ix_refund_sale_id"), "refund", ["sale_id"])
    op.create_table(
        "sale_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("sale_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("cost_kind", sa.String(length=16), nullable=True),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("order_line_id", sa.BigInteger(), nullable=True),
        sa.Column("product_kind", sa.String(length=16), nullable=True),
        sa.Column("is_procured", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_outsourced", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("salesperson_id", sa.BigInteger(), nullable=False),
        sa.Column("department_id", sa.BigInteger(), nullable=False),
        sa.Column("receipt_id", sa.BigInteger(), nullable=True),
        sa.Column("reverses_id", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.String(length=200), server_default="", nullable=False),
        sa.Column("recorded_by_id", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(kind = 'cost') = (cost_kind IS NOT NULL)", name=op.f("ck_sale_event_a_cost_has_a_kind")),
        sa.CheckConstraint(
            "(kind IN ('receipt', 'refund')) = (receipt_id IS NOT NULL)", name=op.f("ck_sale_event_money_has_a_receipt")
        ),
        sa.CheckConstraint(
            "cost_kind IN ('purchase', 'tax', 'logistics', 'other')", name=op.f("ck_sale_event_cost_kind")
        ),
        sa.CheckConstraint("kind IN ('order', 'receipt', 'refund', 'cost')", name=op.f("ck_sale_event_kind")),
        sa.CheckConstraint(
            "(order_line_id IS NULL) = (product_kind IS NULL)", name=op.f("ck_sale_event_a_line_has_a_kind")
        ),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_sale_event_amount_fen")),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_sale_event_department_id")),
        sa.ForeignKeyConstraint(
            ["order_line_id", "sale_id"], ["order_line.id", "order_line.sale_id"], name="fk_sale_event_order_line_id"
        ),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipt.id"], name=op.f("fk_sale_event_receipt_id")),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["employee.id"], name=op.f("fk_sale_event_recorded_by_id")),
        sa.ForeignKeyConstraint(["reverses_id"], ["sale_event.id"], name=op.f("fk_sale_event_reverses_id")),
        sa.ForeignKeyConstraint(["sale_id"], ["sale.id"], name=op.f("fk_sale_event_sale_id")),
        sa.ForeignKeyConstraint(["salesperson_id"], ["employee.id"], name=op.f("fk_sale_event_salesperson_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sale_event")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_sale_event_reverses_id")),
    )
    op.create_index("ix_sale_event_sale", "sale_event", ["sale_id", "id"])
    op.create_index("ix_sale_event_salesperson", "sale_event", ["salesperson_id", "occurred_on", "id"])
    op.add_column("advance", sa.Column("customer_id", sa.BigInteger(), nullable=True))
    op.add_column("advance", sa.Column("sale_id", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_advance_customer_id"), "advance", ["customer_id"])
    op.create_index(op.f("ix_advance_sale_id"), "advance", ["sale_id"])
    op.create_foreign_key(op.f("fk_advance_customer_id"), "advance", "customer", ["customer_id"], ["id"])
    op.create_foreign_key(op.f("fk_advance_sale_id"), "advance", "sale", ["sale_id"], ["id"])
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    op.drop_constraint(op.f("fk_advance_sale_id"), "advance", type_="foreignkey")
    op.drop_constraint(op.f("fk_advance_customer_id"), "advance", type_="foreignkey")
    op.drop_index(op.f("ix_advance_sale_id"), table_name="advance")
    op.drop_index(op.f("ix_advance_customer_id"), table_name="advance")
    op.drop_column("advance", "sale_id")
    op.drop_column("advance", "customer_id")
    op.drop_table("sale_event")
    op.drop_table("refund")
    op.drop_table("order_line")
    op.drop_table("instalment")
    op.drop_table("quotation_line")
    op.drop_table("contract")
    op.drop_table("sale_move")
    op.drop_table("receipt")
    op.drop_table("quotation")
    op.drop_table("milestone")
    op.drop_table("sale")
    op.drop_table("registration_contest")
    op.drop_table("customer_document")
    op.drop_table("visit")
    op.drop_table("registration")
    op.drop_table("contact_view")
    op.drop_table("complaint")
    op.drop_table("customer_change")
    op.drop_table("contact")
    op.drop_table("competitor")
    op.drop_table("sales_rule")
    op.drop_table("product_change")
    op.drop_table("customer")
    op.drop_table("product")
    op.drop_table("sale_number")
    op.drop_table("product_line")
