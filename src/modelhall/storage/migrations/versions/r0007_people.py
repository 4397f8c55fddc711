"""Invitations, wrong passwords that were tried, and when a person signed in last; links may be for one member."""

import sqlalchemy as sa
from alembic import op

from modelhall.storage.tables.columns import Id, Instant

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add columns and tables; links that are under way stay good."""
    op.add_column("accounts", sa.Column("signed_in_at", Instant))
    with op.batch_alter_table("links") as links:
        links.add_column(sa.Column("member_id", Id))
        links.create_foreign_key("fk_links_member_id", "members", ["member_id"], ["id"])
    op.create_table(
        "invitations",
        sa.Column("id", Id, nullable=False),
        sa.Column("organisation_id", Id, nullable=False),
        sa.Column("login", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("invited_by", Id, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Column("ended_at", Instant),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_invitations_organisation_id"),
        sa.ForeignKeyConstraint(["invited_by"], ["members.id"], name="fk_invitations_invited_by"),
        sa.UniqueConstraint("digest", name="uq_invitations_digest"),
    )
    op.create_index("ix_invitations_organisation_id", "invitations", ["organisation_id"])
    op.create_table(
        "guesses",
        sa.Column("subject", sa.LargeBinary, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last_at", Instant, nullable=False),
        sa.Column("wait_until", Instant, nullable=False),
        sa.PrimaryKeyConstraint("subject", name="pk_guesses"),
    )
