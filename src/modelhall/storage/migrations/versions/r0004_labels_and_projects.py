"""Labels and a switch for profiles; models, parameters and notes for projects."""

import sqlalchemy as sa
from alembic import op

from modelhall.storage.tables.columns import Instant, Json

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the columns; what is there keeps its meaning."""
    op.add_column("profiles", sa.Column("purpose", sa.Text))
    op.add_column("profiles", sa.Column("residency", sa.Text))
    op.add_column("profiles", sa.Column("disabled_at", Instant))
    op.add_column("projects", sa.Column("models", Json))
    op.add_column("projects", sa.Column("parameters", Json))
    op.add_column("projects", sa.Column("notes", sa.Text))
    op.add_column("projects", sa.Column("revision", sa.Integer, nullable=False, server_default="1"))
