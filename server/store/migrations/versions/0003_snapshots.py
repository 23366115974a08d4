"""Snapshots of learners' knowledge, derived from their attempts."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "snapshots",
        sa.Column(
            "learner", BIG, sa.ForeignKey("learners.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
        ),
        sa.Column("model", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("at_ms", BIG, nullable=False),
        sa.Column("drill", BIG, nullable=False),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("appeal", sa.Boolean, nullable=False),
        sa.Column("content", sa.String, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("snapshots")
