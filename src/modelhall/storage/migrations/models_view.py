"""The read-only view `models`: the library as a plain table of names, limits and prices (USD per million tokens)."""

ANTHROPIC = "('anthropic', 'anthropic-compatible')"
DIALECTS = {
    "sqlite": {
        "now": "strftime('%Y-%m-%d %H:%M:%f', 'now')",
        "number": "REAL",
        "thinking": "COALESCE(json_extract(m.capabilities, '$.reasoning'), 0)",
    },
    "postgresql": {
        "now": "now()",
        "number": "DOUBLE PRECISION",
        "thinking": "COALESCE((m.capabilities ->> 'reasoning')::boolean, FALSE)",
    },
}


def models_view(dialect: str) -> str:
    """The statement that makes the view. Here every model speaks OpenAI's shape, but Anthropic's own speak theirs."""
    words = DIALECTS[dialect]
    return f"""
CREATE VIEW models AS
SELECT
    m.number AS id,
    m.name AS name,
    m.model_id AS model_id,
    CASE WHEN p.provider IN {ANTHROPIC} THEN 'anthropic' ELSE 'openAI' END AS endpoint_type,
    {words["thinking"]} AS thinking,
    m.context_window AS context_window,
    m.max_output AS max_output,
    m.knowledge_cutoff AS knowledge_cutoff,
    {_base_price("input", words)} AS input_price_per_mtok,
    {_base_price("output", words)} AS output_price_per_mtok,
    m.active AS is_active,
    m.created_at AS created_at,
    m.updated_at AS updated_at
FROM library_models m JOIN profiles p ON p.id = m.profile_id
WHERE m.deleted_at IS NULL AND m.kind = 'chat'
"""  # noqa: S608 - put together from constants of this file


def _base_price(usage_class: str, words: dict[str, str]) -> str:
    """The rate of the sheet in force, at standard tier, smallest context and any hour."""
    return f"""(
        SELECT CAST(r.usd_per_million AS {words["number"]}) FROM prices r
        WHERE r.usage_class = '{usage_class}' AND r.context_over = 0 AND r.service_tier = 'standard'
        AND r.hour_from IS NULL
        AND r.sheet_id = (
            SELECT s.sheet_id FROM prices s
            WHERE s.scope = 'model' AND s.scope_id = m.id AND s.valid_from <= {words["now"]}
            ORDER BY s.valid_from DESC, s.created_at DESC, s.sheet_id DESC LIMIT 1
        ) LIMIT 1
    )"""  # noqa: S608
