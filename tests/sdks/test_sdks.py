"""Other people's clients, unmodified, get from the house what they would get from their own vendor."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.sdks.conftest import ROOT, Place
from tests.sdks.expected import PLAIN, PROFILES, SAID
from tests.sdks.vendor import MODELS

FactsOf = Callable[[str], Any]
CHATS = ("openai_sdk", "anthropic_sdk", "langchain_openai_chat", "langchain_anthropic_chat")
EVERY = (*CHATS, "llm_command")
# LangChain raises its own children of the SDKs' classes.
CHAINED = {
    400: "InvalidRequestError",
    401: "AuthenticationError",
    403: "PermissionDeniedError",
    404: "ModelNotFoundError",
    429: "RateLimitError",
    502: "APIError",
    503: "APIError",
    504: "APIError",
}
RAISED = {
    "openai_sdk": PLAIN["openai"],
    "anthropic_sdk": PLAIN["anthropic"],
    "langchain_openai_chat": {status: f"OpenAI{name}" for status, name in CHAINED.items()} | {402: "APIStatusError"},
    "langchain_anthropic_chat": {status: f"Anthropic{name}" for status, name in CHAINED.items()}
    | {402: "APIStatusError"},
}


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("client", CHATS)
def test_text_usage_schema_tools_and_pictures_arrive_whole_and_streamed(
    facts_of: FactsOf, client: str, profile: str
) -> None:
    told = facts_of(client)[profile]
    assert {name: told[name] for name in SAID} == SAID


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("client", CHATS)
def test_each_failure_raises_the_class_that_programs_catch(facts_of: FactsOf, client: str, profile: str) -> None:
    errors = facts_of(client)[profile]["errors"]
    assert {int(status): told["raised"] for status, told in errors.items()} == RAISED[client]
    assert {status: str(told["status"]) for status, told in errors.items()} == {status: status for status in errors}
    assert "the vendor says 400" in errors["400"]["words"]
    assert "budget" in errors["402"]["words"]


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("client", CHATS)
def test_a_stream_that_is_cut_raises_after_what_had_come(facts_of: FactsOf, client: str, profile: str) -> None:
    cut = facts_of(client)[profile]["cut"]
    assert cut["before"] == "Hel"
    assert cut["raised"] == ("APIError" if "openai" in client else "APIStatusError")
    assert "stopped in the middle" in cut["words"]


@pytest.mark.parametrize(("client", "own"), [("openai_sdk", "gpt"), ("anthropic_sdk", "claude")])
def test_a_busy_vendor_is_asked_again_and_an_empty_budget_is_not(
    facts_of: FactsOf, place: Place, client: str, own: str
) -> None:
    retried = facts_of(client)["retried"]
    assert retried == {"busy": "Hello there.", "poor": 402, "asked": 1}
    path = {"gpt": "chat", "claude": "messages"}[own]
    assert place.vendor.calls[f"{path} busy-{client.removesuffix('_sdk')}"] == 2


@pytest.mark.parametrize("client", ["openai_sdk", "anthropic_sdk"])
def test_the_list_holds_what_the_key_may_call(facts_of: FactsOf, client: str) -> None:
    told = facts_of(client)
    wanted = {f"{profile}/{name}" for profile in PROFILES for name in MODELS} | {"local/smollm2-135m-instruct"}
    assert wanted - set(told["models"]) == set()
    assert not [name for name in told["models"] if name.endswith("/asleep")]
    assert told["model"] in {"gpt/talk", "claude/talk"}


@pytest.mark.parametrize("client", ["openai_sdk", "anthropic_sdk", "langchain_openai_chat", "langchain_anthropic_chat"])
def test_the_built_in_model_says_the_same_whole_and_streamed(facts_of: FactsOf, client: str) -> None:
    local = facts_of(client)["local"]
    assert local["text"].strip()
    assert local["streamed"] == local["text"]
    if "usage" in local:
        assert local["usage"]["prompt"] == local["streamed_usage"]["prompt"] > 0
        assert local["usage"]["written"] == local["streamed_usage"]["written"] > 0


@pytest.mark.parametrize("client", ["openai_sdk", "langchain_openai_chat"])
def test_the_usage_of_a_stream_comes_only_when_it_was_asked_for(facts_of: FactsOf, client: str) -> None:
    told = facts_of(client)
    streams = [told[profile]["streamed_without_usage"] for profile in PROFILES] if "sdk" in client else None
    assert (streams or told["streamed_without_usage"]) == [["Hello there.", None]] * 2


def test_the_built_in_model_keeps_to_a_schema_embeds_and_counts(facts_of: FactsOf) -> None:
    openai, anthropic = facts_of("openai_sdk")["local"], facts_of("anthropic_sdk")["local"]
    assert [type(openai["schema"][name]) for name in ("city", "people")] == [str, int]
    assert openai["streamed_without_usage"] == [openai["text"], None]
    assert openai["embedded"] == facts_of("langchain_openai_chat")["local"]["embedded"] == [576, 576]
    assert anthropic["counted"] == anthropic["usage"]["prompt"] == openai["usage"]["prompt"]


def test_embeddings_counts_and_either_key_header_reach_a_vendor(facts_of: FactsOf) -> None:
    for client in ("openai_sdk", "langchain_openai_chat"):
        assert facts_of(client)["embedded"] == [[0.25, -0.5, 1.0]] * 2
    anthropic = facts_of("anthropic_sdk")
    assert (anthropic["counted"], anthropic["bearer"]) == (17, "Hello there.")


@pytest.mark.parametrize("profile", PROFILES)
def test_the_llm_command_chats_keeps_schemas_runs_tools_and_shows_pictures(facts_of: FactsOf, profile: str) -> None:
    told = facts_of("llm_command")[profile]
    assert told["text"] == "Hello there."
    assert told["usage_words"].startswith("Token usage: 12 input, 5 output")
    assert told["schema"] == SAID["schema"]
    assert told["after_tools"] == "Told: sunny in Paris, sunny in Rome"
    assert told["picture"] == SAID["picture"]
    assert (told["cut"]["status"], told["cut"]["before"]) == (1, "Hel")
    assert "stopped in the middle" in told["cut"]["raised"]


def test_the_llm_command_reaches_the_built_in_model_and_shows_a_refusal(facts_of: FactsOf) -> None:
    told = facts_of("llm_command")
    assert told["local"]["text"]
    words, status = told["refused"]
    assert ("Error code: 401" in words, status) == (True, 1)


def test_the_table_of_exceptions_in_the_documentation_is_right() -> None:
    rows = [line.split(" | ") for line in (ROOT / "docs" / "clients.md").read_text().splitlines()]
    told = {int(row[0].strip("| ")): (row[2].strip("`"), row[3].strip("`")) for row in rows if row[0][2:5].isdigit()}
    assert told == {status: (PLAIN["openai"][status], PLAIN["anthropic"][status]) for status in PLAIN["openai"]}


def snippets(language: str) -> list[str]:
    """The examples in the documentation in one language."""
    parts = (ROOT / "docs" / "clients.md").read_text().split("```")[1::2]
    return [part.removeprefix(f"{language}\n") for part in parts if part.startswith(f"{language}\n")]


@pytest.mark.parametrize("number", range(4))
def test_an_example_in_the_documentation_runs_as_it_stands(place: Place, tmp_path: Path, number: int) -> None:
    examples = snippets("python")
    assert len(examples) == 4
    program = tmp_path / "example.py"
    program.write_text(_here(examples[number], place))
    assert place.run("python", str(program)).strip()


def test_the_example_of_the_llm_command_runs_as_it_stands(place: Place, tmp_path: Path) -> None:
    (models,), (commands,) = snippets("yaml"), snippets("sh")
    (tmp_path / "extra-openai-models.yaml").write_text(_here(models, place))
    assert place.run("env", f"LLM_USER_PATH={tmp_path}", "sh", "-ec", commands).strip()
    assert json.loads((tmp_path / "keys.json").read_text())["modelhall"] == place.key


def _here(example: str, place: Place) -> str:
    """The example with the address of this run's server."""
    assert "http://127.0.0.1:8400" in example
    return example.replace("http://127.0.0.1:8400", place.server.address)
