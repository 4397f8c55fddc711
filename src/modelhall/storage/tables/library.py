"""Profiles and their secrets, the models of the library, and the names people give them."""

import sqlalchemy as sa

from modelhall.storage.tables.columns import Id, Json, metadata, moment, only_living, own_id, refers

profiles = sa.Table(
    "profiles",
    metadata,
    own_id(),
    refers("organisation_id", "organisations.id"),
    sa.Column("slug", sa.Text, nullable=False),
    sa.Column("provider", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("base_url", sa.Text),
    sa.Column("headers", Json, nullable=False),
    sa.Column("organisation_header", sa.Text),
    sa.Column("region", sa.Text),
    sa.Column("privacy", Json),
    sa.Column("notes", sa.Text),
    sa.Column("purpose", sa.Text),
    sa.Column("residency", sa.Text),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("allow_private", sa.Boolean, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    moment("created_at"),
    moment("updated_at"),
    moment("disabled_at", nullable=True),
    moment("deleted_at", nullable=True),
    sa.Column("default_model_id", Id),
    sa.Column("parameters", Json),
)
only_living(profiles, "uq_profiles_living_slug", "organisation_id", "slug")

secrets = sa.Table(
    "secrets",
    metadata,
    own_id(),
    refers("profile_id", "profiles.id", index=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("reference", sa.Text),
    sa.Column("sealed", sa.LargeBinary),
    sa.Column("shown", sa.Text),
    sa.Column("address", sa.Text),
    moment("created_at"),
    moment("refused_at", nullable=True),
    sa.Column("refused_because", sa.Text),
    moment("deleted_at", nullable=True),
)

library_models = sa.Table(
    "library_models",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("id", Id, nullable=False, unique=True),
    refers("organisation_id", "organisations.id"),
    refers("profile_id", "profiles.id"),
    sa.Column("model_id", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("maker", sa.Text),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("context_window", sa.BigInteger),
    sa.Column("max_input", sa.BigInteger),
    sa.Column("max_output", sa.BigInteger),
    sa.Column("knowledge_cutoff", sa.Text),
    sa.Column("retires_on", sa.Text),
    sa.Column("capabilities", Json, nullable=False),
    sa.Column("modalities", Json, nullable=False),
    sa.Column("sources", Json, nullable=False),
    sa.Column("parameters", Json, nullable=False),
    sa.Column("custom", sa.Boolean, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("hidden", sa.Boolean, nullable=False),
    sa.Column("quarantined_because", sa.Text),
    sa.Column("successor_id", Id),
    sa.Column("notes", sa.Text),
    sa.Column("revision", sa.Integer, nullable=False),
    moment("created_at"),
    moment("updated_at"),
    moment("deleted_at", nullable=True),
    sa.Column("category", sa.Text),
    sa.Column("privacy", Json),
    sqlite_autoincrement=True,
)
only_living(library_models, "uq_library_models_living", "profile_id", "model_id")

aliases = sa.Table(
    "aliases",
    metadata,
    own_id(),
    refers("organisation_id", "organisations.id"),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("ceiling_usd_per_mtok", sa.Text),
    moment("created_at"),
    moment("deleted_at", nullable=True),
)
only_living(aliases, "uq_aliases_living_name", "organisation_id", "name")

alias_targets = sa.Table(
    "alias_targets",
    metadata,
    sa.Column("alias_id", Id, sa.ForeignKey("aliases.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    refers("model_id", "library_models.id", index=True),
)

collections = sa.Table(
    "collections",
    metadata,
    own_id(),
    refers("organisation_id", "organisations.id"),
    sa.Column("name", sa.Text, nullable=False),
    moment("created_at"),
    moment("deleted_at", nullable=True),
)
only_living(collections, "uq_collections_living_name", "organisation_id", "name")

collection_models = sa.Table(
    "collection_models",
    metadata,
    sa.Column("collection_id", Id, sa.ForeignKey("collections.id"), primary_key=True),
    sa.Column("model_id", Id, sa.ForeignKey("library_models.id"), primary_key=True),
    sa.Column("position", sa.Integer, nullable=False, server_default="0"),
)

verdicts = sa.Table(
    "verdicts",
    metadata,
    own_id(),
    refers("organisation_id", "organisations.id"),
    refers("member_id", "members.id"),
    sa.Column("call_id", Id, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("rating", sa.Integer, nullable=False),
    sa.Column("note", sa.Text),
    sa.Column("first_byte_ms", sa.BigInteger),
    sa.Column("total_ms", sa.BigInteger),
    moment("at"),
    sa.UniqueConstraint("call_id", "member_id", name="uq_verdicts_call_id_member_id"),
    sa.Index("ix_verdicts_organisation_id_model", "organisation_id", "model"),
)

tags = sa.Table(
    "tags",
    metadata,
    own_id(),
    refers("organisation_id", "organisations.id"),
    sa.Column("name", sa.Text, nullable=False),
    moment("created_at"),
    moment("deleted_at", nullable=True),
)
only_living(tags, "uq_tags_living_name", "organisation_id", "name")

model_tags = sa.Table(
    "model_tags",
    metadata,
    sa.Column("tag_id", Id, sa.ForeignKey("tags.id"), primary_key=True),
    sa.Column("model_id", Id, sa.ForeignKey("library_models.id"), primary_key=True),
)
