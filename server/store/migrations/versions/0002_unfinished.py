"""Drills in progress."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "unfinished",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("learner", BIG, sa.ForeignKey("learners.id", ondelete="CASCADE")),
        sa.Column("content", sa.String, nullable=False),
        sa.Column("saved_at_ms", BIG, nullable=False),
    )
    op.create_index("ix_unfinished_saved_at_ms", "unfinished", ["saved_at_ms"])


def downgrade() -> None:
    op.drop_table("unfinished")
