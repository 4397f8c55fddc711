"""People as sign-in providers know them, sign-ins under way, and the end of each organisation's audit."""

import sqlalchemy as sa
from alembic import op

from modelhall.storage.tables.columns import Id, Instant

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the tables; the ends of audits that are there are taken over as they are, signed at the next change."""
    op.create_table(
        "identities",
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("account_id", Id, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("issuer", "subject", name="pk_identities"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_identities_account_id"),
    )
    op.create_index("ix_identities_account_id", "identities", ["account_id"])
    op.create_table(
        "sign_ins",
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("next", sa.Text, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_sign_ins"),
    )
    op.create_table(
        "audit_heads",
        sa.Column("organisation_id", Id, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("signature", sa.LargeBinary),
        sa.PrimaryKeyConstraint("organisation_id", name="pk_audit_heads"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_audit_heads_organisation_id"),
    )
    op.execute(
        "INSERT INTO audit_heads (organisation_id, sequence, hash) SELECT organisation_id, sequence, hash FROM audit "
        "WHERE sequence = (SELECT max(sequence) FROM audit AS other "
        "WHERE other.organisation_id = audit.organisation_id)"
    )
