"""What was said of a report in a thread knows which; messages are found by their place, uses of answers by their time.

Revision: 0010, after 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("field_steps") as batch_op:
        batch_op.add_column(sa.Column("thread_ts", sa.String(length=20), nullable=True))
    with op.batch_alter_table("outbox_messages") as batch_op:
        batch_op.create_index(op.f("ix_outbox_messages_ts"), ["ts"], unique=False)
    with op.batch_alter_table("answer_uses") as batch_op:
        batch_op.create_index("ix_answer_uses_at", ["at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("answer_uses") as batch_op:
        batch_op.drop_index("ix_answer_uses_at")
    with op.batch_alter_table("outbox_messages") as batch_op:
        batch_op.drop_index(op.f("ix_outbox_messages_ts"))
    with op.batch_alter_table("field_steps") as batch_op:
        batch_op.drop_column("thread_ts")
