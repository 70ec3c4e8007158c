"""The whole lead

Revision: 0003, after 0002
"""

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

from bot.store.types import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None
MOST_WORDS = 20
PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})


def upgrade() -> None:
    op.create_table(
        "contact_words",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "word", sa.String(length=60).with_variant(sa.String(length=60, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_contact_words_contact_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_words")),
        sa.UniqueConstraint("word", "contact_id", name=op.f("uq_contact_words_word_contact_id")),
    )
    with op.batch_alter_table("contact_words", schema=None) as batch_op:
        batch_op.create_index("ix_contact_words_contact", ["contact_id"], unique=False)

    op.create_table(
        "marketing_days",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_marketing_days_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marketing_days")),
        sa.UniqueConstraint("person_id", "day", name=op.f("uq_marketing_days_person_id_day")),
    )
    op.create_table(
        "account_keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_account_keys_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_keys")),
        sa.UniqueConstraint("key", name=op.f("uq_account_keys_key")),
    )
    with op.batch_alter_table("account_keys", schema=None) as batch_op:
        batch_op.create_index("ix_account_keys_account", ["account_id"], unique=False)

    op.create_table(
        "account_words",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "word", sa.String(length=60).with_variant(sa.String(length=60, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_account_words_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_words")),
        sa.UniqueConstraint("word", "account_id", name=op.f("uq_account_words_word_account_id")),
    )
    with op.batch_alter_table("account_words", schema=None) as batch_op:
        batch_op.create_index("ix_account_words_account", ["account_id"], unique=False)

    op.create_table(
        "lead_questions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_of_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("question", sa.String(length=3000), nullable=False),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("answer", sa.String(length=3000), nullable=True),
        sa.ForeignKeyConstraint(["answered_by_id"], ["people.id"], name=op.f("fk_lead_questions_answered_by_id")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["people.id"], name=op.f("fk_lead_questions_asked_by_id")),
        sa.ForeignKeyConstraint(["asked_of_id"], ["people.id"], name=op.f("fk_lead_questions_asked_of_id")),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_lead_questions_lead_id")),
        sa.ForeignKeyConstraint(["offer_id"], ["offers.id"], name=op.f("fk_lead_questions_offer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_questions")),
    )
    with op.batch_alter_table("lead_questions", schema=None) as batch_op:
        batch_op.create_index("ix_lead_questions_lead", ["lead_id", "id"], unique=False)

    op.create_table(
        "lead_queues",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("pinged_at", UtcDateTime(), nullable=True),
        sa.Column("ping_due_at", UtcDateTime(), nullable=True),
        sa.Column("looked_at", UtcDateTime(), nullable=True),
        sa.Column("shown_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_lead_queues_person_id")),
        sa.ForeignKeyConstraint(["shown_id"], ["offers.id"], name=op.f("fk_lead_queues_shown_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_queues")),
        sa.UniqueConstraint("person_id", name=op.f("uq_lead_queues_person_id")),
    )
    with op.batch_alter_table("lead_queues", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lead_queues_ping_due_at"), ["ping_due_at"], unique=False)

    op.create_table(
        "lead_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.Integer(), nullable=True),
        sa.Column("step", sa.String(length=12), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("kept_at", UtcDateTime(), nullable=False),
        sa.Column("undo_until", UtcDateTime(), nullable=True),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("sentence", sa.String(length=3000), nullable=True),
        sa.Column("again_at", UtcDateTime(), nullable=True),
        sa.Column("value", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("flag", sa.String(length=40), nullable=True),
        sa.Column("along_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_lead_steps_by_id")),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_lead_steps_lead_id")),
        sa.ForeignKeyConstraint(["offer_id"], ["offers.id"], name=op.f("fk_lead_steps_offer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_steps")),
    )
    with op.batch_alter_table("lead_steps", schema=None) as batch_op:
        batch_op.create_index("ix_lead_steps_kept", ["step", "kept_at"], unique=False)
        batch_op.create_index("ix_lead_steps_lead", ["lead_id", "id"], unique=False)

    op.create_table(
        "queue_messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("queue_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["queue_id"], ["lead_queues.id"], name=op.f("fk_queue_messages_queue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queue_messages")),
        sa.UniqueConstraint("queue_id", "number", name=op.f("uq_queue_messages_queue_id_number")),
    )
    op.execute("INSERT INTO account_keys (key, account_id) SELECT key, id FROM accounts")
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("territory", sa.String(length=60), nullable=True))
        batch_op.drop_constraint(batch_op.f("uq_accounts_key"), type_="unique")
        batch_op.drop_column("key")

    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.add_column(sa.Column("met_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("hours_said_at", UtcDateTime(), nullable=True))

    with op.batch_alter_table("lead_identities", schema=None) as batch_op:
        batch_op.create_index("ix_lead_identities_external", ["external_id"], unique=False)

    with op.batch_alter_table("leads", schema=None) as batch_op:
        batch_op.add_column(sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("tried_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("reached_at", UtcDateTime(), nullable=True))
    with op.batch_alter_table("leads", schema=None) as batch_op:
        batch_op.alter_column("attempts", server_default=None)

    with op.batch_alter_table("offers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("due_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("step_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("handed_by_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("handed_with", sa.String(length=3000), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_offers_handed_by_id"), "people", ["handed_by_id"], ["id"])
    op.execute("UPDATE offers SET due_at = answer_by WHERE answer = 'pending'")
    op.execute(
        "UPDATE offers SET due_at = contact_by WHERE answer = 'accepted' AND EXISTS "
        "(SELECT 1 FROM leads WHERE leads.id = offers.lead_id AND leads.stage = 'sal' AND leads.round = offers.round)"
    )
    _make_findable()


def _make_findable() -> None:
    """What was known before is found by its words, too; in pieces, however much it is."""
    connection = op.get_bind()
    of_contact = sa.table("contact_words", sa.column("word"), sa.column("contact_id"))
    of_account = sa.table("account_words", sa.column("word"), sa.column("account_id"))
    for table, link, query in (
        (of_contact, "contact_id", "SELECT id, name, email FROM contacts"),
        (of_account, "account_id", "SELECT id, name, domain FROM accounts"),
    ):
        for piece in connection.execute(sa.text(query)).partitions(1000):
            rows = [{"word": word, link: row[0]} for row in piece for word in words(*row[1:])[:MOST_WORDS]]
            if rows:
                connection.execute(sa.insert(table), rows)


def words(*texts: str | None) -> list[str]:
    """As the search made them when this migration was written."""
    plain = unicodedata.normalize("NFKD", " ".join(text for text in texts if text).casefold())
    bare = "".join(c for c in plain if not unicodedata.combining(c)).translate(PLAIN)
    return list(dict.fromkeys(word[:60] for word in re.split(r"[\W_]+", bare) if len(word) > 1))


def downgrade() -> None:
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.drop_column("hours_said_at")
        batch_op.drop_column("met_at")

    with op.batch_alter_table("offers", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_offers_handed_by_id"), type_="foreignkey")
        batch_op.drop_column("handed_with")
        batch_op.drop_column("handed_by_id")
        batch_op.drop_column("step_id")
        batch_op.drop_column("due_at")

    with op.batch_alter_table("leads", schema=None) as batch_op:
        batch_op.drop_column("reached_at")
        batch_op.drop_column("tried_at")
        batch_op.drop_column("attempts")

    with op.batch_alter_table("lead_identities", schema=None) as batch_op:
        batch_op.drop_index("ix_lead_identities_external")

    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("key", sa.VARCHAR(length=200), nullable=True))
    op.execute(
        "UPDATE accounts SET key = (SELECT MIN(key) FROM account_keys WHERE account_keys.account_id = accounts.id)"
    )
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.alter_column("key", existing_type=sa.VARCHAR(length=200), nullable=False)
        batch_op.create_unique_constraint(batch_op.f("uq_accounts_key"), ["key"])
        batch_op.drop_column("territory")

    op.drop_table("queue_messages")
    with op.batch_alter_table("lead_steps", schema=None) as batch_op:
        batch_op.drop_index("ix_lead_steps_lead")
        batch_op.drop_index("ix_lead_steps_kept")

    op.drop_table("lead_steps")
    with op.batch_alter_table("lead_queues", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lead_queues_ping_due_at"))

    op.drop_table("lead_queues")
    with op.batch_alter_table("lead_questions", schema=None) as batch_op:
        batch_op.drop_index("ix_lead_questions_lead")

    op.drop_table("lead_questions")
    with op.batch_alter_table("account_words", schema=None) as batch_op:
        batch_op.drop_index("ix_account_words_account")

    op.drop_table("account_words")
    with op.batch_alter_table("account_keys", schema=None) as batch_op:
        batch_op.drop_index("ix_account_keys_account")

    op.drop_table("account_keys")
    op.drop_table("marketing_days")
    with op.batch_alter_table("contact_words", schema=None) as batch_op:
        batch_op.drop_index("ix_contact_words_contact")

    op.drop_table("contact_words")
