"""Groq: open models at high speed."""

from modelhall.providers.lists import read_list
from modelhall.providers.provider import Discovery, Links, PrivacyFact, Provider, openai_at

PROVIDER = Provider(
    name="groq",
    title="Groq",
    origin="https://api.groq.com",
    speaks=openai_at("/openai/v1", embeddings=False),
    key_env=("GROQ_API_KEY",),
    base_url_env=("GROQ_BASE_URL",),
    discovery=Discovery("/openai/v1/models", read_list),
    links=Links(
        keys="https://console.groq.com/keys",
        docs="https://console.groq.com/docs/openai",
        status="https://groqstatus.com",
        pricing="https://groq.com/pricing",
    ),
    privacy=(
        PrivacyFact(
            "zero_retention",
            False,
            "content may be kept to look into failures and abuse, unless the account switches that off",
            "https://console.groq.com/docs/your-data",
            "2026-11-20",
        ),
    ),
    catalog="groq",
    hosts=("api.groq.com",),
)
