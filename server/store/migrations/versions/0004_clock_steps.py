"""Steps of the computer's clock: answers between two of them may have a wrong date."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "clock_steps",
        sa.Column("id", BIG, primary_key=True, autoincrement=False),
        sa.Column("before_ms", BIG, nullable=False),
        sa.Column("after_ms", BIG, nullable=False),
        sa.Column("measured", sa.Boolean, nullable=False),
        sa.Column("settled", sa.Boolean, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("clock_steps")
