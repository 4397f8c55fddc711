CREATE TABLE accounts (
    id UUID NOT NULL,
    login TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT,
    password_hash TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    disabled_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_accounts PRIMARY KEY (id),
    CONSTRAINT uq_accounts_login UNIQUE (login)
);

CREATE TABLE attempts (
    id UUID NOT NULL,
    call_id UUID NOT NULL,
    number INTEGER NOT NULL,
    organisation_id UUID NOT NULL,
    project_id UUID,
    member_id UUID NOT NULL,
    key_id UUID,
    profile_id UUID NOT NULL,
    model_id UUID NOT NULL,
    model TEXT NOT NULL,
    asked TEXT NOT NULL,
    dialect TEXT NOT NULL,
    streamed BOOLEAN NOT NULL,
    status TEXT NOT NULL,
    error TEXT,
    upstream_status INTEGER,
    upstream_id TEXT,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    first_byte_ms BIGINT,
    total_ms BIGINT,
    input BIGINT,
    cache_read BIGINT,
    cache_write_5m BIGINT,
    cache_write_1h BIGINT,
    input_audio BIGINT,
    input_image BIGINT,
    output BIGINT,
    reasoning BIGINT,
    output_audio BIGINT,
    output_image BIGINT,
    requests BIGINT,
    images BIGINT,
    audio_ms BIGINT,
    characters BIGINT,
    pages BIGINT,
    searches BIGINT,
    vendor_usage TEXT,
    estimated BOOLEAN NOT NULL,
    flaw TEXT,
    service_tier TEXT NOT NULL,
    price_id UUID,
    bound BIGINT,
    cost BIGINT,
    charge BIGINT,
    unconfirmed BIGINT,
    windows JSONB NOT NULL,
    receipt JSONB,
    CONSTRAINT pk_attempts PRIMARY KEY (id)
);

CREATE INDEX ix_attempts_call_id ON attempts (call_id);

CREATE INDEX ix_attempts_key_started ON attempts (key_id, started_at);

CREATE INDEX ix_attempts_organisation_started ON attempts (organisation_id, started_at);

CREATE TABLE changes (
    id INTEGER NOT NULL,
    number BIGINT NOT NULL,
    CONSTRAINT pk_changes PRIMARY KEY (id)
);

CREATE TABLE idempotency (
    member_id UUID NOT NULL,
    key TEXT NOT NULL,
    request_digest BYTEA NOT NULL,
    status INTEGER,
    body BYTEA,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_idempotency PRIMARY KEY (member_id, key)
);

CREATE TABLE links (
    digest BYTEA NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_links PRIMARY KEY (digest)
);

CREATE TABLE organisations (
    id UUID NOT NULL,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    default_model_id UUID,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_organisations PRIMARY KEY (id),
    CONSTRAINT uq_organisations_slug UNIQUE (slug)
);

