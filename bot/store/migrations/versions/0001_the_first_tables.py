"""The first tables

Revision: 0001, after nothing
"""

import sqlalchemy as sa
from alembic import op

from bot.store.types import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "channel_days",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel_days")),
        sa.UniqueConstraint("day", name=op.f("uq_channel_days_day")),
    )
    op.create_table(
        "contacts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=True),
        sa.Column("phone", sa.String(length=60), nullable=True),
        sa.Column("may_call", sa.Boolean(), nullable=True),
        sa.Column("may_email", sa.Boolean(), nullable=True),
        sa.Column("do_not_contact", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
        sa.UniqueConstraint("email", name=op.f("uq_contacts_email")),
    )
    op.create_table(
        "intake_tokens",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_tokens")),
        sa.UniqueConstraint("hash", name=op.f("uq_intake_tokens_hash")),
    )
    op.create_table(
        "journal_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("occurred_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("actor_kind", sa.String(length=20), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("subject_kind", sa.String(length=20), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("verb", sa.String(length=40), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_entries")),
    )
    with op.batch_alter_table("journal_entries", schema=None) as batch_op:
        batch_op.create_index("ix_journal_entries_subject", ["subject_kind", "subject_id", "id"], unique=False)
        batch_op.create_index("ix_journal_entries_verb", ["verb", "occurred_at"], unique=False)

    op.create_table(
        "outbox_call_marks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bucket", sa.String(length=60), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_call_marks")),
    )
    with op.batch_alter_table("outbox_call_marks", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_call_marks_bucket", ["bucket", "at"], unique=False)

    op.create_table(
        "outbox_conversations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("target", sa.String(length=80), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=True),
        sa.Column("ready_at", UtcDateTime(), nullable=True),
        sa.Column("ready_priority", sa.Integer(), nullable=False),
        sa.Column("next_send_at", UtcDateTime(), nullable=True),
        sa.Column("leased_until", UtcDateTime(), nullable=True),
        sa.Column("lease", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_conversations")),
        sa.UniqueConstraint("target", name=op.f("uq_outbox_conversations_target")),
    )
    with op.batch_alter_table("outbox_conversations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outbox_conversations_channel"), ["channel"], unique=False)
        batch_op.create_index(batch_op.f("ix_outbox_conversations_ready_at"), ["ready_at"], unique=False)

    op.create_table(
        "outbox_pauses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bucket", sa.String(length=60), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_pauses")),
        sa.UniqueConstraint("bucket", name=op.f("uq_outbox_pauses_bucket")),
    )
    op.create_table(
        "outbox_slack_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bot_user_id", sa.String(length=20), nullable=True),
        sa.Column("team_id", sa.String(length=20), nullable=True),
        sa.Column("halted_token", sa.String(length=64), nullable=True),
        sa.Column("halted_reason", sa.String(length=80), nullable=True),
        sa.Column("halted_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_slack_link")),
    )
    op.create_table(
        "policy_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("canonical", sa.String(), nullable=False),
        sa.Column("in_force_from", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_versions")),
    )
    with op.batch_alter_table("policy_versions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_policy_versions_hash"), ["hash"], unique=False)
        batch_op.create_index(batch_op.f("ix_policy_versions_in_force_from"), ["in_force_from"], unique=False)

    op.create_table(
        "routing_pools",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("tag", sa.Integer(), nullable=False),
        sa.Column("turns", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routing_pools")),
        sa.UniqueConstraint("name", name=op.f("uq_routing_pools_name")),
    )
    op.create_table(
        "seen_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seen_requests")),
        sa.UniqueConstraint("key", name=op.f("uq_seen_requests_key")),
    )
    with op.batch_alter_table("seen_requests", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_seen_requests_at"), ["at"], unique=False)

    op.create_table(
        "workspaces",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slack_team_id", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workspaces")),
        sa.UniqueConstraint("slack_team_id", name=op.f("uq_workspaces_slack_team_id")),
    )
    op.create_table(
        "intake_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["token_id"], ["intake_tokens.id"], name=op.f("fk_intake_requests_token_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_requests")),
        sa.UniqueConstraint("token_id", "key", name=op.f("uq_intake_requests_token_id_key")),
    )
    with op.batch_alter_table("intake_requests", schema=None) as batch_op:
        batch_op.create_index("ix_intake_requests_at", ["at"], unique=False)

    op.create_table(
        "judgements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject_kind", sa.String(length=20), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("policy_version_id", sa.Integer(), nullable=False),
        sa.Column("inputs", sa.JSON(), nullable=False),
        sa.Column("outcome", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["policy_version_id"], ["policy_versions.id"], name=op.f("fk_judgements_policy_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judgements")),
    )
    with op.batch_alter_table("judgements", schema=None) as batch_op:
        batch_op.create_index("ix_judgements_subject", ["subject_kind", "subject_id", "id"], unique=False)

    op.create_table(
        "outbox_messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("dedupe_key", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("template", sa.String(length=40), nullable=False),
        sa.Column("subject_kind", sa.String(length=20), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("not_before", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("op", sa.String(length=8), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("sent_revision", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("attempted_at", UtcDateTime(), nullable=True),
        sa.Column("delivery_id", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=True),
        sa.Column("ts", sa.String(length=20), nullable=True),
        sa.Column("outcome", sa.String(length=200), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["outbox_conversations.id"], name=op.f("fk_outbox_messages_conversation_id")
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["outbox_messages.id"], name=op.f("fk_outbox_messages_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_messages")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_outbox_messages_dedupe_key")),
        sa.UniqueConstraint("delivery_id", name=op.f("uq_outbox_messages_delivery_id")),
    )
    with op.batch_alter_table("outbox_messages", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outbox_messages_due",
            ["conversation_id", "due_at"],
            unique=False,
            sqlite_where=sa.text("due_at IS NOT NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_outbox_messages_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index("ix_outbox_messages_state", ["state", "id"], unique=False)
        batch_op.create_index("ix_outbox_messages_subject", ["subject_kind", "subject_id"], unique=False)
        batch_op.create_index(
            "ix_outbox_messages_turn",
            ["conversation_id", "op", "priority", "due_at", "id"],
            unique=False,
            sqlite_where=sa.text("due_at IS NOT NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL"),
        )

    op.create_table(
        "people",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("slack_user_id", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("team", sa.String(length=10), nullable=False),
        sa.Column("manager_id", sa.Integer(), nullable=True),
        sa.Column("zone", sa.String(length=40), nullable=False),
        sa.Column("calendar", sa.String(length=40), nullable=True),
        sa.Column("hours", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("territories", sa.JSON(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["manager_id"], ["people.id"], name=op.f("fk_people_manager_id")),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=op.f("fk_people_workspace_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("email", name=op.f("uq_people_email")),
        sa.UniqueConstraint("workspace_id", "slack_user_id", name=op.f("uq_people_workspace_id_slack_user_id")),
    )
    op.create_table(
        "absences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("backup_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["backup_id"], ["people.id"], name=op.f("fk_absences_backup_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_absences_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
        sa.UniqueConstraint("person_id", "starts_at", name=op.f("uq_absences_person_id_starts_at")),
    )
    with op.batch_alter_table("absences", schema=None) as batch_op:
        batch_op.create_index("ix_absences_ends", ["person_id", "ends_at"], unique=False)

    op.create_table(
        "accounts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("domain", sa.String(length=200), nullable=True),
        sa.Column("type", sa.String(length=80), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["people.id"], name=op.f("fk_accounts_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("key", name=op.f("uq_accounts_key")),
    )
    op.create_table(
        "obligations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("subject_kind", sa.String(length=20), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("target_minutes", sa.Integer(), nullable=False),
        sa.Column("calendar", sa.JSON(), nullable=False),
        sa.Column("deadline_at", UtcDateTime(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=True),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["people.id"], name=op.f("fk_obligations_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_obligations")),
        sa.UniqueConstraint(
            "subject_kind",
            "subject_id",
            "kind",
            "round",
            name=op.f("uq_obligations_subject_kind_subject_id_kind_round"),
        ),
    )
    with op.batch_alter_table("obligations", schema=None) as batch_op:
        batch_op.create_index("ix_obligations_open", ["outcome", "deadline_at"], unique=False)
        batch_op.create_index("ix_obligations_owner", ["owner_id", "outcome"], unique=False)

    op.create_table(
        "person_roles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=30), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_person_roles_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_roles")),
        sa.UniqueConstraint("person_id", "role", name=op.f("uq_person_roles_person_id_role")),
    )
    with op.batch_alter_table("person_roles", schema=None) as batch_op:
        batch_op.create_index("ix_person_roles_role", ["role"], unique=False)

    op.create_table(
        "routing_seats",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pool_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("tag", sa.Integer(), nullable=False),
        sa.Column("last_turn", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_routing_seats_person_id")),
        sa.ForeignKeyConstraint(["pool_id"], ["routing_pools.id"], name=op.f("fk_routing_seats_pool_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routing_seats")),
        sa.UniqueConstraint("pool_id", "person_id", name=op.f("uq_routing_seats_pool_id_person_id")),
    )
    op.create_table(
        "leads",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("campaign", sa.String(length=80), nullable=True),
        sa.Column("country", sa.String(length=80), nullable=True),
        sa.Column("city", sa.String(length=120), nullable=True),
        sa.Column("url", sa.String(length=2000), nullable=True),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("stage", sa.String(length=12), nullable=False),
        sa.Column("fit", sa.Integer(), nullable=False),
        sa.Column("engagement", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("hot", sa.Boolean(), nullable=False),
        sa.Column("history", sa.Boolean(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("stage_since", UtcDateTime(), nullable=False),
        sa.Column("returns_at", UtcDateTime(), nullable=True),
        sa.Column("awaits_data", sa.Boolean(), nullable=False),
        sa.Column("announced_on", sa.Date(), nullable=True),
        sa.Column("announced_alone", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_leads_account_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_leads_contact_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["people.id"], name=op.f("fk_leads_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leads")),
    )
    with op.batch_alter_table("leads", schema=None) as batch_op:
        batch_op.create_index("ix_leads_account", ["account_id", "stage"], unique=False)
        batch_op.create_index("ix_leads_announced", ["announced_on", "announced_alone"], unique=False)
        batch_op.create_index("ix_leads_contact", ["contact_id", "stage"], unique=False)
        batch_op.create_index("ix_leads_owner", ["owner_id", "stage"], unique=False)
        batch_op.create_index("ix_leads_returns", ["stage", "returns_at"], unique=False)

    op.create_table(
        "lead_identities",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_lead_identities_lead_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_identities")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_lead_identities_source_external_id")),
    )
    with op.batch_alter_table("lead_identities", schema=None) as batch_op:
        batch_op.create_index("ix_lead_identities_lead", ["lead_id"], unique=False)

    op.create_table(
        "lead_touches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("asset", sa.String(length=200), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_lead_touches_lead_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_touches")),
        sa.UniqueConstraint("lead_id", "kind", "asset", "at", name=op.f("uq_lead_touches_lead_id_kind_asset_at")),
    )
    op.create_table(
        "offers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("offered_at", UtcDateTime(), nullable=False),
        sa.Column("answer_by", UtcDateTime(), nullable=False),
        sa.Column("route", sa.JSON(), nullable=False),
        sa.Column("answer", sa.String(length=10), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("undo_until", UtcDateTime(), nullable=True),
        sa.Column("contact_by", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("sentence", sa.String(length=3000), nullable=True),
        sa.ForeignKeyConstraint(["answered_by_id"], ["people.id"], name=op.f("fk_offers_answered_by_id")),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_offers_lead_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_offers_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offers")),
        sa.UniqueConstraint("lead_id", "round", name=op.f("uq_offers_lead_id_round")),
    )
    with op.batch_alter_table("offers", schema=None) as batch_op:
        batch_op.create_index("ix_offers_person", ["person_id", "answer"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("offers", schema=None) as batch_op:
        batch_op.drop_index("ix_offers_person")

    op.drop_table("offers")
    op.drop_table("lead_touches")
    with op.batch_alter_table("lead_identities", schema=None) as batch_op:
        batch_op.drop_index("ix_lead_identities_lead")

    op.drop_table("lead_identities")
    with op.batch_alter_table("leads", schema=None) as batch_op:
        batch_op.drop_index("ix_leads_returns")
        batch_op.drop_index("ix_leads_owner")
        batch_op.drop_index("ix_leads_contact")
        batch_op.drop_index("ix_leads_announced")
        batch_op.drop_index("ix_leads_account")

    op.drop_table("leads")
    op.drop_table("routing_seats")
    with op.batch_alter_table("person_roles", schema=None) as batch_op:
        batch_op.drop_index("ix_person_roles_role")

    op.drop_table("person_roles")
    with op.batch_alter_table("obligations", schema=None) as batch_op:
        batch_op.drop_index("ix_obligations_owner")
        batch_op.drop_index("ix_obligations_open")

    op.drop_table("obligations")
    op.drop_table("accounts")
    with op.batch_alter_table("absences", schema=None) as batch_op:
        batch_op.drop_index("ix_absences_ends")

    op.drop_table("absences")
    op.drop_table("people")
    with op.batch_alter_table("outbox_messages", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_outbox_messages_turn",
            sqlite_where=sa.text("due_at IS NOT NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL"),
        )
        batch_op.drop_index("ix_outbox_messages_subject")
        batch_op.drop_index("ix_outbox_messages_state")
        batch_op.drop_index(batch_op.f("ix_outbox_messages_parent_id"))
        batch_op.drop_index(
            "ix_outbox_messages_due",
            sqlite_where=sa.text("due_at IS NOT NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL"),
        )

    op.drop_table("outbox_messages")
    with op.batch_alter_table("judgements", schema=None) as batch_op:
        batch_op.drop_index("ix_judgements_subject")

    op.drop_table("judgements")
    with op.batch_alter_table("intake_requests", schema=None) as batch_op:
        batch_op.drop_index("ix_intake_requests_at")

    op.drop_table("intake_requests")
    op.drop_table("workspaces")
    with op.batch_alter_table("seen_requests", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_seen_requests_at"))

    op.drop_table("seen_requests")
    op.drop_table("routing_pools")
    with op.batch_alter_table("policy_versions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_policy_versions_in_force_from"))
        batch_op.drop_index(batch_op.f("ix_policy_versions_hash"))

    op.drop_table("policy_versions")
    op.drop_table("outbox_slack_link")
    op.drop_table("outbox_pauses")
    with op.batch_alter_table("outbox_conversations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbox_conversations_ready_at"))
        batch_op.drop_index(batch_op.f("ix_outbox_conversations_channel"))

    op.drop_table("outbox_conversations")
    with op.batch_alter_table("outbox_call_marks", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_call_marks_bucket")

    op.drop_table("outbox_call_marks")
    with op.batch_alter_table("journal_entries", schema=None) as batch_op:
        batch_op.drop_index("ix_journal_entries_verb")
        batch_op.drop_index("ix_journal_entries_subject")

    op.drop_table("journal_entries")
    op.drop_table("intake_tokens")
    op.drop_table("contacts")
    op.drop_table("channel_days")
