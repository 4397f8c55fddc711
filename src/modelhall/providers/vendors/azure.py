"""Azure OpenAI through its v1 API: deployments are the model ids."""

from collections.abc import Mapping

from modelhall.providers.provider import Links, Provider, openai_at


def _base_url(environment: Mapping[str, str]) -> str | None:
    """Azure's own tools name the resource, not its address."""
    resource = environment.get("AZURE_RESOURCE_NAME", "").strip()
    return f"https://{resource}.openai.azure.com" if resource else None


PROVIDER = Provider(
    name="azure",
    title="Azure OpenAI",
    origin=None,
    speaks=openai_at("/openai/v1", completions=True),
    auth="api-key",
    key_env=("AZURE_OPENAI_API_KEY", "AZURE_API_KEY"),
    base_url_env=("AZURE_OPENAI_ENDPOINT", "AZURE_API_BASE"),
    base_url_of=_base_url,
    base_url_has_path=False,
    base_url_hint="https://RESOURCE.openai.azure.com",
    links=Links(
        keys="https://portal.azure.com",
        docs="https://learn.microsoft.com/en-us/azure/ai-foundry/openai/api-version-lifecycle",
        status="https://azure.status.microsoft",
        pricing="https://azure.microsoft.com/en-us/pricing/details/cognitive-services/openai-service",
    ),
    catalog="azure",
    hosts=("*.openai.azure.com", "*.services.ai.azure.com", "*.cognitiveservices.azure.com"),
    output_limit_name="max_completion_tokens",
    needs_more="Sign-in with Microsoft Entra ID needs tokens that expire; use the resource's key.",
)
