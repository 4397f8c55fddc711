"""A default model and parameters for profiles; what each member's calls used last."""

import sqlalchemy as sa
from alembic import op

from modelhall.storage.tables.columns import Id, Instant, Json

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the columns and the table; what is there keeps its meaning."""
    op.add_column("profiles", sa.Column("default_model_id", Id))
    op.add_column("profiles", sa.Column("parameters", Json))
    op.create_table(
        "last_used",
        sa.Column("member_id", Id, primary_key=True),
        sa.Column("organisation_id", Id, nullable=False, index=True),
        sa.Column("model_id", Id, nullable=False),
        sa.Column("at", Instant, nullable=False),
    )