CREATE TABLE rollups (
    grain TEXT NOT NULL,
    starts_at TIMESTAMP WITH TIME ZONE NOT NULL,
    organisation_id UUID NOT NULL,
    project_id UUID NOT NULL,
    member_id UUID NOT NULL,
    key_id UUID NOT NULL,
    profile_id UUID NOT NULL,
    model_id UUID NOT NULL,
    outcome TEXT NOT NULL,
    attempts BIGINT DEFAULT '0' NOT NULL,
    input BIGINT DEFAULT '0' NOT NULL,
    cache_read BIGINT DEFAULT '0' NOT NULL,
    cache_write_5m BIGINT DEFAULT '0' NOT NULL,
    cache_write_1h BIGINT DEFAULT '0' NOT NULL,
    input_audio BIGINT DEFAULT '0' NOT NULL,
    input_image BIGINT DEFAULT '0' NOT NULL,
    output BIGINT DEFAULT '0' NOT NULL,
    reasoning BIGINT DEFAULT '0' NOT NULL,
    output_audio BIGINT DEFAULT '0' NOT NULL,
    output_image BIGINT DEFAULT '0' NOT NULL,
    requests BIGINT DEFAULT '0' NOT NULL,
    images BIGINT DEFAULT '0' NOT NULL,
    audio_ms BIGINT DEFAULT '0' NOT NULL,
    characters BIGINT DEFAULT '0' NOT NULL,
    pages BIGINT DEFAULT '0' NOT NULL,
    searches BIGINT DEFAULT '0' NOT NULL,
    cost BIGINT DEFAULT '0' NOT NULL,
    charge BIGINT DEFAULT '0' NOT NULL,
    unconfirmed BIGINT DEFAULT '0' NOT NULL,
    unpriced BIGINT DEFAULT '0' NOT NULL,
    first_byte_b0 BIGINT DEFAULT '0' NOT NULL,
    first_byte_b1 BIGINT DEFAULT '0' NOT NULL,
    first_byte_b2 BIGINT DEFAULT '0' NOT NULL,
    first_byte_b3 BIGINT DEFAULT '0' NOT NULL,
    first_byte_b4 BIGINT DEFAULT '0' NOT NULL,
    first_byte_b5 BIGINT DEFAULT '0' NOT NULL,
    first_byte_b6 BIGINT DEFAULT '0' NOT NULL,
    first_byte_b7 BIGINT DEFAULT '0' NOT NULL,
    first_byte_b8 BIGINT DEFAULT '0' NOT NULL,
    first_byte_b9 BIGINT DEFAULT '0' NOT NULL,
    first_byte_b10 BIGINT DEFAULT '0' NOT NULL,
    first_byte_b11 BIGINT DEFAULT '0' NOT NULL,
    first_byte_b12 BIGINT DEFAULT '0' NOT NULL,
    first_byte_b13 BIGINT DEFAULT '0' NOT NULL,
    first_byte_b14 BIGINT DEFAULT '0' NOT NULL,
    first_byte_b15 BIGINT DEFAULT '0' NOT NULL,
    first_byte_b16 BIGINT DEFAULT '0' NOT NULL,
    first_byte_b17 BIGINT DEFAULT '0' NOT NULL,
    first_byte_b18 BIGINT DEFAULT '0' NOT NULL,
    first_byte_b19 BIGINT DEFAULT '0' NOT NULL,
    total_b0 BIGINT DEFAULT '0' NOT NULL,
    total_b1 BIGINT DEFAULT '0' NOT NULL,
    total_b2 BIGINT DEFAULT '0' NOT NULL,
    total_b3 BIGINT DEFAULT '0' NOT NULL,
    total_b4 BIGINT DEFAULT '0' NOT NULL,
    total_b5 BIGINT DEFAULT '0' NOT NULL,
    total_b6 BIGINT DEFAULT '0' NOT NULL,
    total_b7 BIGINT DEFAULT '0' NOT NULL,
    total_b8 BIGINT DEFAULT '0' NOT NULL,
    total_b9 BIGINT DEFAULT '0' NOT NULL,
    total_b10 BIGINT DEFAULT '0' NOT NULL,
    total_b11 BIGINT DEFAULT '0' NOT NULL,
    total_b12 BIGINT DEFAULT '0' NOT NULL,
    total_b13 BIGINT DEFAULT '0' NOT NULL,
    total_b14 BIGINT DEFAULT '0' NOT NULL,
    total_b15 BIGINT DEFAULT '0' NOT NULL,
    total_b16 BIGINT DEFAULT '0' NOT NULL,
    total_b17 BIGINT DEFAULT '0' NOT NULL,
    total_b18 BIGINT DEFAULT '0' NOT NULL,
    total_b19 BIGINT DEFAULT '0' NOT NULL,
    CONSTRAINT pk_rollups PRIMARY KEY (grain, starts_at, organisation_id, project_id, member_id, key_id, profile_id, model_id, outcome)
);

