"""Who owns, who groups, who acts, and how programs act."""

import sqlalchemy as sa

from modelhall.storage.tables.columns import Id, Json, metadata, moment, only_living, own_id, refers

organisations = sa.Table(
    "organisations",
    metadata,
    own_id(),
    sa.Column("slug", sa.Text, nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("default_model_id", Id),
    moment("created_at"),
    sa.Column("policy", Json),
)

accounts = sa.Table(
    "accounts",
    metadata,
    own_id(),
    sa.Column("login", sa.Text, nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("email", sa.Text),
    sa.Column("password_hash", sa.Text),
    moment("created_at"),
    moment("disabled_at", nullable=True),
    moment("signed_in_at", nullable=True),
)

members = sa.Table(
    "members",
    metadata,
    own_id(),
    refers("organisation_id", "organisations.id"),
    refers("account_id", "accounts.id", index=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("default_model_id", Id),
    moment("created_at"),
    moment("removed_at", nullable=True),
    sa.UniqueConstraint("organisation_id", "account_id"),
)

projects = sa.Table(
    "projects",
    metadata,
    own_id(),
    refers("organisation_id", "organisations.id"),
    sa.Column("slug", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("default_model_id", Id),
    sa.Column("models", Json),
    sa.Column("parameters", Json),
    sa.Column("notes", sa.Text),
    sa.Column("revision", sa.Integer, nullable=False, server_default="1"),
    moment("created_at"),
    moment("deleted_at", nullable=True),
    sa.Column("policy", Json),
)
only_living(projects, "uq_projects_living_slug", "organisation_id", "slug")

keys = sa.Table(
    "keys",
    metadata,
    own_id(),
    refers("organisation_id", "organisations.id"),
    refers("project_id", "projects.id", nullable=True),
    refers("member_id", "members.id"),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("digest", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("shown", sa.Text, nullable=False),
    sa.Column("role", sa.Text),
    sa.Column("models", Json),
    sa.Column("default_model_id", Id),
    moment("created_at"),
    moment("expires_at", nullable=True),
    moment("deleted_at", nullable=True),
    sa.Column("policy", Json),
)
only_living(keys, "uq_keys_living_name", "organisation_id", "name")

sessions = sa.Table(
    "sessions",
    metadata,
    own_id(),
    sa.Column("digest", sa.LargeBinary, nullable=False, unique=True),
    refers("member_id", "members.id"),
    sa.Column("user_agent", sa.Text),
    moment("created_at"),
    moment("seen_at"),
    moment("idle_until"),
    moment("absolute_until"),
    moment("ended_at", nullable=True),
)

links = sa.Table(
    "links",
    metadata,
    sa.Column("digest", sa.LargeBinary, primary_key=True),
    refers("member_id", "members.id", nullable=True),
    moment("expires_at"),
)

invitations = sa.Table(
    "invitations",
    metadata,
    own_id(),
    refers("organisation_id", "organisations.id", index=True),
    sa.Column("login", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("digest", sa.LargeBinary, nullable=False, unique=True),
    refers("invited_by", "members.id"),
    moment("created_at"),
    moment("expires_at"),
    moment("ended_at", nullable=True),
)

guesses = sa.Table(
    "guesses",
    metadata,
    sa.Column("subject", sa.LargeBinary, primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    moment("last_at"),
    moment("wait_until"),
)

identities = sa.Table(
    "identities",
    metadata,
    sa.Column("issuer", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
    refers("account_id", "accounts.id", index=True),
    moment("created_at"),
)

sign_ins = sa.Table(
    "sign_ins",
    metadata,
    sa.Column("digest", sa.LargeBinary, primary_key=True),
    sa.Column("provider", sa.Text, nullable=False),
    sa.Column("next", sa.Text, nullable=False),
    moment("expires_at"),
)
