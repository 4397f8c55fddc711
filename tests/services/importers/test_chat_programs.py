"""LibreChat, Open WebUI and AiderDesk: accounts, models, names; keys that people bring; what stays behind."""

from __future__ import annotations

from msgspec import UNSET

from tests.services.importers.conftest import Reader

LIBRECHAT = """
version: 1.3.1
cache: true
endpoints:
  custom:
    - name: Mistral
      apiKey: user_provided
      baseURL: https://api.mistral.ai/v1
      models: {default: [mistral-tiny], fetch: true}
      dropParams: [stop]
      tokenConfig: {mistral-tiny: {prompt: 0.25, completion: 1, context: 32000}}
    - name: Team Claude
      provider: anthropic
      apiKey: "${TEAM_KEY}"
      baseURL: "${TEAM_URL}"
      headers: {x-team: blue, x-conversation: "{{LIBRECHAT_BODY_CONVERSATIONID}}"}
      models: {default: [claude-sonnet-4-5]}
    - {name: Lost, apiKey: x, baseURL: "${NOWHERE}"}
  azureOpenAI:
    groups:
      - group: west
        apiKey: "${WESTUS_API_KEY}"
        instanceName: acme-west
        version: 2024-02-15-preview
        models: {gpt-4: {deploymentName: gpt-4-turbo}, gpt-4o: {deploymentName: gpt-4o}, odd: true}
      - group: serverless
        apiKey: "${MISTRAL_KEY}"
        baseURL: https://m.region.inference.example/v1/chat/completions
        serverless: true
        models: {mistral-large: true}
  openAI: {}
modelSpecs:
  list:
    - {name: quick, default: true, preset: {endpoint: Mistral, model: mistral-tiny, temperature: 0.1}}
    - {name: gone, preset: {endpoint: openAI, model: gpt-4o}}
"""


def test_librechats_endpoints_groups_and_specs_come_along(read: Reader) -> None:
    told = read("librechat", LIBRECHAT, variables={"TEAM_URL": "https://claude.example", "TEAM_KEY": "k"})
    assert {each.id: (each.provider, each.base_url, each.keys) for each in told.profiles.values()} == {
        "mistral": ("mistral", UNSET, UNSET),
        "team-claude": ("anthropic-compatible", "https://claude.example", ("env:TEAM_KEY",)),
        "west": ("azure", "https://acme-west.openai.azure.com", ("env:WESTUS_API_KEY",)),
        "serverless": ("openai-compatible", "https://m.region.inference.example/v1", ("env:MISTRAL_KEY",)),
    }
    assert told.profiles["team-claude"].headers == {"x-team": "blue"}
    price = told.models["mistral/mistral-tiny"].price
    assert price
    assert (price.usd_per_million, price.unit) == ({"input": "0.25", "output": "1"}, "per_mtok")
    assert told.aliases == {"gpt-4": ("west/gpt-4-turbo",), "quick": ("mistral/mistral-tiny",)}
    assert told.into.default_model == "mistral/mistral-tiny"


def test_librechats_report_says_what_a_person_has_to_do(read: Reader) -> None:
    told = read("librechat", LIBRECHAT)
    assert told.says("person", "endpoints.custom[0]", "people brought keys of their own")
    assert told.says("person", "endpoints.custom[0].models", "modelhall model sync mistral")
    assert told.says("left", "endpoints.custom[0].dropParams", "modelhall model parameters")
    assert told.says("left", "endpoints.custom[1]", "--env-file")
    assert told.says("left", "endpoints.azureOpenAI.groups[0].models.odd", "no deployment")
    assert told.says("person", "endpoints.openAI", "modelhall profile add --provider openai")
    assert told.says("left", "modelSpecs.list[0].preset", "temperature")
    assert told.says("left", "modelSpecs.list[1]", "no model that came along")
    assert told.says("left", "cache", "LibreChat's own")


def test_open_webuis_export_is_read_in_its_old_and_its_new_form(read: Reader) -> None:
    old = """
    {"version": 0, "ui": {"default_models": "gpt-4o"}, "rag": {},
     "openai": {"enable": true, "api_base_urls": ["https://api.openai.com/v1", "http://vllm:8000/v1"],
                "api_keys": ["sk-0123456789abcdef", ""],
                "api_configs": {"0": {"model_ids": ["gpt-4o"], "prefix_id": "oa"}, "1": {"enable": false}}},
     "ollama": {"base_urls": ["http://ollama:11434"], "api_configs": {}}}
    """
    new = """
    {"ui.default_models": "gpt-4o", "rag.template": "",
     "openai.api_base_urls": ["https://api.openai.com/v1", "http://vllm:8000/v1"],
     "openai.api_keys": ["sk-0123456789abcdef", ""],
     "openai.api_configs": {"0": {"model_ids": ["gpt-4o"], "prefix_id": "oa"}, "1": {"enable": false}},
     "ollama.base_urls": ["http://ollama:11434"]}
    """
    for text in (old, new):
        told = read("open-webui", text, take_keys=True)
        assert {each.id: each.base_url for each in told.profiles.values()} == {
            "openai": UNSET,
            "ollama": "http://ollama:11434",
        }
        assert told.into.keys == {"openai": "sk-0123456789abcdef"}
        assert told.aliases == {"oa.gpt-4o": ("openai/gpt-4o",)}
        assert told.into.default_model == "openai/gpt-4o"
        assert told.says("left", "openai[1]", "switched off")
        assert told.says("person", "ollama[0]", "modelhall model sync ollama")
        assert told.says("left", "rag", "Open WebUI's own")