CREATE TABLE vault (
    name TEXT NOT NULL,
    value BYTEA NOT NULL,
    CONSTRAINT pk_vault PRIMARY KEY (name)
);

CREATE TABLE aliases (
    id UUID NOT NULL,
    organisation_id UUID NOT NULL,
    name TEXT NOT NULL,
    ceiling_usd_per_mtok TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_aliases PRIMARY KEY (id),
    CONSTRAINT fk_aliases_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisations (id)
);

CREATE UNIQUE INDEX uq_aliases_living_name ON aliases (organisation_id, name) WHERE deleted_at IS NULL;

CREATE TABLE audit (
    id UUID NOT NULL,
    organisation_id UUID NOT NULL,
    sequence BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    actor TEXT NOT NULL,
    actor_id UUID,
    action TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id TEXT NOT NULL,
    object_name TEXT NOT NULL,
    before JSONB,
    after JSONB,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    CONSTRAINT pk_audit PRIMARY KEY (id),
    CONSTRAINT uq_audit_organisation_id_sequence UNIQUE (organisation_id, sequence),
    CONSTRAINT fk_audit_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisations (id)
);

CREATE INDEX ix_audit_object ON audit (object_kind, object_id);

CREATE TABLE blobs (
    id UUID NOT NULL,
    organisation_id UUID NOT NULL,
    digest BYTEA NOT NULL,
    media_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    data BYTEA NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_blobs PRIMARY KEY (id),
    CONSTRAINT uq_blobs_organisation_id_digest UNIQUE (organisation_id, digest),
    CONSTRAINT fk_blobs_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisations (id)
);

CREATE TABLE budgets (
    id UUID NOT NULL,
    organisation_id UUID NOT NULL,
    scope TEXT NOT NULL,
    scope_id UUID NOT NULL,
    period TEXT NOT NULL,
    zone TEXT NOT NULL,
    limit_nano BIGINT NOT NULL,
    hard_pct INTEGER NOT NULL,
    soft_pct JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_budgets PRIMARY KEY (id),
    CONSTRAINT fk_budgets_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisations (id)
);

CREATE INDEX ix_budgets_scope ON budgets (scope, scope_id);

CREATE TABLE collections (
    id UUID NOT NULL,
    organisation_id UUID NOT NULL,
    name TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_collections PRIMARY KEY (id),
    CONSTRAINT fk_collections_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisations (id)
);

CREATE UNIQUE INDEX uq_collections_living_name ON collections (organisation_id, name) WHERE deleted_at IS NULL;

CREATE TABLE corrections (
    id UUID NOT NULL,
    attempt_id UUID NOT NULL,
    kind TEXT NOT NULL,
    price_id UUID,
    cost_difference BIGINT,
    charge_difference BIGINT,
    unconfirmed_difference BIGINT,
    note TEXT,
    made_by TEXT NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    undoes UUID,
    CONSTRAINT pk_corrections PRIMARY KEY (id),
    CONSTRAINT fk_corrections_attempt_id FOREIGN KEY(attempt_id) REFERENCES attempts (id),
    CONSTRAINT fk_corrections_undoes FOREIGN KEY(undoes) REFERENCES corrections (id)
);

CREATE INDEX ix_corrections_attempt_id ON corrections (attempt_id);

CREATE TABLE jobs (
    id UUID NOT NULL,
    organisation_id UUID NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    task JSONB NOT NULL,
    progress JSONB,
    result JSONB,
    leased_by UUID,
    leased_until TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_jobs PRIMARY KEY (id),
    CONSTRAINT fk_jobs_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisations (id)
);

CREATE TABLE members (
    id UUID NOT NULL,
    organisation_id UUID NOT NULL,
    account_id UUID NOT NULL,
    role TEXT NOT NULL,
    default_model_id UUID,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    removed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_members PRIMARY KEY (id),
    CONSTRAINT uq_members_organisation_id_account_id UNIQUE (organisation_id, account_id),
    CONSTRAINT fk_members_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisations (id),
    CONSTRAINT fk_members_account_id FOREIGN KEY(account_id) REFERENCES accounts (id)
);

