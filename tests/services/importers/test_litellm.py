"""LiteLLM's configuration: deployments, groups, fallbacks, prices, and a reason for all that stays behind."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import UNSET

from bench.peers import litellm_environment
from tests.services.importers.conftest import Reader

PROXY = "lib/python3*/site-packages/litellm/proxy"
EXAMPLES = sorted(
    path
    for files in ("example_config_yaml/*.yaml", "*.yaml")
    for path in litellm_environment().glob(f"{PROXY}/{files}")
)
BALANCED = """
model_list:
  - model_name: chat
    litellm_params: {model: azure/west, api_base: "https://w.openai.azure.com/", api_key: os.environ/WEST, order: 2}
  - model_name: chat
    litellm_params: {model: openai/gpt-4o, api_key: os.environ/OPENAI_API_KEY, order: 1, rpm: 3}
  - model_name: small
    litellm_params: {model: groq/openai/gpt-oss-120b}
  - model_name: gpt-4o
    litellm_params: {model: gpt-4o}
router_settings:
  routing_strategy: least-busy
  fallbacks: [{chat: [small]}]
  model_group_alias: {usual: chat, lost: nobody}
litellm_settings:
  default_fallbacks: [gpt-4o]
general_settings: {master_key: sk-1234}
guardrails: []
"""


def test_groups_become_aliases_with_their_order_and_fallbacks(read: Reader) -> None:
    told = read("litellm", BALANCED, environment={"OPENAI_API_KEY": "x", "WEST": "x", "GROQ_API_KEY": "x"})
    assert {each.id: each.keys for each in told.profiles.values()} == {
        "azure-w": ("env:WEST",),
        "openai": ("env:OPENAI_API_KEY",),
        "groq": ("env:GROQ_API_KEY",),
    }
    assert told.aliases == {
        "chat": ("openai/gpt-4o", "azure-w/west", "groq/openai/gpt-oss-120b"),
        "small": ("groq/openai/gpt-oss-120b", "openai/gpt-4o"),
        "usual": ("openai/gpt-4o", "azure-w/west"),
    }
    assert told.says("left", "router_settings.model_group_alias.lost", "no model here")


def test_everything_that_stays_behind_is_told_with_its_line(read: Reader) -> None:
    told = read("litellm", BALANCED)
    assert told.says("left", "model_list[1].litellm_params.rpm", "limits of rate")
    assert told.says("left", "router_settings.routing_strategy", "tried in order")
    assert told.says("left", "general_settings.master_key", "modelhall key create")
    assert told.says("left", "guardrails", "LiteLLM's own")
    assert told.says("person", "model_list[0].litellm_params", "WEST is not in the server's environment")
    lines = {each.place: each.line for each in told.into.findings}
    assert (lines["model_list[1].litellm_params.rpm"], lines["guardrails"]) == (6, 18)
    assert "sk-1234" not in repr(told.into.findings)


def test_prices_limits_and_values_come_along_exactly(read: Reader) -> None:
    told = read(
        "litellm",
        """
        model_list:
          - model_name: own
            litellm_params:
              model: openai/own-model
              api_base: http://10.0.0.5:8000/v1
              temperature: 0.2
              input_cost_per_token: 0.00000015
            model_info:
              output_cost_per_token: 6e-7
              input_cost_per_token_above_200k_tokens: 0.1
              max_input_tokens: 32000
              max_output_tokens: 4096
              supports_vision: true
              mode: chat
        """,
    )
    (model,) = told.models.values()
    assert model.name == "10.0.0.5-8000/own-model"
    assert model.price
    assert model.price.usd_per_million == {"input": "0.15", "output": "0.6"}
    assert (model.context_window, model.max_output, model.kind) == (32000, 4096, "chat")
    assert (model.capabilities, model.defaults) == ({"vision": True}, {"temperature": 0.2})
    assert told.says("person", "model_list[0]", "input_cost_per_token_above_200k_tokens")
    assert told.says("person", "model_list[0].litellm_params", "--allow-private")


def test_two_keys_of_one_vendor_are_two_profiles_and_their_texts_are_kept_only_on_request(read: Reader) -> None:
    text = """
    model_list:
      - {model_name: a, litellm_params: {model: openai/gpt-4o, api_key: sk-first-0123456789}}
      - {model_name: a, litellm_params: {model: openai/gpt-4o, api_key: sk-second-0123456789}}
      - {model_name: b, litellm_params: {model: openai/gpt-4.1, api_key: sk-first-0123456789}}
    """
    told = read("litellm", text)
    assert told.aliases["a"] == ("openai/gpt-4o", "openai-2/gpt-4o")
    assert told.aliases["b"] == ("openai/gpt-4.1",)
    assert told.into.keys == {}
    assert {each.keys for each in told.profiles.values()} == {UNSET}
    assert told.says("person", "model_list[0].litellm_params", "--take-keys")
    kept = read("litellm", text, take_keys=True)
    assert kept.into.keys == {"openai": "sk-first-0123456789", "openai-2": "sk-second-0123456789"}
    for each in (told, kept):
        assert "sk-first" not in repr(each.into)


def test_an_admin_names_only_the_variables_that_admins_may_name(read: Reader) -> None:
    text = """
    model_list:
      - {model_name: a, litellm_params: {model: openai/gpt-4o, api_key: os.environ/DATABASE_PASSWORD}}
      - model_name: b
        litellm_params: {model: openai/x, api_base: "https://evil.example", api_key: os.environ/OPENAI_API_KEY}
      - {model_name: c, litellm_params: {model: openai/x, api_base: os.environ/DATABASE_URL}}
      - {model_name: d, litellm_params: {model: groq/x, api_key: os.environ/GROQ_API_KEY}}
    """
    environment = {"DATABASE_PASSWORD": "hidden", "OPENAI_API_KEY": "hidden", "DATABASE_URL": "https://hidden.example"}
    told = read("litellm", text, environment=environment, via="session")
    assert {each.id: each.keys for each in told.profiles.values()} == {
        "openai": UNSET,
        "evil.example": UNSET,
        "groq": ("env:GROQ_API_KEY",),
    }
    assert told.says("person", "model_list[0].litellm_params", "DATABASE_PASSWORD was not taken")
    assert told.says("person", "model_list[2].litellm_params", "DATABASE_URL, which is not known")
    assert "hidden" not in repr(told.into.findings)
    assert "https://hidden.example" in [
        each.base_url for each in read("litellm", text, environment=environment).profiles.values()
    ]


def test_addresses_and_keys_come_from_variables_that_were_given_along(read: Reader) -> None:
    text = """
    model_list:
      - {model_name: a, litellm_params: {model: openai/x, api_base: os.environ/BASE, api_key: os.environ/KEY}}
    environment_variables: {BASE: "https://written.example/v1"}
    """
    assert [each.base_url for each in read("litellm", text).profiles.values()] == ["https://written.example/v1"]
    given = read(
        "litellm", text, variables={"BASE": "https://given.example/v1", "KEY": "sk-0123456789"}, take_keys=True
    )
    assert [each.base_url for each in given.profiles.values()] == ["https://given.example/v1"]
    assert list(given.into.keys.values()) == ["sk-0123456789"]


def test_patterns_regions_and_names_that_nobody_has(read: Reader) -> None:
    told = read(
        "litellm",
        """
        model_list:
          - {model_name: "anthropic/*", litellm_params: {model: "anthropic/*"}}
          - model_name: Big Name
            litellm_params: {model: bedrock/converse/us.amazon.nova-pro-v1:0, aws_region_name: eu-west-1}
          - model_name: g
            litellm_params: {model: vertex_ai/gemini-2.5-pro, vertex_project: p, vertex_location: europe-west1}
          - {model_name: x, litellm_params: {model: nobody/knows}}
          - {model_name: default, litellm_params: {model: claude-sonnet-4-5}}
          - model_name: nothing
          - 7
        """,
    )
    assert list(told.models) == [
        "amazon-bedrock-eu-west-1/us.amazon.nova-pro-v1:0",
        "google-vertex-europe-west1/google/gemini-2.5-pro",
        "anthropic/claude-sonnet-4-5",
    ]
    assert told.says("person", "model_list[0].litellm_params.model", "modelhall model sync anthropic")
    assert told.says("person", "model_list[1]", "no alias can be called 'Big Name'")
    assert told.says("person", "model_list[1].litellm_params", "SigV4")
    assert told.says("left", "model_list[3].litellm_params.model", "no provider")
    assert told.says("person", "model_list[4]", "no alias can be called 'default'")
    assert told.says("left", "model_list[5]", "names no model")
    assert told.says("left", "model_list[6]", "names no model")


@pytest.mark.skipif(not EXAMPLES, reason="LiteLLM's own examples come with its package, which is not installed here")
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_litellms_own_examples_are_read_with_a_report(read: Reader, example: Path) -> None:
    text = example.read_text("utf-8")
    told = read("litellm", text, environment={"FAKE_OPENAI_API_BASE": "https://fake.example/v1"})
    assert told.into.findings
    entries = [each for each in told.into.said.value.get("model_list", []) if isinstance(each, dict)]
    for number, _ in enumerate(entries):
        at = f"model_list[{number}]"
        assert any(each.place.startswith(at) for each in told.into.findings) or told.models, f"{at} is not told"
