"""How LiteLLM calls vendors, and why its own settings stay behind (docs.litellm.ai/docs/proxy/configs, 2026-11)."""

from collections.abc import Mapping

VENDORS: Mapping[str, str] = {
    "azure_ai": "azure",
    "azure_text": "azure",
    "cohere_chat": "cohere",
    "custom_openai": "openai-compatible",
    "gemini": "google",
    "hosted_vllm": "vllm",
    "litellm_proxy": "litellm",
    "lm_studio": "lmstudio",
    "ollama_chat": "ollama",
    "openai_like": "openai-compatible",
    "text-completion-openai": "openai",
}
"""What stands before the first slash of a model, where it is not a name that the house knows too."""

UNPREFIXED = ("openai", "anthropic", "google", "mistral", "cohere", "deepseek", "xai", "perplexity")
"""Whose models may be named without a vendor; the catalog says whose one is."""

PRICES: Mapping[str, str] = {
    "input_cost_per_token": "input",
    "output_cost_per_token": "output",
    "output_cost_per_reasoning_token": "reasoning",
    "cache_read_input_token_cost": "cache_read",
    "cache_creation_input_token_cost": "cache_write_5m",
    "input_cost_per_audio_token": "input_audio",
    "output_cost_per_audio_token": "output_audio",
}
CAPABILITIES: Mapping[str, str] = {
    "supports_vision": "vision",
    "supports_function_calling": "tools",
    "supports_response_schema": "json_schema",
    "supports_reasoning": "reasoning",
    "supports_audio_input": "audio",
    "supports_pdf_input": "documents",
}
KINDS: Mapping[str, str] = {
    "chat": "chat",
    "completion": "completion",
    "embedding": "embedding",
    "image_generation": "image",
    "audio_transcription": "stt",
    "audio_speech": "tts",
    "rerank": "rerank",
    "moderation": "moderation",
    "realtime": "realtime",
    "video_generation": "video",
    "ocr": "ocr",
}
STORED = ("temperature", "top_p", "max_tokens", "frequency_penalty", "presence_penalty")
"""Parameters that a deployment is called with where a caller sends none."""

TAKEN = frozenset(
    {
        *(
            "model",
            "api_key",
            "api_base",
            "base_url",
            "organization",
            "custom_llm_provider",
            "extra_headers",
            "headers",
        ),
        *("aws_region_name", "region_name", "vertex_project", "vertex_location", "order"),
        *PRICES,
        *STORED,
    }
)
"""Fields of a deployment that are read."""

_LIMITS = "limits of rate are the provider's own here; a busy one is left alone for as long as it says"
_WAITS = "deadlines are the server's: connect_seconds, first_byte_seconds, idle_seconds, total_seconds"
_SIGNED = "requests signed with access keys are not made; give the profile an API key"
_TOO_SMALL = "a model that is too small is left out before a call, not after it failed"
_TRIES = "a call is tried again, with the next key and at the next model of its alias, by itself"
DEPLOYMENT: Mapping[str, str] = {
    "api_version": "not needed: the address without versions is called",
    "rpm": _LIMITS,
    "tpm": _LIMITS,
    "max_parallel_requests": _LIMITS,
    "weight": "the models of an alias are tried in order; put the preferred one first",
    "tags": "calls are not routed by tags; give an alias for each purpose",
    "timeout": _WAITS,
    "stream_timeout": _WAITS,
    "max_retries": _TRIES,
    "num_retries": _TRIES,
    "drop_params": "parameters that a model does not take are left out by themselves",
    "additional_drop_params": "say what a model takes: `modelhall model parameters`",
    "aws_access_key_id": _SIGNED,
    "aws_secret_access_key": _SIGNED,
    "aws_session_token": _SIGNED,
    "vertex_credentials": _SIGNED,
    "azure_ad_token": _SIGNED,
    "client_secret": _SIGNED,
}
TAKEN_INFO = frozenset({"mode", "max_input_tokens", "max_output_tokens", "max_tokens", *PRICES, *CAPABILITIES})
"""Fields of `model_info` that are read."""
INFO: Mapping[str, str] = {
    "id": "models have ids of their own here",
    "base_model": "the catalog is asked by the deployment's own name; if its facts or price are missing, give them",
}
SECTIONS: Mapping[str, str] = {
    "general_settings.master_key": "programs need keys of this house: `modelhall key create NAME`",
    "general_settings.database_url": "this house has a database of its own: DATABASE_URL",
    "general_settings.store_model_in_db": "models are always kept in the database",
    "general_settings.background_health_checks": "health is seen from calls and from the providers' lists",
    "general_settings.health_check_interval": "health is seen from calls and from the providers' lists",
    "litellm_settings.drop_params": "parameters that a model does not take are left out by themselves",
    "litellm_settings.num_retries": _TRIES,
    "litellm_settings.request_timeout": _WAITS,
    "litellm_settings.cache": "answers are not kept",
    "litellm_settings.max_budget": "budgets belong to keys: `modelhall key create NAME --budget-usd`",
    "litellm_settings.context_window_fallbacks": _TOO_SMALL,
    "router_settings.num_retries": _TRIES,
    "router_settings.timeout": _WAITS,
    "router_settings.routing_strategy": "the models of an alias are tried in order; put the preferred one first",
    "router_settings.context_window_fallbacks": _TOO_SMALL,
    "router_settings.redis_host": "several servers share a PostgreSQL database; nothing else is needed",
}
OWN = "this is LiteLLM's own; nothing here stands for it"
