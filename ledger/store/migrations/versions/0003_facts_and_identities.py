"""What a portfolio is counted from, what became of decisions, and clients' identities."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it so."""
    op.create_table(
        "facts",
        sa.Column("decided_ms", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("decided_ms", "seq"),
        postgresql_partition_by="RANGE (decided_ms)",
    )
    op.create_index("facts_by_seq", "facts", ["seq"], unique=False)
    op.create_table(
        "fact_outcomes",
        sa.Column(
            "change_no", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("decided_ms", sa.BigInteger(), nullable=False),
        sa.Column("defaulted", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("change_no"),
    )
    op.create_table(
        "decided_by",
        sa.Column("model_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("policy_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("model_id", "policy_id"),
    )
    op.execute("INSERT INTO decided_by (model_id, policy_id) SELECT DISTINCT model_id, policy_id FROM decisions")
    op.create_table(
        "identities",
        sa.Column("client", sa.LargeBinary(length=16), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("client"),
    )
