"""What the field reports, what is done with it, answers that work, what had to go to quality; exports.

Revision: 0005, after 0004
"""

import sqlalchemy as sa
from alembic import op

from bot.store.types import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "duty_reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sign", sa.String(length=20), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("reporter_id", sa.Integer(), nullable=False),
        sa.Column("view_key", sa.String(length=80), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("stand_in_id", sa.Integer(), nullable=True),
        sa.Column("received_at", UtcDateTime(), nullable=True),
        sa.Column("received_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["contact_id"], ["people.id"], name=op.f("fk_duty_reports_contact_id")),
        sa.ForeignKeyConstraint(["received_by_id"], ["people.id"], name=op.f("fk_duty_reports_received_by_id")),
        sa.ForeignKeyConstraint(["reporter_id"], ["people.id"], name=op.f("fk_duty_reports_reporter_id")),
        sa.ForeignKeyConstraint(["stand_in_id"], ["people.id"], name=op.f("fk_duty_reports_stand_in_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_reports")),
        sa.UniqueConstraint("view_key", name=op.f("uq_duty_reports_view_key")),
    )
    with op.batch_alter_table("duty_reports", schema=None) as batch_op:
        batch_op.create_index("ix_duty_reports_open", ["received_at", "created_at"], unique=False)

    op.create_table(
        "export_orders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("first_day", sa.String(length=10), nullable=False),
        sa.Column("last_day", sa.String(length=10), nullable=False),
        sa.Column("form", sa.String(length=4), nullable=False),
        sa.Column("filters", sa.JSON(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=True),
        sa.Column("file_id", sa.String(length=20), nullable=True),
        sa.Column("problem", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_export_orders_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_orders")),
        sa.UniqueConstraint("key", name=op.f("uq_export_orders_key")),
    )
    with op.batch_alter_table("export_orders", schema=None) as batch_op:
        batch_op.create_index(
            "ix_export_orders_due",
            ["due_at"],
            unique=False,
            sqlite_where=sa.text("due_at IS NOT NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL"),
        )

    op.create_table(
        "export_schedules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("every", sa.String(length=6), nullable=False),
        sa.Column("form", sa.String(length=4), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_export_schedules_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_schedules")),
    )
    with op.batch_alter_table("export_schedules", schema=None) as batch_op:
        batch_op.create_index("ix_export_schedules_next", ["next_at"], unique=False)

    op.create_table(
        "forms_checked",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("view_key", sa.String(length=80), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("duty_id", sa.Integer(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["duty_id"], ["duty_reports.id"], name=op.f("fk_forms_checked_duty_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forms_checked")),
        sa.UniqueConstraint("view_key", "text_hash", name=op.f("uq_forms_checked_view_key_text_hash")),
    )
    with op.batch_alter_table("forms_checked", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_forms_checked_at"), ["at"], unique=False)

    op.create_table(
        "field_reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("form", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("reporter_id", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("settles_at", UtcDateTime(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=True),
        sa.Column("view_key", sa.String(length=80), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("account_said", sa.String(length=120), nullable=True),
        sa.Column("stage", sa.String(length=12), nullable=True),
        sa.Column("product", sa.String(length=40), nullable=True),
        sa.Column("competitor", sa.String(length=80), nullable=True),
        sa.Column("importance", sa.String(length=12), nullable=False),
        sa.Column("sureness", sa.String(length=12), nullable=False),
        sa.Column("answer_given", sa.Text(), nullable=True),
        sa.Column("went", sa.String(length=10), nullable=True),
        sa.Column("link", sa.String(length=300), nullable=True),
        sa.Column("author", sa.String(length=80), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("root_id", sa.Integer(), nullable=True),
        sa.Column("pattern_at", UtcDateTime(), nullable=True),
        sa.Column("planned_on", sa.String(length=10), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_field_reports_account_id")),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_field_reports_lead_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["people.id"], name=op.f("fk_field_reports_owner_id")),
        sa.ForeignKeyConstraint(["reporter_id"], ["people.id"], name=op.f("fk_field_reports_reporter_id")),
        sa.ForeignKeyConstraint(["root_id"], ["field_reports.id"], name=op.f("fk_field_reports_root_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_field_reports")),
        sa.UniqueConstraint("view_key", name=op.f("uq_field_reports_view_key")),
    )
    with op.batch_alter_table("field_reports", schema=None) as batch_op:
        batch_op.create_index("ix_field_reports_created", ["created_at"], unique=False)
        batch_op.create_index("ix_field_reports_kind", ["kind", "created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_field_reports_lead_id"), ["lead_id"], unique=False)
        batch_op.create_index("ix_field_reports_owner", ["owner_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_field_reports_pattern_at"), ["pattern_at"], unique=False)
        batch_op.create_index("ix_field_reports_reporter", ["reporter_id", "created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_field_reports_root_id"), ["root_id"], unique=False)
        batch_op.create_index(
            "ix_field_reports_untold",
            ["settles_at"],
            unique=False,
            sqlite_where=sa.text("told_at IS NULL"),
            postgresql_where=sa.text("told_at IS NULL"),
        )

    op.create_table(
        "answer_cards",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=True),
        sa.Column("asks", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["people.id"], name=op.f("fk_answer_cards_owner_id")),
        sa.ForeignKeyConstraint(["report_id"], ["field_reports.id"], name=op.f("fk_answer_cards_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_cards")),
        sa.UniqueConstraint("report_id", name=op.f("uq_answer_cards_report_id")),
    )
    op.create_table(
        "field_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=12), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=True),
        sa.Column("on_day", sa.String(length=10), nullable=True),
        sa.Column("to_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_field_steps_by_id")),
        sa.ForeignKeyConstraint(["report_id"], ["field_reports.id"], name=op.f("fk_field_steps_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_field_steps")),
    )
    with op.batch_alter_table("field_steps", schema=None) as batch_op:
        batch_op.create_index("ix_field_steps_report", ["report_id", "id"], unique=False)

    op.create_table(
        "field_words",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("word", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["field_reports.id"], name=op.f("fk_field_words_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_field_words")),
        sa.UniqueConstraint("report_id", "word", name=op.f("uq_field_words_report_id_word")),
    )
    with op.batch_alter_table("field_words", schema=None) as batch_op:
        batch_op.create_index("ix_field_words_word", ["word", "report_id"], unique=False)

    op.create_table(
        "answer_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("card_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("reference", sa.String(length=300), nullable=True),
        sa.Column("valid_until", sa.String(length=10), nullable=True),
        sa.ForeignKeyConstraint(["approved_by_id"], ["people.id"], name=op.f("fk_answer_versions_approved_by_id")),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_answer_versions_by_id")),
        sa.ForeignKeyConstraint(["card_id"], ["answer_cards.id"], name=op.f("fk_answer_versions_card_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_versions")),
        sa.UniqueConstraint("card_id", "number", name=op.f("uq_answer_versions_card_id_number")),
    )
    with op.batch_alter_table("answer_versions", schema=None) as batch_op:
        batch_op.create_index("ix_answer_versions_state", ["state", "valid_until"], unique=False)

    op.create_table(
        "answer_words",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("card_id", sa.Integer(), nullable=False),
        sa.Column("word", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["card_id"], ["answer_cards.id"], name=op.f("fk_answer_words_card_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_words")),
        sa.UniqueConstraint("card_id", "word", name=op.f("uq_answer_words_card_id_word")),
    )
    with op.batch_alter_table("answer_words", schema=None) as batch_op:
        batch_op.create_index("ix_answer_words_word", ["word", "card_id"], unique=False)

    op.create_table(
        "answer_uses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("card_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("worked", sa.Boolean(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("tap", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["card_id"], ["answer_cards.id"], name=op.f("fk_answer_uses_card_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_answer_uses_person_id")),
        sa.ForeignKeyConstraint(["version_id"], ["answer_versions.id"], name=op.f("fk_answer_uses_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_uses")),
        sa.UniqueConstraint("tap", name=op.f("uq_answer_uses_tap")),
    )
    with op.batch_alter_table("answer_uses", schema=None) as batch_op:
        batch_op.create_index("ix_answer_uses_card", ["card_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("answer_uses", schema=None) as batch_op:
        batch_op.drop_index("ix_answer_uses_card")

    op.drop_table("answer_uses")
    with op.batch_alter_table("answer_words", schema=None) as batch_op:
        batch_op.drop_index("ix_answer_words_word")

    op.drop_table("answer_words")
    with op.batch_alter_table("answer_versions", schema=None) as batch_op:
        batch_op.drop_index("ix_answer_versions_state")

    op.drop_table("answer_versions")
    with op.batch_alter_table("field_words", schema=None) as batch_op:
        batch_op.drop_index("ix_field_words_word")

    op.drop_table("field_words")
    with op.batch_alter_table("field_steps", schema=None) as batch_op:
        batch_op.drop_index("ix_field_steps_report")

    op.drop_table("field_steps")
    op.drop_table("answer_cards")
    with op.batch_alter_table("field_reports", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_field_reports_untold",
            sqlite_where=sa.text("told_at IS NULL"),
            postgresql_where=sa.text("told_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_field_reports_root_id"))
        batch_op.drop_index("ix_field_reports_reporter")
        batch_op.drop_index(batch_op.f("ix_field_reports_pattern_at"))
        batch_op.drop_index("ix_field_reports_owner")
        batch_op.drop_index(batch_op.f("ix_field_reports_lead_id"))
        batch_op.drop_index("ix_field_reports_kind")
        batch_op.drop_index("ix_field_reports_created")

    op.drop_table("field_reports")
    with op.batch_alter_table("forms_checked", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_forms_checked_at"))

    op.drop_table("forms_checked")
    with op.batch_alter_table("export_schedules", schema=None) as batch_op:
        batch_op.drop_index("ix_export_schedules_next")

    op.drop_table("export_schedules")
    with op.batch_alter_table("export_orders", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_export_orders_due",
            sqlite_where=sa.text("due_at IS NOT NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL"),
        )

    op.drop_table("export_orders")
    with op.batch_alter_table("duty_reports", schema=None) as batch_op:
        batch_op.drop_index("ix_duty_reports_open")

    op.drop_table("duty_reports")
