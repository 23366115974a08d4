"""The teacher's sessions, and children who added themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0005"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "sessions",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("opened_at_ms", BIG, nullable=False),
        sa.Column("used_at_ms", BIG, nullable=False),
    )
    op.create_table(
        "newcomers",
        sa.Column(
            "learner", BIG, sa.ForeignKey("learners.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
        ),
    )


def downgrade() -> None:
    op.drop_table("newcomers")
    op.drop_table("sessions")
