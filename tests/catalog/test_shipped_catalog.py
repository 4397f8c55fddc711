"""The catalog that ships: its promised size, the corrected numbers, and the source and date of every field."""

import gzip
import json
from datetime import date
from decimal import Decimal
from importlib.resources import files

import pytest

from modelhall.catalog.catalog import Catalog
from modelhall.catalog.load import unpacked
from modelhall.catalog.model import CatalogModel
from modelhall.catalog.packed import CAPABILITIES, CLASSES, KINDS, MODALITIES, TIERS

FILE = files("modelhall.catalog").joinpath("catalog.json.gz")
WANTED = [
    "openai",
    "anthropic",
    "google",
    "azure",
    "amazon-bedrock",
    "google-vertex",
    "openrouter",
    "groq",
    "togetherai",
    "mistral",
    "cohere",
    "deepseek",
    "xai",
    "fireworks-ai",
    "cerebras",
    "perplexity",
    "nvidia",
    "huggingface",
    "deepinfra",
    "moonshotai",
    "zai",
    "alibaba",
    "minimax",
    "sambanova",
    "nebius",
    "github-models",
    "ollama-cloud",
    "lmstudio",
    "local",
]

FIELDS = (
    "maker",
    "family",
    "kind",
    "context_window",
    "max_input",
    "max_output",
    "knowledge_cutoff",
    "released",
    "retires",
    "open_weights",
)


def test_it_holds_at_least_4500_models_in_at_most_700_kilobytes(catalog: Catalog) -> None:
    assert len(catalog) >= 4_500
    assert len(FILE.read_bytes()) <= 700_000


def test_it_knows_models_of_every_provider_the_house_promises(catalog: Catalog) -> None:
    assert [provider for provider in WANTED if not catalog.models(provider)] == []


def test_the_file_carries_no_date_of_its_own_making() -> None:
    assert FILE.read_bytes()[4:8] == b"\0\0\0\0"


def test_it_holds_facts_and_no_sentences(catalog: Catalog) -> None:
    texts = {text for model in catalog for text in (model.name, model.family or "", model.maker or "")}
    assert [text for text in texts if len(text) > 90 or ". " in text or "\n" in text] == []


def standard(model: CatalogModel) -> dict[str, Decimal | None]:
    """The prices of an ordinary call."""
    return {
        rate.usage_class: rate.usd_per_million
        for rate in model.rates
        if rate.service_tier == "standard" and not rate.context_over and rate.utc_hours is None
    }


@pytest.mark.parametrize(
    ("provider", "model_id", "context", "output", "prices"),
    [
        ("openai", "gpt-4.1", 1_047_576, 32_768, {"input": "2", "output": "8", "cache_read": "0.5"}),
        ("openai", "gpt-4.1-nano", 1_047_576, 32_768, {"input": "0.1", "output": "0.4", "cache_read": "0.025"}),
        (
            "anthropic",
            "claude-sonnet-4-20250514",
            200_000,
            64_000,
            {"input": "3", "output": "15", "cache_read": "0.3", "cache_write_5m": "3.75"},
        ),
        ("openai", "gpt-4", 8_192, 8_192, {"input": "30", "output": "60"}),
        ("openai", "gpt-4-turbo", 128_000, 4_096, {"input": "10", "output": "30"}),
        ("anthropic", "claude-3-opus-20240229", 200_000, 4_096, {"input": "15", "output": "75"}),
    ],
)
def test_numbers_that_older_documents_had_wrong_are_right(
    catalog: Catalog, provider: str, model_id: str, context: int, output: int, prices: dict[str, str]
) -> None:
    model = found(catalog, provider, model_id)
    assert (model.context_window, model.max_output) == (context, output)
    told = standard(model)
    assert {name: told[name] for name in prices} == {name: Decimal(usd) for name, usd in prices.items()}


def found(catalog: Catalog, provider: str, model_id: str) -> CatalogModel:
    """The model, which must be there."""
    match = catalog.match(provider, model_id)
    assert match is not None
    return match.model


def test_the_window_the_input_limit_and_the_output_limit_are_three_numbers(catalog: Catalog) -> None:
    model = found(catalog, "openai", "gpt-5")
    assert (model.context_window, model.max_input, model.max_output) == (400_000, 272_000, 128_000)
    assert model.most_input == 272_000


def test_an_input_limit_never_exceeds_the_window(catalog: Catalog) -> None:
    assert [m.id for m in catalog if m.max_input and m.context_window and m.max_input > m.context_window] == []


