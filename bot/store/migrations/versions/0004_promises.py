"""Promises are kept: the ladder, pauses, what was measured; pings, bundles, quiet hours, who stands in.

Revision: 0004, after 0003
"""

import sqlalchemy as sa
from alembic import op

from bot.store.types import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outbox_pings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("acted_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["outbox_conversations.id"], name=op.f("fk_outbox_pings_conversation_id")
        ),
        sa.ForeignKeyConstraint(["message_id"], ["outbox_messages.id"], name=op.f("fk_outbox_pings_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_pings")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_pings_message_id")),
    )
    with op.batch_alter_table("outbox_pings", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_pings_at", ["at"], unique=False)
        batch_op.create_index("ix_outbox_pings_day", ["conversation_id", "at"], unique=False)

    op.create_table(
        "ladder_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("obligation_id", sa.Integer(), nullable=False),
        sa.Column("rung", sa.String(length=10), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("rang", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["obligation_id"], ["obligations.id"], name=op.f("fk_ladder_steps_obligation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ladder_steps")),
        sa.UniqueConstraint("obligation_id", "rung", name=op.f("uq_ladder_steps_obligation_id_rung")),
    )
    with op.batch_alter_table("absences", schema=None) as batch_op:
        batch_op.add_column(sa.Column("handed_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("stood_in_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("passed_on", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("returned_at", UtcDateTime(), nullable=True))
        batch_op.create_index("ix_absences_handed", ["handed_at", "starts_at"], unique=False)
        batch_op.create_index("ix_absences_returned", ["returned_at", "ends_at"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_absences_stood_in_id"), "people", ["stood_in_id"], ["id"])

    with op.batch_alter_table("leads", schema=None) as batch_op:
        batch_op.add_column(sa.Column("came_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("stalls_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("next_step", sa.String(length=300), nullable=True))
        batch_op.create_index(
            "ix_leads_stalls",
            ["stalls_at"],
            unique=False,
            sqlite_where=sa.text("stalls_at IS NOT NULL"),
            postgresql_where=sa.text("stalls_at IS NOT NULL"),
        )

    with op.batch_alter_table("obligations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("team", sa.String(length=10), nullable=True))
        batch_op.add_column(sa.Column("hot", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("group_key", sa.String(length=60), nullable=True))
        batch_op.add_column(sa.Column("came_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("ladder", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("running_since", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("used_seconds", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("next_rung", sa.String(length=10), nullable=True))
        batch_op.add_column(sa.Column("next_step_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("worked_seconds", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("waited_seconds", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("late_owner_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("paused_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("resumes_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("pause_reason", sa.String(length=300), nullable=True))
        batch_op.add_column(sa.Column("paused_for_absence", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("later_until", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("stopped_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("helped_at", UtcDateTime(), nullable=True))
        batch_op.drop_index(batch_op.f("ix_obligations_owner"))
        batch_op.create_index("ix_obligations_owner", ["owner_id", "outcome", "deadline_at"], unique=False)
        batch_op.create_index("ix_obligations_deadline", ["deadline_at"], unique=False)
        batch_op.create_index(
            "ix_obligations_step",
            ["next_step_at"],
            unique=False,
            sqlite_where=sa.text("next_step_at IS NOT NULL"),
            postgresql_where=sa.text("next_step_at IS NOT NULL"),
        )
        batch_op.create_foreign_key(batch_op.f("fk_obligations_late_owner_id"), "people", ["late_owner_id"], ["id"])

    with op.batch_alter_table("outbox_messages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("joined_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("about", sa.String(length=60), nullable=True))
        batch_op.add_column(sa.Column("gathers_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("put_off_at", UtcDateTime(), nullable=True))
        batch_op.create_index(
            "ix_outbox_messages_about",
            ["about", "conversation_id"],
            unique=False,
            sqlite_where=sa.text("about IS NOT NULL"),
            postgresql_where=sa.text("about IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_outbox_messages_joined_id"), ["joined_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_outbox_messages_joined_id"), "outbox_messages", ["joined_id"], ["id"]
        )

    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.add_column(sa.Column("quiet_until", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("brief_at", UtcDateTime(), nullable=True))
        batch_op.create_index(batch_op.f("ix_people_brief_at"), ["brief_at"], unique=False)

    _fill()
    with op.batch_alter_table("leads", schema=None) as batch_op:
        batch_op.alter_column("came_at", existing_type=UtcDateTime(), nullable=False)
    with op.batch_alter_table("obligations", schema=None) as batch_op:
        batch_op.alter_column("team", existing_type=sa.String(length=10), nullable=False)
        batch_op.alter_column("hot", existing_type=sa.Boolean(), nullable=False)
        batch_op.alter_column("came_at", existing_type=UtcDateTime(), nullable=False)
        batch_op.alter_column("ladder", existing_type=sa.JSON(), nullable=False)
        batch_op.alter_column("running_since", existing_type=UtcDateTime(), nullable=False)
        batch_op.alter_column("used_seconds", existing_type=sa.Integer(), nullable=False)
        batch_op.alter_column("paused_for_absence", existing_type=sa.Boolean(), nullable=False)


LADDER = [
    {"does": "remind", "percent": 50},
    {"does": "warn", "percent": 75},
    {"does": "late", "percent": 100},
]
FILLED = (
    "UPDATE leads SET came_at = received_at",
    "UPDATE obligations SET team = (SELECT team FROM people WHERE people.id = obligations.owner_id), "
    "hot = (SELECT leads.hot FROM leads WHERE leads.id = obligations.subject_id), "
    "came_at = opened_at, running_since = opened_at, used_seconds = 0, paused_for_absence = false",
    "UPDATE obligations SET hot = false WHERE hot IS NULL",
    # What runs by now is heard of from its deadline on: what was to be said before is past.
    "UPDATE obligations SET next_rung = 'late', next_step_at = deadline_at WHERE outcome IS NULL",
    "UPDATE obligations SET late_owner_id = owner_id WHERE outcome = 'missed'",
    "UPDATE outbox_messages SET about = (SELECT 'lead:' || offers.lead_id FROM offers "
    "WHERE offers.id = outbox_messages.subject_id) WHERE template IN ('lead_card', 'lead_try_again')",
)


def _fill() -> None:
    """What stood before gets what it needs now."""
    for statement in FILLED:
        op.execute(statement)
    # Two weeks without a step, from the last change of stage on.
    # Both sentences stand here: nothing from outside goes into them.
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    quiet = "datetime(stage_since, '+14 days')" if is_sqlite else "stage_since + interval '14 days'"
    op.execute(f"UPDATE leads SET stalls_at = {quiet} WHERE stage IN ('sal', 'sql') AND owner_id IS NOT NULL")  # noqa: S608
    obligations = sa.table("obligations", sa.column("ladder", sa.JSON()))
    op.execute(obligations.update().values(ladder=LADDER))


def downgrade() -> None:
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_people_brief_at"))
        batch_op.drop_column("brief_at")
        batch_op.drop_column("quiet_until")

    with op.batch_alter_table("outbox_messages", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_outbox_messages_joined_id"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_outbox_messages_joined_id"))
        batch_op.drop_index(
            "ix_outbox_messages_about",
            sqlite_where=sa.text("about IS NOT NULL"),
            postgresql_where=sa.text("about IS NOT NULL"),
        )
        batch_op.drop_column("put_off_at")
        batch_op.drop_column("gathers_at")
        batch_op.drop_column("about")
        batch_op.drop_column("joined_id")

    with op.batch_alter_table("obligations", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_obligations_late_owner_id"), type_="foreignkey")
        batch_op.drop_index(
            "ix_obligations_step",
            sqlite_where=sa.text("next_step_at IS NOT NULL"),
            postgresql_where=sa.text("next_step_at IS NOT NULL"),
        )
        batch_op.drop_index("ix_obligations_deadline")
        batch_op.drop_index("ix_obligations_owner")
        batch_op.create_index(batch_op.f("ix_obligations_owner"), ["owner_id", "outcome"], unique=False)
        batch_op.drop_column("helped_at")
        batch_op.drop_column("stopped_at")
        batch_op.drop_column("later_until")
        batch_op.drop_column("paused_for_absence")
        batch_op.drop_column("pause_reason")
        batch_op.drop_column("resumes_at")
        batch_op.drop_column("paused_at")
        batch_op.drop_column("late_owner_id")
        batch_op.drop_column("waited_seconds")
        batch_op.drop_column("worked_seconds")
        batch_op.drop_column("next_step_at")
        batch_op.drop_column("next_rung")
        batch_op.drop_column("used_seconds")
        batch_op.drop_column("running_since")
        batch_op.drop_column("ladder")
        batch_op.drop_column("came_at")
        batch_op.drop_column("group_key")
        batch_op.drop_column("hot")
        batch_op.drop_column("team")

    with op.batch_alter_table("leads", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_leads_stalls",
            sqlite_where=sa.text("stalls_at IS NOT NULL"),
            postgresql_where=sa.text("stalls_at IS NOT NULL"),
        )
        batch_op.drop_column("next_step")
        batch_op.drop_column("stalls_at")
        batch_op.drop_column("came_at")

    with op.batch_alter_table("absences", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_absences_stood_in_id"), type_="foreignkey")
        batch_op.drop_index("ix_absences_returned")
        batch_op.drop_index("ix_absences_handed")
        batch_op.drop_column("returned_at")
        batch_op.drop_column("passed_on")
        batch_op.drop_column("stood_in_id")
        batch_op.drop_column("handed_at")

    op.drop_table("ladder_steps")
    with op.batch_alter_table("outbox_pings", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_pings_day")
        batch_op.drop_index("ix_outbox_pings_at")

    op.drop_table("outbox_pings")
