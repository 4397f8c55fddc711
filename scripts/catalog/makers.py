"""Which company made a model, told by the name it gave it; an unknown name stays unknown."""

import re
from collections.abc import Mapping

FIRST_PARTY: Mapping[str, str] = {
    "anthropic": "Anthropic",
    "cohere": "Cohere",
    "deepgram": "Deepgram",
    "deepseek": "DeepSeek",
    "elevenlabs": "ElevenLabs",
    "inception": "Inception",
    "meta": "Meta",
    "minimax": "MiniMax",
    "mistral": "Mistral AI",
    "moonshotai": "Moonshot AI",
    "openai": "OpenAI",
    "openai-codex": "OpenAI",
    "stepfun": "StepFun",
    "upstage": "Upstage",
    "v0": "Vercel",
    "voyage": "Voyage AI",
    "xai": "xAI",
    "xiaomi": "Xiaomi",
    "zai": "Z.ai",
    "zhipuai": "Z.ai",
}
"""Providers that serve nothing but their own models."""

FAMILIES = (
    ("Hugging Face", "smollm|smolvlm|zephyr"),
    ("NVIDIA", "nemotron|nvidia|nv-embed|nv-rerank|nvlm|cosmos"),
    ("Nous Research", "hermes|nousresearch|deephermes"),
    ("DeepSeek", "deepseek"),
    ("Anthropic", "claude"),
    (
        "OpenAI",
        r"gpt|chatgpt|o1|o3|o4|dall-e|whisper|tts-1|sora|text-embedding-3|text-embedding-ada|omni-moderation|davinci|babbage|codex|openai",
    ),
    (
        "Google",
        "gemini|gemma|imagen|veo|lyria|palm|medlm|learnlm|codegemma|paligemma|text-bison|chat-bison|nano-banana|embeddinggemma|google",
    ),
    ("Alibaba", "qwen|qwq|qvq|wan|tongyi|gte|alibaba"),
    ("Meta", "llama|codellama|meta-llama|muse|meta"),
    (
        "Mistral AI",
        "mistral|mixtral|codestral|ministral|devstral|magistral|pixtral|voxtral|mathstral|open-mistral|mistralai",
    ),
    ("xAI", "grok|x-ai|xai"),
    (
        "Cohere",
        "command|c4ai|aya|cohere|rerank-v|rerank-english|rerank-multilingual|embed-english|embed-multilingual|embed-v",
    ),
    ("Amazon", "nova|titan|amazon"),
    ("Microsoft", "phi|mai|wizardlm|orca|microsoft"),
    ("Z.ai", "glm|chatglm|cogview|cogvideox|autoglm|z-ai|zai-org|zhipu"),
    ("Moonshot AI", "kimi|moonshot|moonshotai"),
    ("MiniMax", "minimax|abab|hailuo"),
    ("Tencent", "hunyuan|tencent|hy3"),
    ("Baidu", "ernie|baidu"),
    ("ByteDance", "doubao|seed|seedream|seedance|bytedance|ui-tars"),
    ("IBM", "granite|ibm-granite"),
    ("AI21 Labs", "jamba|ai21|j2"),
    ("Black Forest Labs", "flux|black-forest-labs"),
    ("Stability AI", "stable-diffusion|sd3|sdxl|stable-image|stability"),
    ("Perplexity", "sonar|pplx|perplexity"),
    ("Voyage AI", "voyage"),
    ("Jina AI", "jina|jinaai"),
    ("BAAI", "bge|baai"),
    ("Upstage", "solar|upstage"),
    ("01.AI", "yi|01-ai"),
    ("Ai2", "olmo|tulu|molmo|allenai"),
    ("Writer", "palmyra|writer"),
    ("Xiaomi", "mimo|xiaomi"),
    ("StepFun", "step|stepfun"),
    ("Inception", "mercury|inception"),
    ("Reka", "reka|rekaai"),
    ("Ant Group", "ling|ring|inclusionai"),
    ("Meituan", "longcat|meituan"),
    ("Kuaishou", "kat-coder|kat-dev|kling|kwaipilot"),
    ("Databricks", "dbrx"),
    ("Snowflake", "arctic|snowflake-arctic"),
    ("Liquid AI", "lfm|liquid"),
    ("Arcee AI", "trinity|arcee|arcee-ai|maestro|virtuoso"),
    ("Prime Intellect", "intellect|primeintellect"),
    ("Deep Cogito", "cogito|deepcogito"),
    ("Recraft", "recraft"),
    ("Ideogram", "ideogram"),
    ("Runway", "gen4|gen4.5|runway"),
    ("ElevenLabs", "eleven|scribe|elevenlabs"),
    ("Deepgram", "deepgram"),
    ("Sarvam AI", "sarvam"),
    ("Swiss AI Initiative", "apertus|swiss-ai"),
    ("TII", "falcon|tiiuae"),
    ("LG AI Research", "exaone|lgai-exaone"),
    ("Shanghai AI Laboratory", "internlm|internvl|opengvlab"),
    ("Luma AI", "luma"),
    ("TwelveLabs", "twelvelabs"),
    ("Bria", "bria"),
    ("Morph", "morph"),
)

_NAMES = tuple((maker, re.compile(rf"(?:{names})(?![a-z])")) for maker, names in FAMILIES)
_VENDOR = re.compile(r"^[a-z0-9]+\.(?=[a-z])")
_REGION = re.compile(r"^(?:us|eu|apac|au|jp|ca|us-gov|global)\.(?=[a-z0-9]+\.)")


def maker_of(provider: str, model_id: str) -> str | None:
    """The maker by the parts of the name, from the last to the first; `None` if no part is known."""
    if provider in FIRST_PARTY:
        return FIRST_PARTY[provider]
    parts = [part for part in re.split(r"[/:@]", _REGION.sub("", model_id.casefold())) if not part.isdigit()]
    for part in reversed(parts):
        name = part.removeprefix("databricks-").removeprefix("fw-")
        maker = _named(name) or _named(_VENDOR.sub("", name))
        if maker is not None:
            return maker
    return None


def _named(part: str) -> str | None:
    if "nemotron" in part:
        return "NVIDIA"
    if part.startswith("deepseek-r1-distill"):
        return "DeepSeek"
    return next((maker for maker, names in _NAMES if names.match(part)), None)
