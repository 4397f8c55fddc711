"""Google Vertex AI through its OpenAI-compatible endpoint, with an access token."""

from collections.abc import Mapping

from modelhall.dialects import openai_chat
from modelhall.dialects.openai_usage import read_usage_with_reasoning_apart
from modelhall.providers.provider import Links, Provider


def _base_url(environment: Mapping[str, str]) -> str | None:
    """The address holds project and location, which the usual variables name."""
    project = _first(environment, "GOOGLE_VERTEX_PROJECT", "GOOGLE_CLOUD_PROJECT")
    location = _first(environment, "GOOGLE_VERTEX_LOCATION", "GOOGLE_CLOUD_LOCATION")
    if not project or not location:
        return None
    host = "aiplatform.googleapis.com" if location == "global" else f"{location}-aiplatform.googleapis.com"
    return f"https://{host}/v1/projects/{project}/locations/{location}/endpoints/openapi"


def _first(environment: Mapping[str, str], *names: str) -> str:
    return next((value for name in names if (value := environment.get(name, "").strip())), "")


PROVIDER = Provider(
    name="google-vertex",
    title="Google Vertex AI",
    origin=None,
    speaks={openai_chat: ""},
    key_env=("GOOGLE_VERTEX_ACCESS_TOKEN",),
    base_url_env=("GOOGLE_VERTEX_BASE_URL",),
    base_url_of=_base_url,
    base_url_hint=(
        "https://LOCATION-aiplatform.googleapis.com/v1/projects/PROJECT/locations/LOCATION/endpoints/openapi"
    ),
    links=Links(
        keys="https://console.cloud.google.com/apis/credentials",
        docs="https://cloud.google.com/vertex-ai/generative-ai/docs/multimodal/call-vertex-using-openai-library",
        status="https://status.cloud.google.com",
        pricing="https://cloud.google.com/vertex-ai/generative-ai/pricing",
    ),
    catalog="google-vertex",
    hosts=("aiplatform.googleapis.com", "*-aiplatform.googleapis.com"),
    # Thoughts are outside of the completion, as in Google's own shape (envoyproxy/ai-gateway #1438, 2025-10).
    reads_usage={openai_chat: read_usage_with_reasoning_apart},
    needs_more=(
        "The key is an access token of Google Cloud, which lives for an hour (`gcloud auth print-access-token`)."
        " A lasting connection needs a service account."
    ),
)
