"""Policies of organisations, projects and keys; what is known of a model's privacy."""

import sqlalchemy as sa
from alembic import op

from modelhall.storage.tables.columns import Json

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the columns: nothing is demanded, nothing known. A profile has had its own from the first step on."""
    for table in ("organisations", "projects", "keys"):
        op.add_column(table, sa.Column("policy", Json))
    op.add_column("library_models", sa.Column("privacy", Json))
