"""Every source's name for a provider, brought to one: the ids of models.dev where it has one."""

from collections.abc import Mapping

GENAI_PRICES: Mapping[str, str] = {
    "aws": "amazon-bedrock",
    "cloudflare": "cloudflare-workers-ai",
    "fireworks": "fireworks-ai",
    "novita": "novita-ai",
    "together": "togetherai",
    "voyageai": "voyage",
    "x-ai": "xai",
}

PI_AI: Mapping[str, str] = {
    "fireworks": "fireworks-ai",
    "kimi-coding": "kimi-for-coding",
    "together": "togetherai",
    "vercel-ai-gateway": "vercel",
    "zai-coding-cn": "zhipuai-coding-plan",
}

MODELS_DEV: Mapping[str, str] = {
    "azure-cognitive-services": "azure",
    "google-vertex-anthropic": "google-vertex",
}

LANGCHAIN: Mapping[str, str] = {
    "langchain-anthropic": "anthropic",
    "langchain-aws": "amazon-bedrock",
    "langchain-google-genai": "google",
    "langchain-groq": "groq",
    "langchain-mistralai": "mistral",
    "langchain-openai": "openai",
}

LITELLM: Mapping[str, str] = {
    "aiml": "aimlapi",
    "amazon_nova": "nova",
    "azure_ai": "azure",
    "azure_text": "azure",
    "bedrock": "amazon-bedrock",
    "bedrock_converse": "amazon-bedrock",
    "bedrock_mantle": "amazon-bedrock",
    "bigmodel": "zhipuai",
    "chatgpt": "openai-codex",
    "cloudflare": "cloudflare-workers-ai",
    "cohere_chat": "cohere",
    "dashscope": "alibaba",
    "fireworks_ai": "fireworks-ai",
    "fireworks_ai-embedding-models": "fireworks-ai",
    "friendliai": "friendli",
    "gemini": "google",
    "github_copilot": "github-copilot",
    "gmi": "gmicloud",
    "gradient_ai": "digitalocean",
    "jina_ai": "jina",
    "lambda_ai": "lambda",
    "meta_llama": "llama",
    "moonshot": "moonshotai",
    "novita": "novita-ai",
    "nvidia_nim": "nvidia",
    "opencode_go": "opencode-go",
    "qwen_ai_platform": "qwen-ai-platform",
    "text-completion-codestral": "codestral",
    "text-completion-inception": "inception",
    "text-completion-openai": "openai",
    "together_ai": "togetherai",
    "vercel_ai_gateway": "vercel",
    "vertex_ai": "google-vertex",
    "xiaomi_mimo": "xiaomi",
}

OWN: Mapping[str, str] = {
    "aws": "amazon-bedrock",
    "azure-openai": "azure",
    "bedrock": "amazon-bedrock",
    "dashscope": "alibaba",
    "fireworks": "fireworks-ai",
    "gemini": "google",
    "google-ai-studio": "google",
    "google-gemini": "google",
    "lm-studio": "lmstudio",
    "mistralai": "mistral",
    "moonshot": "moonshotai",
    "together": "togetherai",
    "vertex": "google-vertex",
    "vertex-ai": "google-vertex",
    "x-ai": "xai",
    "z.ai": "zai",
    "zhipu": "zhipuai",
}
"""Other names people give these providers."""


def litellm(name: str) -> str:
    """The provider behind litellm's name; its Vertex names all begin alike."""
    if name.startswith("vertex_ai-"):
        return "google-vertex"
    return LITELLM.get(name, name.replace("_", "-").casefold())


def aliases(known: set[str]) -> dict[str, str]:
    """Every other name of a known provider, without those that are themselves a provider."""
    tables = (GENAI_PRICES, PI_AI, MODELS_DEV, LITELLM, OWN)
    pairs = {name: provider for table in tables for name, provider in table.items()}
    return {name: provider for name, provider in sorted(pairs.items()) if provider in known and name not in known}
