"""Which provider stands behind a host name, from the base URLs the sources list."""

import ipaddress
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

OWN: Mapping[str, str] = {
    "api.openai.com": "openai",
    "api.anthropic.com": "anthropic",
    "generativelanguage.googleapis.com": "google",
    "aiplatform.googleapis.com": "google-vertex",
    "*-aiplatform.googleapis.com": "google-vertex",
    "*.openai.azure.com": "azure",
    "*.services.ai.azure.com": "azure",
    "*.cognitiveservices.azure.com": "azure",
    "bedrock-runtime.*.amazonaws.com": "amazon-bedrock",
    "openrouter.ai": "openrouter",
    "api.groq.com": "groq",
    "api.together.xyz": "togetherai",
    "api.together.ai": "togetherai",
    "api.mistral.ai": "mistral",
    "api.cohere.com": "cohere",
    "api.cohere.ai": "cohere",
    "api.x.ai": "xai",
    "api.cerebras.ai": "cerebras",
    "api.perplexity.ai": "perplexity",
    "api.deepinfra.com": "deepinfra",
    "api.fireworks.ai": "fireworks-ai",
    "api.sambanova.ai": "sambanova",
    "api.studio.nebius.com": "nebius",
    "api.voyageai.com": "voyage",
    "api.elevenlabs.io": "elevenlabs",
    "api.deepgram.com": "deepgram",
    "api.minimax.io": "minimax",
    "api.minimaxi.com": "minimax-cn",
    "api.stepfun.com": "stepfun",
    "api.z.ai": "zai",
    "open.bigmodel.cn": "zhipuai",
    "opencode.ai": "opencode",
    "ai-gateway.vercel.sh": "vercel",
    "api.venice.ai": "venice",
    "api.githubcopilot.com": "github-copilot",
}
"""Hosts no source lists, or that several providers share: then the pay-per-use one. `*` = one label or a part of it."""


def hosts_of(addresses: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Public host names and their provider; a host that two providers claim is left out unless it is listed here."""
    claims: dict[str, set[str]] = {}
    for provider, address in addresses:
        host = (urlsplit(address).hostname or "").casefold()
        if _public(host):
            claims.setdefault(host, set()).add(provider)
    sole = {host: next(iter(providers)) for host, providers in claims.items() if len(providers) == 1}
    return dict(sorted({**sole, **OWN}.items()))


def _public(host: str) -> bool:
    if "." not in host or any(sign in host for sign in "${}<>*"):
        return False
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return True
    return False