CREATE INDEX ix_members_account_id ON members (account_id);

CREATE TABLE prices (
    id UUID NOT NULL,
    sheet_id UUID NOT NULL,
    organisation_id UUID NOT NULL,
    scope TEXT NOT NULL,
    scope_id UUID NOT NULL,
    valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
    usage_class TEXT NOT NULL,
    usd_per_million TEXT,
    context_over BIGINT NOT NULL,
    service_tier TEXT NOT NULL,
    hour_from INTEGER,
    hour_to INTEGER,
    unit TEXT NOT NULL,
    source TEXT NOT NULL,
    as_of TEXT NOT NULL,
    entered_by TEXT,
    disagreeing JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_prices PRIMARY KEY (id),
    CONSTRAINT fk_prices_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisations (id)
);

CREATE INDEX ix_prices_scope ON prices (scope, scope_id, valid_from);

CREATE INDEX ix_prices_sheet_id ON prices (sheet_id);

CREATE TABLE profiles (
    id UUID NOT NULL,
    organisation_id UUID NOT NULL,
    slug TEXT NOT NULL,
    provider TEXT NOT NULL,
    name TEXT NOT NULL,
    base_url TEXT,
    headers JSONB NOT NULL,
    organisation_header TEXT,
    region TEXT,
    privacy JSONB,
    notes TEXT,
    origin TEXT NOT NULL,
    allow_private BOOLEAN NOT NULL,
    position INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_profiles PRIMARY KEY (id),
    CONSTRAINT fk_profiles_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisations (id)
);

CREATE UNIQUE INDEX uq_profiles_living_slug ON profiles (organisation_id, slug) WHERE deleted_at IS NULL;

CREATE TABLE projects (
    id UUID NOT NULL,
    organisation_id UUID NOT NULL,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    default_model_id UUID,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_projects PRIMARY KEY (id),
    CONSTRAINT fk_projects_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisations (id)
);

CREATE UNIQUE INDEX uq_projects_living_slug ON projects (organisation_id, slug) WHERE deleted_at IS NULL;

CREATE TABLE settings (
    organisation_id UUID NOT NULL,
    member_id UUID NOT NULL,
    name TEXT NOT NULL,
    value JSONB NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_settings PRIMARY KEY (organisation_id, member_id, name),
    CONSTRAINT fk_settings_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisations (id)
);

CREATE TABLE tags (
    id UUID NOT NULL,
    organisation_id UUID NOT NULL,
    name TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_tags PRIMARY KEY (id),
    CONSTRAINT fk_tags_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisations (id)
);

CREATE UNIQUE INDEX uq_tags_living_name ON tags (organisation_id, name) WHERE deleted_at IS NULL;

CREATE TABLE budget_windows (
    id UUID NOT NULL,
    budget_id UUID NOT NULL,
    starts_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ends_at TIMESTAMP WITH TIME ZONE,
    limit_nano BIGINT NOT NULL,
    spent BIGINT NOT NULL,
    held BIGINT NOT NULL,
    wanted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_budget_windows PRIMARY KEY (id),
    CONSTRAINT uq_budget_windows_budget_id_starts_at UNIQUE (budget_id, starts_at),
    CONSTRAINT fk_budget_windows_budget_id FOREIGN KEY(budget_id) REFERENCES budgets (id)
);

CREATE TABLE conversations (
    id UUID NOT NULL,
    organisation_id UUID NOT NULL,
    member_id UUID NOT NULL,
    project_id UUID,
    title TEXT NOT NULL,
    current_model TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_conversations PRIMARY KEY (id),
    CONSTRAINT fk_conversations_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisations (id),
    CONSTRAINT fk_conversations_member_id FOREIGN KEY(member_id) REFERENCES members (id),
    CONSTRAINT fk_conversations_project_id FOREIGN KEY(project_id) REFERENCES projects (id)
);

