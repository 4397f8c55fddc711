"""OpenAI: the reference of its family."""

from modelhall.dialects.parameters import ParameterFacts
from modelhall.providers.lists import read_list
from modelhall.providers.provider import Discovery, Links, ParameterRule, PrivacyFact, Provider, openai_at

_CREATE = "https://github.com/openai/openai-python/blob/main/src/openai/types/chat/completion_create_params.py"
_DATA = "https://developers.openai.com/docs/guides/your-data"
_RANGES = {"temperature": (0, 2), "top_p": (0, 1), "frequency_penalty": (-2, 2), "presence_penalty": (-2, 2)}
_WITHOUT_EFFORT = ParameterFacts(without_effort=frozenset({"temperature", "top_p"}))
_SINCE_5_1 = r"gpt-5\.[1-9](-mini|-nano)?(-\d{4}-\d{2}-\d{2})?"

PROVIDER = Provider(
    name="openai",
    title="OpenAI",
    origin="https://api.openai.com",
    speaks=openai_at("/v1", completions=True),
    key_env=("OPENAI_API_KEY",),
    base_url_env=("OPENAI_BASE_URL", "OPENAI_API_BASE"),
    passes_headers=("openai-beta",),
    organisation_header="openai-organization",
    project_header="openai-project",
    discovery=Discovery("/v1/models", read_list),
    links=Links(
        keys="https://platform.openai.com/api-keys",
        docs="https://platform.openai.com/docs",
        status="https://status.openai.com",
        pricing="https://openai.com/api/pricing",
    ),
    privacy=(PrivacyFact("no_training", True, "no training unless the account opts in", _DATA, "2026-11-20"),),
    catalog="openai",
    hosts=("api.openai.com",),
    # The reasoning models refuse `max_tokens`; all chat models take this name.
    output_limit_name="max_completion_tokens",
    parameters=(
        ParameterRule(ParameterFacts(ranges=_RANGES), _CREATE, "2026-11-20"),
        # From 5.1 on the models take these two where they do not think, which some of them do not by themselves.
        ParameterRule(_WITHOUT_EFFORT, "https://github.com/vercel/ai/issues/10932", "2026-11-20", _SINCE_5_1),
    ),
)
