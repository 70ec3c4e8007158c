"""What a lead's score was when it was offered is kept with the offer: the score goes on.

Revision: 0008, after 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of older offers the score of today is the best that is known."""
    with op.batch_alter_table("offers") as batch_op:
        batch_op.add_column(sa.Column("points", sa.Integer(), nullable=True))
    op.execute("UPDATE offers SET points = (SELECT fit + engagement FROM leads WHERE leads.id = offers.lead_id)")
    with op.batch_alter_table("offers") as batch_op:
        batch_op.alter_column("points", existing_type=sa.Integer(), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("offers") as batch_op:
        batch_op.drop_column("points")