CREATE INDEX ix_conversations_member_id ON conversations (member_id);

CREATE TABLE keys (
    id UUID NOT NULL,
    organisation_id UUID NOT NULL,
    project_id UUID,
    member_id UUID NOT NULL,
    name TEXT NOT NULL,
    digest BYTEA NOT NULL,
    shown TEXT NOT NULL,
    role TEXT,
    models JSONB,
    default_model_id UUID,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_keys PRIMARY KEY (id),
    CONSTRAINT fk_keys_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisations (id),
    CONSTRAINT fk_keys_project_id FOREIGN KEY(project_id) REFERENCES projects (id),
    CONSTRAINT fk_keys_member_id FOREIGN KEY(member_id) REFERENCES members (id),
    CONSTRAINT uq_keys_digest UNIQUE (digest)
);

CREATE UNIQUE INDEX uq_keys_living_name ON keys (organisation_id, name) WHERE deleted_at IS NULL;

CREATE TABLE library_models (
    number SERIAL NOT NULL,
    id UUID NOT NULL,
    organisation_id UUID NOT NULL,
    profile_id UUID NOT NULL,
    model_id TEXT NOT NULL,
    name TEXT NOT NULL,
    maker TEXT,
    kind TEXT NOT NULL,
    context_window BIGINT,
    max_input BIGINT,
    max_output BIGINT,
    knowledge_cutoff TEXT,
    retires_on TEXT,
    capabilities JSONB NOT NULL,
    modalities JSONB NOT NULL,
    sources JSONB NOT NULL,
    parameters JSONB NOT NULL,
    custom BOOLEAN NOT NULL,
    active BOOLEAN NOT NULL,
    hidden BOOLEAN NOT NULL,
    quarantined_because TEXT,
    successor_id UUID,
    notes TEXT,
    revision INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_library_models PRIMARY KEY (number),
    CONSTRAINT uq_library_models_id UNIQUE (id),
    CONSTRAINT fk_library_models_organisation_id FOREIGN KEY(organisation_id) REFERENCES organisations (id),
    CONSTRAINT fk_library_models_profile_id FOREIGN KEY(profile_id) REFERENCES profiles (id)
);

CREATE UNIQUE INDEX uq_library_models_living ON library_models (profile_id, model_id) WHERE deleted_at IS NULL;

CREATE TABLE secrets (
    id UUID NOT NULL,
    profile_id UUID NOT NULL,
    position INTEGER NOT NULL,
    reference TEXT,
    sealed BYTEA,
    shown TEXT,
    address TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    refused_at TIMESTAMP WITH TIME ZONE,
    refused_because TEXT,
    deleted_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_secrets PRIMARY KEY (id),
    CONSTRAINT fk_secrets_profile_id FOREIGN KEY(profile_id) REFERENCES profiles (id)
);

CREATE INDEX ix_secrets_profile_id ON secrets (profile_id);

CREATE TABLE sessions (
    id UUID NOT NULL,
    digest BYTEA NOT NULL,
    member_id UUID NOT NULL,
    user_agent TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
    idle_until TIMESTAMP WITH TIME ZONE NOT NULL,
    absolute_until TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_sessions PRIMARY KEY (id),
    CONSTRAINT uq_sessions_digest UNIQUE (digest),
    CONSTRAINT fk_sessions_member_id FOREIGN KEY(member_id) REFERENCES members (id)
);

CREATE TABLE alias_targets (
    alias_id UUID NOT NULL,
    position INTEGER NOT NULL,
    model_id UUID NOT NULL,
    CONSTRAINT pk_alias_targets PRIMARY KEY (alias_id, position),
    CONSTRAINT fk_alias_targets_alias_id FOREIGN KEY(alias_id) REFERENCES aliases (id),
    CONSTRAINT fk_alias_targets_model_id FOREIGN KEY(model_id) REFERENCES library_models (id)
);

CREATE INDEX ix_alias_targets_model_id ON alias_targets (model_id);

