"""Who stood in during an absence is kept for each who did, with how many promises came to them.

Revision: 0007, after 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "absences_handed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("absence_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("promises", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["absence_id"], ["absences.id"], name=op.f("fk_absences_handed_absence_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_absences_handed_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences_handed")),
        sa.UniqueConstraint("absence_id", "person_id", name=op.f("uq_absences_handed_absence_id_person_id")),
    )
    op.execute(
        "INSERT INTO absences_handed (absence_id, person_id, promises) "
        "SELECT id, stood_in_id, passed_on FROM absences WHERE stood_in_id IS NOT NULL AND passed_on > 0"
    )
    with op.batch_alter_table("absences") as batch_op:
        batch_op.drop_constraint(op.f("fk_absences_stood_in_id"), type_="foreignkey")
        batch_op.drop_column("passed_on")
        batch_op.drop_column("stood_in_id")


def downgrade() -> None:
    """Of several who stood in, the one to whom most went is kept, with what went to all of them."""
    with op.batch_alter_table("absences") as batch_op:
        batch_op.add_column(sa.Column("stood_in_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("passed_on", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(op.f("fk_absences_stood_in_id"), "people", ["stood_in_id"], ["id"])
    op.execute(
        "UPDATE absences SET "
        "passed_on = (SELECT sum(promises) FROM absences_handed WHERE absence_id = absences.id), "
        "stood_in_id = (SELECT person_id FROM absences_handed WHERE absence_id = absences.id "
        "ORDER BY promises DESC, person_id LIMIT 1)"
    )
    op.drop_table("absences_handed")
