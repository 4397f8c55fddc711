"""What providers list: the last good list of each profile, how asking went, and what changed between two lists."""

import sqlalchemy as sa

from modelhall.storage.tables.columns import Id, Json, metadata, moment, own_id, refers

known_lists = sa.Table(
    "known_lists",
    metadata,
    sa.Column("profile_id", Id, sa.ForeignKey("profiles.id"), primary_key=True),
    refers("organisation_id", "organisations.id"),
    sa.Column("version", sa.BigInteger, nullable=False),
    moment("due_at"),
    moment("tried_at", nullable=True),
    moment("listed_at", nullable=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("error_code", sa.Text),
    sa.Column("error", sa.Text),
    sa.Column("entries", sa.Integer, nullable=False),
    sa.Column("left_out", Json, nullable=False),
    sa.Column("changed", Json, nullable=False),
    sa.Column("models", sa.LargeBinary),
)

list_changes = sa.Table(
    "list_changes",
    metadata,
    own_id(),
    refers("organisation_id", "organisations.id"),
    refers("profile_id", "profiles.id"),
    moment("at"),
    sa.Column("model_id", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("before", Json),
    sa.Column("after", Json),
    sa.Index("ix_list_changes_organisation_id_id", "organisation_id", "id"),
    sa.Index("ix_list_changes_profile_id_at", "profile_id", "at"),
)
