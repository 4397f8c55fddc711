"""Anthropic: the Claude models."""

from modelhall.dialects.parameters import ParameterFacts
from modelhall.providers.lists import read_list
from modelhall.providers.provider import Discovery, Links, ParameterRule, Provider, anthropic_at

_MIGRATION = "https://platform.claude.com/docs/en/about-claude/models/migration-guide"

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
        ParameterRule(
            facts=ParameterFacts(ranges={"temperature": (0, 1)}),
            page="https://platform.claude.com/docs/en/api/openai-sdk",
            read_on="2026-11-20",
        ),
        ParameterRule(
            models=r"claude-3-7-.*|claude-(opus|sonnet|haiku)-4(-[015])?(-\d{8}|-latest)?",
            facts=ParameterFacts(thinking="budget"),
            page="https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-adaptive-thinking.html",
            read_on="2026-11-20",
        ),
        # Later models refuse a budget; 4.6 still takes one, for a while.
        ParameterRule(
            models=r"claude-[a-z]+-(4-[6-9]|[5-9]).*",
            facts=ParameterFacts(thinking="adaptive"),
            page=_MIGRATION,
            read_on="2026-11-20",
        ),
    ),
)
