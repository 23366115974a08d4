"""Classes, learners, drills, attempts, samples, settings."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
VERDICT = sa.Enum(
    "correct", "wrong", "unsure", "silence", native_enum=False, length=8, create_constraint=True, name="verdict"
)


def upgrade() -> None:
    op.create_table("classes", sa.Column("name", sa.String, primary_key=True))
    op.create_table(
        "learners",
        sa.Column("id", BIG, primary_key=True, autoincrement=False),
        sa.Column("nickname", sa.String, nullable=False),
        sa.Column("picture", sa.String, nullable=False),
        sa.Column("class_name", sa.String, sa.ForeignKey("classes.name", ondelete="SET NULL", onupdate="CASCADE")),
        sa.Column("language", sa.String, nullable=False),
        sa.Column("created_at_ms", BIG, nullable=False),
        sa.Column("consent_at_ms", BIG),
    )
    op.create_index("ix_learners_class_name", "learners", ["class_name"])
    op.create_table(
        "drills",
        sa.Column("id", BIG, primary_key=True, autoincrement=False),
        sa.Column("learner", BIG, sa.ForeignKey("learners.id", ondelete="CASCADE")),
        sa.Column("language", sa.String, nullable=False),
        sa.Column("engine", sa.String, nullable=False),
        sa.Column("mode", sa.String, nullable=False),
        sa.Column("tables", sa.JSON, nullable=False),
        sa.Column("started_at_ms", BIG, nullable=False),
    )
    op.create_index("ix_drills_learner_started_at_ms", "drills", ["learner", "started_at_ms"])
    op.create_table(
        "attempts",
        sa.Column("drill", BIG, sa.ForeignKey("drills.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("turn", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("appeal", sa.Boolean, primary_key=True),
        sa.Column("left", sa.SmallInteger, nullable=False),
        sa.Column("right", sa.SmallInteger, nullable=False),
        sa.Column("heard", sa.Integer),
        sa.Column("verdict", VERDICT, nullable=False),
        sa.Column("confidence", sa.Double, nullable=False),
        sa.Column("response_ms", sa.Integer),
        sa.Column("at_ms", BIG, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "samples",
        sa.Column("path", sa.String, primary_key=True),
        sa.Column("learner", BIG, sa.ForeignKey("learners.id", ondelete="CASCADE"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("at_ms", BIG, nullable=False),
    )
    op.create_index("ix_samples_learner", "samples", ["learner"])
    op.create_table(
        "settings", sa.Column("name", sa.String, primary_key=True), sa.Column("value", sa.String, nullable=False)
    )


def downgrade() -> None:
    for table in ("settings", "samples", "attempts", "drills", "learners", "classes"):
        op.drop_table(table)
