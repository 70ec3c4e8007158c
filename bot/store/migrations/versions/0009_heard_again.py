"""A report that says what was answered before knows it; an export that comes by itself keeps its filter.

Revision: 0009, after 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("field_reports") as batch_op:
        batch_op.add_column(sa.Column("echo_of_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(op.f("fk_field_reports_echo_of_id"), "field_reports", ["echo_of_id"], ["id"])
        batch_op.create_index(op.f("ix_field_reports_echo_of_id"), ["echo_of_id"], unique=False)
    with op.batch_alter_table("export_schedules") as batch_op:
        batch_op.add_column(sa.Column("filters", sa.JSON(), server_default="{}", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("export_schedules") as batch_op:
        batch_op.drop_column("filters")
    with op.batch_alter_table("field_reports") as batch_op:
        batch_op.drop_index(op.f("ix_field_reports_echo_of_id"))
        batch_op.drop_constraint(op.f("fk_field_reports_echo_of_id"), type_="foreignkey")
        batch_op.drop_column("echo_of_id")
