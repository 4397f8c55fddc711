"""A model's category, and the order of the models of a collection."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add both columns."""
    op.add_column("library_models", sa.Column("category", sa.Text))
    op.add_column("collection_models", sa.Column("position", sa.Integer, nullable=False, server_default="0"))
