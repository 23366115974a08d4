"""Whose a drill is: the process's that raised its epoch last."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("unfinished", sa.Column("epoch", sa.Integer, nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("unfinished", "epoch")
