"""The council: digests, their pictures, the agenda, decisions, letters; what is counted is found by its date.

Revision: 0006, after 0005
"""

import sqlalchemy as sa
from alembic import op

from bot.store.types import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "council_digests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("slot_at", UtcDateTime(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("counted_at", UtcDateTime(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("corrections", sa.JSON(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("workbook_id", sa.String(length=20), nullable=True),
        sa.Column("replaced_id", sa.String(length=20), nullable=True),
        sa.Column("shared_at", UtcDateTime(), nullable=True),
        sa.Column("tried_at", UtcDateTime(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_council_digests")),
        sa.UniqueConstraint("week", name=op.f("uq_council_digests_week")),
    )
    with op.batch_alter_table("council_digests", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_council_digests_slot_at"), ["slot_at"], unique=False)

    op.create_table(
        "council_letters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_council_letters")),
        sa.UniqueConstraint("month", name=op.f("uq_council_letters_month")),
    )
    op.create_table(
        "council_pictures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("alt", sa.Text(), nullable=False),
        sa.Column("drawn_from", sa.String(length=64), nullable=False),
        sa.Column("file_id", sa.String(length=20), nullable=False),
        sa.Column("replaced_id", sa.String(length=20), nullable=True),
        sa.Column("drawn_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_council_pictures")),
        sa.UniqueConstraint("name", name=op.f("uq_council_pictures_name")),
    )
    op.create_table(
        "council_agenda",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("link", sa.String(length=300), nullable=True),
        sa.Column("view_key", sa.String(length=80), nullable=False),
        sa.Column("dropped_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_council_agenda_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_council_agenda")),
        sa.UniqueConstraint("view_key", name=op.f("uq_council_agenda_view_key")),
    )
    with op.batch_alter_table("council_agenda", schema=None) as batch_op:
        batch_op.create_index("ix_council_agenda_week", ["week"], unique=False)

    op.create_table(
        "council_asked",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("week", sa.String(length=8), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_council_asked_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_council_asked")),
        sa.UniqueConstraint("week", "person_id", name=op.f("uq_council_asked_week_person_id")),
    )
    op.create_table(
        "council_decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.String(length=10), nullable=False),
        sa.Column("measure", sa.String(length=30), nullable=True),
        sa.Column("about", sa.String(length=120), nullable=True),
        sa.Column("target", sa.Double(), nullable=True),
        sa.Column("then_value", sa.Double(), nullable=True),
        sa.Column("then_of", sa.Integer(), nullable=True),
        sa.Column("later_value", sa.Double(), nullable=True),
        sa.Column("later_of", sa.Integer(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.Column("done_by_id", sa.Integer(), nullable=True),
        sa.Column("dropped", sa.Boolean(), nullable=False),
        sa.Column("view_key", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["decided_by_id"], ["people.id"], name=op.f("fk_council_decisions_decided_by_id")),
        sa.ForeignKeyConstraint(["done_by_id"], ["people.id"], name=op.f("fk_council_decisions_done_by_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["people.id"], name=op.f("fk_council_decisions_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_council_decisions")),
        sa.UniqueConstraint("view_key", name=op.f("uq_council_decisions_view_key")),
    )
    with op.batch_alter_table("council_decisions", schema=None) as batch_op:
        batch_op.create_index(
            "ix_council_decisions_open",
            ["due_on"],
            unique=False,
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        )

    with op.batch_alter_table("lead_steps", schema=None) as batch_op:
        batch_op.create_index("ix_lead_steps_at", ["step", "at"], unique=False)

    with op.batch_alter_table("leads", schema=None) as batch_op:
        batch_op.create_index("ix_leads_received", ["received_at", "source"], unique=False)

    with op.batch_alter_table("obligations", schema=None) as batch_op:
        batch_op.create_index("ix_obligations_settled", ["settled_at", "team", "kind"], unique=False)
        batch_op.create_index(
            "ix_obligations_running",
            ["kind", "opened_at"],
            unique=False,
            sqlite_where=sa.text("outcome IS NULL"),
            postgresql_where=sa.text("outcome IS NULL"),
        )

    with op.batch_alter_table("offers", schema=None) as batch_op:
        batch_op.create_index("ix_offers_offered", ["offered_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("offers", schema=None) as batch_op:
        batch_op.drop_index("ix_offers_offered")

    with op.batch_alter_table("obligations", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_obligations_running",
            sqlite_where=sa.text("outcome IS NULL"),
            postgresql_where=sa.text("outcome IS NULL"),
        )
        batch_op.drop_index("ix_obligations_settled")

    with op.batch_alter_table("leads", schema=None) as batch_op:
        batch_op.drop_index("ix_leads_received")

    with op.batch_alter_table("lead_steps", schema=None) as batch_op:
        batch_op.drop_index("ix_lead_steps_at")

    with op.batch_alter_table("council_decisions", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_council_decisions_open",
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        )

    op.drop_table("council_decisions")
    op.drop_table("council_asked")
    with op.batch_alter_table("council_agenda", schema=None) as batch_op:
        batch_op.drop_index("ix_council_agenda_week")

    op.drop_table("council_agenda")
    op.drop_table("council_pictures")
    op.drop_table("council_letters")
    with op.batch_alter_table("council_digests", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_council_digests_slot_at"))

    op.drop_table("council_digests")
