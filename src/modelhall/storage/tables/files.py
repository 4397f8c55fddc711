"""What configuration files did: each apply with what it changed, and which object is said by which file."""

import sqlalchemy as sa

from modelhall.storage.tables.columns import Id, Json, metadata, moment, own_id, refers

file_applies = sa.Table(
    "file_applies",
    metadata,
    own_id(),
    refers("organisation_id", "organisations.id", index=True),
    sa.Column("file", sa.Text, nullable=False),
    sa.Column("actor_id", Id),
    moment("at"),
    sa.Column("steps", Json, nullable=False),
    sa.Column("said_before", Json, nullable=False),
    moment("undone_at", nullable=True),
)

file_objects = sa.Table(
    "file_objects",
    metadata,
    sa.Column("organisation_id", Id, sa.ForeignKey("organisations.id"), primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("file", sa.Text, nullable=False),
    sa.Column("made", sa.Boolean, nullable=False),
    sa.Column("said", Json, nullable=False),
)
