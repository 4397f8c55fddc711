"""What the house keeps for itself: audit, change number, vault, settings, jobs; and what people write in the page."""

import sqlalchemy as sa

from modelhall.storage.tables.columns import Id, Json, metadata, moment, own_id, refers

audit = sa.Table(
    "audit",
    metadata,
    own_id(),
    refers("organisation_id", "organisations.id"),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    moment("at"),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("actor_id", Id),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("object_kind", sa.Text, nullable=False),
    sa.Column("object_id", sa.Text, nullable=False),
    sa.Column("object_name", sa.Text, nullable=False),
    sa.Column("before", Json),
    sa.Column("after", Json),
    sa.Column("previous_hash", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.UniqueConstraint("organisation_id", "sequence"),
    sa.Index("ix_audit_object", "object_kind", "object_id"),
)

audit_heads = sa.Table(
    "audit_heads",
    metadata,
    sa.Column("organisation_id", Id, sa.ForeignKey("organisations.id"), primary_key=True),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("signature", sa.LargeBinary),
)

changes = sa.Table(
    "changes",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("number", sa.BigInteger, nullable=False),
)

vault = sa.Table(
    "vault",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.LargeBinary, nullable=False),
)

settings = sa.Table(
    "settings",
    metadata,
    sa.Column("organisation_id", Id, sa.ForeignKey("organisations.id"), primary_key=True),
    sa.Column("member_id", Id, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", Json, nullable=False),
    moment("updated_at"),
)

jobs = sa.Table(
    "jobs",
    metadata,
    own_id(),
    refers("organisation_id", "organisations.id"),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("task", Json, nullable=False),
    sa.Column("progress", Json),
    sa.Column("result", Json),
    sa.Column("leased_by", Id),
    moment("leased_until", nullable=True),
    moment("created_at"),
    moment("ended_at", nullable=True),
)

idempotency = sa.Table(
    "idempotency",
    metadata,
    sa.Column("member_id", Id, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("request_digest", sa.LargeBinary, nullable=False),
    sa.Column("status", sa.Integer),
    sa.Column("body", sa.LargeBinary),
    moment("created_at"),
)

conversations = sa.Table(
    "conversations",
    metadata,
    own_id(),
    refers("organisation_id", "organisations.id"),
    refers("member_id", "members.id", index=True),
    refers("project_id", "projects.id", nullable=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("current_model", sa.Text),
    moment("created_at"),
    moment("updated_at"),
    moment("deleted_at", nullable=True),
)

messages = sa.Table(
    "messages",
    metadata,
    own_id(),
    refers("conversation_id", "conversations.id"),
    refers("parent_id", "messages.id", nullable=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("content", Json, nullable=False),
    sa.Column("model", sa.Text),
    sa.Column("call_id", Id),
    moment("created_at"),
    sa.UniqueConstraint("conversation_id", "position"),
)

blobs = sa.Table(
    "blobs",
    metadata,
    own_id(),
    refers("organisation_id", "organisations.id"),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("media_type", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
    moment("created_at"),
    sa.UniqueConstraint("organisation_id", "digest"),
)