def test_open_webuis_variables_are_read_too(read: Reader) -> None:
    told = read(
        "open-webui",
        """
        OPENAI_API_BASE_URLS="https://openrouter.ai/api/v1;https://api.groq.com/openai/v1"
        OPENAI_API_KEYS=sk-or-0123456789;gsk_0123456789
        OLLAMA_BASE_URLS=http://10.1.1.1:11434
        """,
        take_keys=True,
    )
    assert told.into.keys == {"openrouter": "sk-or-0123456789", "groq": "gsk_0123456789"}
    assert told.profiles["ollama"].base_url == "http://10.1.1.1:11434"
    alone = read("open-webui", "OPENAI_API_KEY=sk-0123456789abcdef\n", take_keys=True)
    assert alone.into.keys == {"openai": "sk-0123456789abcdef"}


def test_aiderdesks_profiles_and_models_come_along(read: Reader) -> None:
    told = read(
        "aiderdesk",
        """
        {"settings": {"language": "en"}, "settingsVersion": 22,
         "providers": [
           {"id": "openai-work", "provider": {"name": "openai", "apiKey": "sk-0123456789abcdef", "useWebSearch": true}},
           {"id": "az", "provider": {"name": "azure", "apiKey": "", "resourceName": "acme"}, "disabled": true},
           {"id": "kimi", "provider": {"name": "kimi-plan", "apiKey": "k"}},
           {"provider": {"name": "groq"}}],
         "models": [
           {"id": "gpt-4", "providerId": "az", "maxInputTokens": 128000, "maxOutputTokens": 4096,
            "inputCostPerToken": 0.00003, "outputCostPerToken": 0.00006, "supportsTools": true},
           {"id": "old", "providerId": "openai-work", "isHidden": true, "providerOverrides": {"a": 1}},
           {"id": "x", "providerId": "gone"}]}
        """,
    )
    assert told.profiles["az"].base_url == "https://acme.openai.azure.com"
    assert (told.profiles["az"].enabled, told.profiles["openai-work"].enabled) == (False, UNSET)
    model = told.models["az/gpt-4"]
    assert model.price
    assert model.price.usd_per_million == {"input": "30", "output": "60"}
    assert (model.context_window, model.max_output, model.capabilities) == (128000, 4096, {"tools": True})
    assert told.models["openai-work/old"].hidden is True
    assert told.says("left", "providers[0].provider.useWebSearch", "AiderDesk's own")
    assert told.says("left", "providers[2]", "kimi-plan")
    assert told.says("left", "providers[3]", "no id")
    assert told.says("left", "models[2]", "did not come along")


def test_aiderdesks_older_settings_have_one_profile_for_each_provider(read: Reader) -> None:
    told = read("aiderdesk", '{"settings": {"llmProviders": {"gemini": {"apiKey": "k", "customBaseUrl": ""}}}}')
    assert {each.id: each.provider for each in told.profiles.values()} == {"gemini": "google"}


def test_a_file_of_variables_makes_a_profile_of_every_known_key(read: Reader) -> None:
    told = read(
        "env",
        """
        # keys
        OPENAI_API_KEY=sk-0123456789abcdef
        export GROQ_API_KEY="gsk_0123456789"  # mine
        AZURE_API_KEY=a
        OLLAMA_HOST=0.0.0.0
        MISTRAL_API_KEY=user_provided
        STRIPE_SECRET_KEY=sk_live_not_ours
        PORT=3000
        """,
        environment={"OPENAI_API_KEY": "another"},
    )
    assert {each.id: each.keys for each in told.profiles.values()} == {
        "openai": ("env:OPENAI_API_KEY",),
        "groq": ("env:GROQ_API_KEY",),
        "ollama": UNSET,
        "mistral": UNSET,
    }
    assert told.says("person", "GROQ_API_KEY", "not in the server's environment")
    assert told.says("left", "AZURE_API_KEY", "needs an address")
    assert told.says("left", "STRIPE_SECRET_KEY", "no provider reads this variable")
    for value in ("sk-0123", "gsk_", "sk_live"):
        assert value not in repr(told.into.findings)


def test_the_values_of_variables_are_taken_only_on_request(read: Reader) -> None:
    text = "GROQ_API_KEY=gsk_0123456789\nMY_OWN_KEY=sk-0123456789\n"
    assert read("env", text, via="session").into.keys == {}
    assert read("env", text, via="session", take_keys=True).into.keys == {"groq": "gsk_0123456789"}
