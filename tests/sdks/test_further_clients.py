"""The clients that need much more than Python to be installed: Node's SDKs, and LiteLLM with all it brings."""

from typing import Any

import pytest

from bench.peers import litellm_environment
from tests.sdks.conftest import Place
from tests.sdks.expected import PLAIN, PROFILES, SAID
from tests.sdks.vendor import MODELS

# LiteLLM's own classes; as OpenAI's client it has none for a spent budget and a sleeping model.
LITELLM = {
    400: "BadRequestError",
    401: "AuthenticationError",
    402: "APIError",
    403: "APIError",
    404: "NotFoundError",
    429: "RateLimitError",
    502: "BadGatewayError",
    503: "ServiceUnavailableError",
    504: "Timeout",
}
LITELLM_RAISED = {
    "openai": LITELLM,
    "anthropic": LITELLM | {402: "PaymentRequiredError", 403: "PermissionDeniedError"},
}


@pytest.mark.full(only=True)
@pytest.mark.parametrize("sdk", ["openai", "anthropic"])
def test_the_sdk_for_node_gets_what_the_one_for_python_gets(place: Place, sdk: str) -> None:
    told = place.facts_of_node(f"{sdk}_node")
    for profile in PROFILES:
        assert {name: told[profile][name] for name in SAID} == SAID
        assert raised(told[profile]) == PLAIN[sdk] | {402: "APIError"}
        cut = told[profile]["cut"]
        assert (cut["raised"], cut["before"]) == ("APIError", "Hel")
        assert "stopped in the middle" in cut["words"]
    assert {f"{profile}/{name}" for profile in PROFILES for name in MODELS} - set(told["models"]) == set()
    assert told["local"]["streamed"] == told["local"]["text"] != ""
    if sdk == "openai":
        assert told["embedded"] == [[0.25, -0.5, 1.0]] * 2
        assert told["gpt"]["streamed_without_usage"] == ["Hello there.", None]


@pytest.mark.full(only=True)
@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("way", ["openai", "anthropic"])
def test_litellm_as_a_client_gets_the_same_either_way(litellm: Any, way: str, profile: str) -> None:
    told = litellm[way][profile]
    assert {name: told[name] for name in SAID} == SAID
    assert raised(told) == LITELLM_RAISED[way]
    assert (told["cut"]["raised"], told["cut"]["before"]) == ("MidStreamFallbackError", "Hel")


@pytest.fixture(scope="module")
def litellm(place: Place) -> Any:
    """What LiteLLM tells, in the environment that the benchmark has for it; it needs older SDKs beside it."""
    return place.facts("litellm_client", litellm_environment() / "bin" / "python")


def raised(told: Any) -> dict[int, str]:
    """The exception at each status; the status that it carries is the same one."""
    assert {status: str(each["status"]) for status, each in told["errors"].items()} == {s: s for s in told["errors"]}
    return {int(status): each["raised"] for status, each in told["errors"].items()}
