"""Knowledge of learners from answers that were deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "baselines",
        sa.Column(
            "learner", BIG, sa.ForeignKey("learners.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
        ),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("until_ms", BIG, nullable=False),
        sa.Column("content", sa.String, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("baselines")
