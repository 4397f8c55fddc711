"""The lists of providers and what changed in them."""

import sqlalchemy as sa
from alembic import op

from modelhall.storage.tables.columns import Id, Instant, Json

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "known_lists",
        sa.Column("profile_id", Id, nullable=False),
        sa.Column("organisation_id", Id, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("due_at", Instant, nullable=False),
        sa.Column("tried_at", Instant),
        sa.Column("listed_at", Instant),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("error_code", sa.Text),
        sa.Column("error", sa.Text),
        sa.Column("entries", sa.Integer, nullable=False),
        sa.Column("left_out", Json, nullable=False),
        sa.Column("changed", Json, nullable=False),
        sa.Column("models", sa.LargeBinary),
        sa.PrimaryKeyConstraint("profile_id", name="pk_known_lists"),
        sa.ForeignKeyConstraint(["profile_id"], ["profiles.id"], name="fk_known_lists_profile_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_known_lists_organisation_id"),
    )
    op.create_table(
        "list_changes",
        sa.Column("id", Id, nullable=False),
        sa.Column("organisation_id", Id, nullable=False),
        sa.Column("profile_id", Id, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("model_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("before", Json),
        sa.Column("after", Json),
        sa.PrimaryKeyConstraint("id", name="pk_list_changes"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_list_changes_organisation_id"),
        sa.ForeignKeyConstraint(["profile_id"], ["profiles.id"], name="fk_list_changes_profile_id"),
    )
    op.create_index("ix_list_changes_organisation_id_id", "list_changes", ["organisation_id", "id"])
    op.create_index("ix_list_changes_profile_id_at", "list_changes", ["profile_id", "at"])
