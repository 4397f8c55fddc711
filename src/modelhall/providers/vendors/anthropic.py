"""Anthropic: the Claude models."""

from modelhall.dialects.parameters import ParameterFacts
from modelhall.providers.lists import read_list
from modelhall.providers.provider import Discovery, Links, ParameterRule, Provider, anthropic_at

_DOCS = "https://platform.claude.com/docs/en"
_MIGRATION = f"{_DOCS}/about-claude/models/migration-guide"
_TO_4_5 = r"claude-3-7-.*|claude-(opus|sonnet|haiku)-4(-[015])?(-\d{8}|-latest)?"
_SINCE_4_6 = r"claude-[a-z]+-(4-[6-9]|[5-9]).*"

PROVIDER = Provider(
    name="anthropic",
    title="Anthropic",
    origin="https://api.anthropic.com",
    speaks=anthropic_at("/v1", counts_tokens=True),
    auth="x-api-key",
    key_env=("ANTHROPIC_API_KEY",),
    base_url_env=("ANTHROPIC_BASE_URL",),
    base_url_has_path=False,
    headers=(("anthropic-version", "2023-06-01"),),
    passes_headers=("anthropic-version", "anthropic-beta"),
    discovery=Discovery("/v1/models?limit=1000", read_list),
    links=Links(
        keys="https://platform.claude.com/settings/keys",
        docs="https://platform.claude.com/docs",
        status="https://status.claude.com",
        pricing="https://claude.com/pricing#api",
    ),
    catalog="anthropic",
    hosts=("api.anthropic.com",),
    stream_usage="always",
    parameters=(
        ParameterRule(ParameterFacts(ranges={"temperature": (0, 1)}), f"{_DOCS}/api/openai-sdk", "2026-11-20"),
        ParameterRule(ParameterFacts(thinking="budget"), _MIGRATION, "2026-11-20", _TO_4_5),
        # Models after 4.6 refuse a budget; 4.6 itself still takes one, for a while.
        ParameterRule(ParameterFacts(thinking="adaptive"), _MIGRATION, "2026-11-20", _SINCE_4_6),
    ),
)
