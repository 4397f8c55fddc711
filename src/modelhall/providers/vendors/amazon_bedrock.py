"""Amazon Bedrock through its OpenAI-compatible endpoint, with a Bedrock API key."""

from collections.abc import Mapping

from modelhall.providers.provider import Links, Provider, openai_at


def _base_url(environment: Mapping[str, str]) -> str | None:
    """Every region has its own host; the usual variables name the region."""
    region = (environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or "").strip()
    return f"https://bedrock-runtime.{region}.amazonaws.com/openai/v1" if region else None


PROVIDER = Provider(
    name="amazon-bedrock",
    title="Amazon Bedrock",
    origin=None,
    speaks=openai_at("/openai/v1", embeddings=False),
    key_env=("AWS_BEARER_TOKEN_BEDROCK",),
    base_url_env=("AWS_BEDROCK_BASE_URL",),
    base_url_of=_base_url,
    base_url_has_path=False,
    base_url_hint="https://bedrock-runtime.REGION.amazonaws.com/openai/v1",
    links=Links(
        keys="https://console.aws.amazon.com/bedrock/home#/api-keys",
        docs="https://docs.aws.amazon.com/bedrock/latest/userguide/inference-chat-completions.html",
        status="https://health.aws.amazon.com/health/status",
        pricing="https://aws.amazon.com/bedrock/pricing",
    ),
    catalog="amazon-bedrock",
    hosts=("bedrock-runtime.*.amazonaws.com", "bedrock-mantle.*.api.aws"),
    needs_more=(
        "Reaches the models that Bedrock serves in OpenAI's shape. Claude, Nova and others, and access keys in place of"
        " a Bedrock API key, need requests signed with SigV4."
    ),
)
