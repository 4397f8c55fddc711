"""What configuration files did, and which object is said by which file."""

import sqlalchemy as sa
from alembic import op

from modelhall.storage.tables.columns import Id, Instant, Json

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "file_applies",
        sa.Column("id", Id, nullable=False),
        sa.Column("organisation_id", Id, nullable=False),
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("actor_id", Id),
        sa.Column("at", Instant, nullable=False),
        sa.Column("steps", Json, nullable=False),
        sa.Column("said_before", Json, nullable=False),
        sa.Column("undone_at", Instant),
        sa.PrimaryKeyConstraint("id", name="pk_file_applies"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_file_applies_organisation_id"),
    )
    op.create_index("ix_file_applies_organisation_id", "file_applies", ["organisation_id"])
    op.create_table(
        "file_objects",
        sa.Column("organisation_id", Id, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("made", sa.Boolean, nullable=False),
        sa.Column("said", Json, nullable=False),
        sa.PrimaryKeyConstraint("organisation_id", "kind", "name", name="pk_file_objects"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_file_objects_organisation_id"),
    )