def test_prices_know_the_hour_the_size_and_the_service_tier(catalog: Catalog) -> None:
    v4, pro = found(catalog, "deepseek", "deepseek-v4-pro"), found(catalog, "google", "gemini-2.5-pro")
    deepseek = {(rate.usage_class, rate.utc_hours): rate.usd_per_million for rate in v4.rates}
    assert deepseek["input", None] == Decimal("0.66")
    assert deepseek["input", (1, 4)] == deepseek["input", (6, 10)] == Decimal("1.32")
    gemini = {(rate.usage_class, rate.context_over, rate.service_tier): rate.usd_per_million for rate in pro.rates}
    assert gemini["input", 200_000, "standard"] == Decimal("2.5")
    assert gemini["input", 0, "batch"] == Decimal("0.625")


def test_a_price_that_is_announced_waits_for_its_day(catalog: Catalog) -> None:
    (later,) = found(catalog, "google", "gemini-3.8-flash").later
    assert later.valid_from == "2027-01-01"
    assert {rate.usage_class: rate.usd_per_million for rate in later.rates}["input"] == Decimal("1.5")


def test_speech_is_priced_per_million_milliseconds_and_characters_per_million(catalog: Catalog) -> None:
    assert standard(found(catalog, "openai", "whisper-1")) == {"audio_ms": Decimal("0.1")}
    assert standard(found(catalog, "openai", "tts-1")) == {"characters": Decimal(15)}


def test_the_built_in_model_is_free_and_told_as_our_own_word(catalog: Catalog) -> None:
    model = found(catalog, "local", "smollm2-135m-instruct")
    assert (model.maker, model.context_window, model.open_weights) == ("Hugging Face", 8_192, True)
    assert standard(model)["input"] == standard(model)["output"] == 0
    assert {told.source for told in model.sources.values()} == {"modelhall"}


def test_a_model_is_only_free_where_its_name_or_two_sources_say_so(catalog: Catalog) -> None:
    free = [model for model in catalog if model.rates and not any(rate.usd_per_million for rate in model.rates)]
    for model in free:
        source = model.sources["rates.input"]
        by_name = model.id.endswith((":free", "-free")) or model.provider == "local" or model.kind == "moderation"
        assert by_name or source.agreeing or source.source == "genai-prices", (model.provider, model.id)


def test_every_known_field_says_who_said_so_and_when(catalog: Catalog) -> None:
    sources = {source.id: source.as_of for source in catalog.made_from}
    for as_of in sources.values():
        date.fromisoformat(as_of)
    for model in catalog:
        needed = [name for name in FIELDS if getattr(model, name) is not None]
        needed += [f"can.{name}" for name in model.can | model.cannot]
        needed += [f"rates.{name}" for name in {rate.usage_class for rate in model.rates}]
        missing = [name for name in needed if name not in model.sources]
        assert missing == [], (model.provider, model.id)
        assert all(sources[told.source] == told.as_of for told in model.sources.values())


def test_agreement_of_two_sources_counts_as_verified_and_a_different_word_is_kept(catalog: Catalog) -> None:
    told = found(catalog, "openai", "gpt-4o-mini").sources["rates.cache_read"]
    assert told.verified
    assert told.disagreeing == ("models-dev: 0.08",)


def test_numbers_for_words_fit_the_tables(catalog: Catalog) -> None:
    for model in catalog:
        assert model.kind in KINDS
        assert set(model.input) | set(model.output) <= set(MODALITIES)
        assert model.can | model.cannot <= set(CAPABILITIES)
        assert not model.can & model.cannot
        assert {rate.usage_class for rate in model.rates} <= set(CLASSES)
        assert {rate.service_tier for rate in model.rates} <= set(TIERS)


def test_what_a_source_does_not_tell_stays_unknown(catalog: Catalog) -> None:
    model = found(catalog, "openai", "whisper-1")
    assert model.supports("reasoning") is None
    assert found(catalog, "openai", "gpt-4.1").supports("tools") is True
    assert found(catalog, "openai", "gpt-4.1").supports("reasoning") is False


def test_a_file_of_another_form_is_refused_with_what_to_do() -> None:
    document = json.loads(gzip.decompress(FILE.read_bytes()))
    with pytest.raises(ValueError, match="make catalog"):
        unpacked(gzip.compress(json.dumps({**document, "format": 99}).encode()))
