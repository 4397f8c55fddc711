"""What people said of answers."""

import sqlalchemy as sa
from alembic import op

from modelhall.storage.tables.columns import Id, Instant

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "verdicts",
        sa.Column("id", Id, nullable=False),
        sa.Column("organisation_id", Id, nullable=False),
        sa.Column("member_id", Id, nullable=False),
        sa.Column("call_id", Id, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("rating", sa.Integer, nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("first_byte_ms", sa.BigInteger),
        sa.Column("total_ms", sa.BigInteger),
        sa.Column("at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_verdicts"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_verdicts_organisation_id"),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name="fk_verdicts_member_id"),
        sa.UniqueConstraint("call_id", "member_id", name="uq_verdicts_call_id_member_id"),
    )
    op.create_index("ix_verdicts_organisation_id_model", "verdicts", ["organisation_id", "model"])