CREATE TABLE allowances (
    process_id UUID NOT NULL,
    window_id UUID NOT NULL,
    amount BIGINT NOT NULL,
    leased_until TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_allowances PRIMARY KEY (process_id, window_id),
    CONSTRAINT fk_allowances_window_id FOREIGN KEY(window_id) REFERENCES budget_windows (id)
);

CREATE TABLE collection_models (
    collection_id UUID NOT NULL,
    model_id UUID NOT NULL,
    CONSTRAINT pk_collection_models PRIMARY KEY (collection_id, model_id),
    CONSTRAINT fk_collection_models_collection_id FOREIGN KEY(collection_id) REFERENCES collections (id),
    CONSTRAINT fk_collection_models_model_id FOREIGN KEY(model_id) REFERENCES library_models (id)
);

CREATE TABLE messages (
    id UUID NOT NULL,
    conversation_id UUID NOT NULL,
    parent_id UUID,
    position INTEGER NOT NULL,
    role TEXT NOT NULL,
    content JSONB NOT NULL,
    model TEXT,
    call_id UUID,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_messages PRIMARY KEY (id),
    CONSTRAINT uq_messages_conversation_id_position UNIQUE (conversation_id, position),
    CONSTRAINT fk_messages_conversation_id FOREIGN KEY(conversation_id) REFERENCES conversations (id),
    CONSTRAINT fk_messages_parent_id FOREIGN KEY(parent_id) REFERENCES messages (id)
);

CREATE TABLE model_tags (
    tag_id UUID NOT NULL,
    model_id UUID NOT NULL,
    CONSTRAINT pk_model_tags PRIMARY KEY (tag_id, model_id),
    CONSTRAINT fk_model_tags_tag_id FOREIGN KEY(tag_id) REFERENCES tags (id),
    CONSTRAINT fk_model_tags_model_id FOREIGN KEY(model_id) REFERENCES library_models (id)
);

INSERT INTO changes (id, number) VALUES (1, 0);

CREATE VIEW models AS
SELECT
    m.number AS id,
    m.name AS name,
    m.model_id AS model_id,
    CASE WHEN p.provider IN ('anthropic', 'anthropic-compatible') THEN 'anthropic' ELSE 'openAI' END AS endpoint_type,
    COALESCE((m.capabilities ->> 'reasoning')::boolean, FALSE) AS thinking,
    m.context_window AS context_window,
    m.max_output AS max_output,
    m.knowledge_cutoff AS knowledge_cutoff,
    (
        SELECT CAST(r.usd_per_million AS DOUBLE PRECISION) FROM prices r
        WHERE r.usage_class = 'input' AND r.context_over = 0 AND r.service_tier = 'standard'
        AND r.hour_from IS NULL
        AND r.sheet_id = (
            SELECT s.sheet_id FROM prices s
            WHERE s.scope = 'model' AND s.scope_id = m.id AND s.valid_from <= now()
            ORDER BY s.valid_from DESC, s.created_at DESC, s.sheet_id DESC LIMIT 1
        ) LIMIT 1
    ) AS input_price_per_mtok,
    (
        SELECT CAST(r.usd_per_million AS DOUBLE PRECISION) FROM prices r
        WHERE r.usage_class = 'output' AND r.context_over = 0 AND r.service_tier = 'standard'
        AND r.hour_from IS NULL
        AND r.sheet_id = (
            SELECT s.sheet_id FROM prices s
            WHERE s.scope = 'model' AND s.scope_id = m.id AND s.valid_from <= now()
            ORDER BY s.valid_from DESC, s.created_at DESC, s.sheet_id DESC LIMIT 1
        ) LIMIT 1
    ) AS output_price_per_mtok,
    m.active AS is_active,
    m.created_at AS created_at,
    m.updated_at AS updated_at
FROM library_models m JOIN profiles p ON p.id = m.profile_id
WHERE m.deleted_at IS NULL AND m.kind = 'chat';
