"""Prices, the ledger with its corrections, budgets with their windows and allowances, and the roll-ups."""

import sqlalchemy as sa

from modelhall.domain.usage import USAGE_CLASSES
from modelhall.storage.tables.columns import Exact, Id, Instant, Json, Money, metadata, moment, own_id, refers

prices = sa.Table(
    "prices",
    metadata,
    own_id(),
    sa.Column("sheet_id", Id, nullable=False, index=True),
    refers("organisation_id", "organisations.id"),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("scope_id", Id, nullable=False),
    moment("valid_from"),
    sa.Column("usage_class", sa.Text, nullable=False),
    sa.Column("usd_per_million", Exact),
    sa.Column("context_over", sa.BigInteger, nullable=False),
    sa.Column("service_tier", sa.Text, nullable=False),
    sa.Column("hour_from", sa.Integer),
    sa.Column("hour_to", sa.Integer),
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("as_of", sa.Text, nullable=False),
    sa.Column("entered_by", sa.Text),
    sa.Column("disagreeing", Json, nullable=False),
    moment("created_at"),
    sa.Index("ix_prices_scope", "scope", "scope_id", "valid_from"),
)

attempts = sa.Table(
    "attempts",
    metadata,
    own_id(),
    sa.Column("call_id", Id, nullable=False, index=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("organisation_id", Id, nullable=False),
    sa.Column("project_id", Id),
    sa.Column("member_id", Id, nullable=False),
    sa.Column("key_id", Id),
    sa.Column("profile_id", Id, nullable=False),
    sa.Column("model_id", Id, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("asked", sa.Text, nullable=False),
    sa.Column("dialect", sa.Text, nullable=False),
    sa.Column("streamed", sa.Boolean, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("error", sa.Text),
    sa.Column("upstream_status", sa.Integer),
    sa.Column("upstream_id", sa.Text),
    moment("started_at"),
    sa.Column("first_byte_ms", sa.BigInteger),
    sa.Column("total_ms", sa.BigInteger),
    *(sa.Column(name, sa.BigInteger) for name in USAGE_CLASSES),
    sa.Column("vendor_usage", sa.Text),
    sa.Column("estimated", sa.Boolean, nullable=False),
    sa.Column("flaw", sa.Text),
    sa.Column("service_tier", sa.Text, nullable=False),
    sa.Column("price_id", Id),
    sa.Column("bound", Money),
    sa.Column("cost", Money),
    sa.Column("charge", Money),
    sa.Column("unconfirmed", Money),
    sa.Column("windows", Json, nullable=False),
    sa.Column("receipt", Json),
    sa.Index("ix_attempts_organisation_started", "organisation_id", "started_at"),
    sa.Index("ix_attempts_key_started", "key_id", "started_at"),
)

last_used = sa.Table(
    "last_used",
    metadata,
    sa.Column("member_id", Id, primary_key=True),
    sa.Column("organisation_id", Id, nullable=False, index=True),
    sa.Column("model_id", Id, nullable=False),
    moment("at"),
)

corrections = sa.Table(
    "corrections",
    metadata,
    own_id(),
    refers("attempt_id", "attempts.id", index=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("price_id", Id),
    sa.Column("cost_difference", Money),
    sa.Column("charge_difference", Money),
    sa.Column("unconfirmed_difference", Money),
    sa.Column("note", sa.Text),
    sa.Column("made_by", sa.Text, nullable=False),
    moment("made_at"),
    refers("undoes", "corrections.id", nullable=True),
)

budgets = sa.Table(
    "budgets",
    metadata,
    own_id(),
    refers("organisation_id", "organisations.id"),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("scope_id", Id, nullable=False),
    sa.Column("period", sa.Text, nullable=False),
    sa.Column("zone", sa.Text, nullable=False),
    sa.Column("limit_nano", Money, nullable=False),
    sa.Column("hard_pct", sa.Integer, nullable=False),
    sa.Column("soft_pct", Json, nullable=False),
    moment("created_at"),
    moment("deleted_at", nullable=True),
    sa.Index("ix_budgets_scope", "scope", "scope_id"),
)

budget_windows = sa.Table(
    "budget_windows",
    metadata,
    own_id(),
    refers("budget_id", "budgets.id"),
    moment("starts_at"),
    moment("ends_at", nullable=True),
    sa.Column("limit_nano", Money, nullable=False),
    sa.Column("spent", Money, nullable=False),
    sa.Column("held", Money, nullable=False),
    moment("wanted_at", nullable=True),
    sa.UniqueConstraint("budget_id", "starts_at"),
)

allowances = sa.Table(
    "allowances",
    metadata,
    sa.Column("process_id", Id, primary_key=True),
    sa.Column("window_id", Id, sa.ForeignKey("budget_windows.id"), primary_key=True),
    sa.Column("amount", Money, nullable=False),
    moment("leased_until"),
)

TIME_BUCKETS = 20
"""Bucket n counts times of at most 2^n ms; the last one everything longer than 2^18 ms (about 4 minutes)."""

DIMENSIONS = ("organisation_id", "project_id", "member_id", "key_id", "profile_id", "model_id")
MEASURES = (
    "attempts",
    *USAGE_CLASSES,
    "cost",
    "charge",
    "unconfirmed",
    "unpriced",
    *(f"first_byte_b{n}" for n in range(TIME_BUCKETS)),
    *(f"total_b{n}" for n in range(TIME_BUCKETS)),
)

rollups = sa.Table(
    "rollups",
    metadata,
    sa.Column("grain", sa.Text, primary_key=True),
    sa.Column("starts_at", Instant, primary_key=True),
    *(sa.Column(name, Id, primary_key=True) for name in DIMENSIONS),
    sa.Column("outcome", sa.Text, primary_key=True),
    *(sa.Column(name, sa.BigInteger, nullable=False, server_default="0") for name in MEASURES),
)
