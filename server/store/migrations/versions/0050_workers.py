"""What several processes have to know of each other: whose a drill is, who was deleted, and who guessed at a secret."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0010"

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.add_column("unfinished", sa.Column("epoch", sa.Integer, nullable=False, server_default="0"))
    op.create_table(
        "deleted", sa.Column("id", BIG, primary_key=True, autoincrement=False), sa.Column("at_ms", BIG, nullable=False)
    )
    op.create_table(
        "tries",
        sa.Column("id", BIG, primary_key=True, autoincrement=False),
        sa.Column("at_ms", BIG, nullable=False),
        sa.Column("secret", sa.String, nullable=False),
        sa.Column("network", sa.String, nullable=False),
        sa.Column("cleared", sa.String, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("tries")
    op.drop_table("deleted")
    op.drop_column("unfinished", "epoch")
