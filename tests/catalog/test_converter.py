"""The converter behind `make catalog`: what it takes, whom it believes, and that it always writes the same."""

import gzip
import json
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from modelhall.catalog.catalog import Catalog
from modelhall.catalog.load import unpacked
from modelhall.catalog.model import CatalogModel
from scripts.catalog import difference, main
from scripts.catalog.amounts import price
from scripts.catalog.python_literals import assigned
from scripts.catalog.sources import PINS, Archive

GENAI = b"""
providers: list[Provider] = [
    Provider(id='openai', models=[
        ModelInfo(
            id='gpt-a', match=ClauseOr(or_=[ClauseEquals(equals='gpt-a'), ClauseEquals(equals='gpt-a-2026-01-02')]),
            name='GPT A', description='A sentence. That must not come in.', context_window=400000,
            prices=[
                ConditionalPrice(prices=ModelPrice(input_mtok=Decimal('9'), output_mtok=Decimal('9'))),
                ConditionalPrice(
                    constraint=StartDateConstraint(start_date=datetime.date(2026, 5, 1)),
                    prices=ModelPrice(
                        input_mtok=TieredPrices(base=Decimal('2'), tiers=[Tier(start=200000, price=Decimal('4'))]),
                        output_mtok=Decimal('8'), web_searches_kcount=Decimal('10'))),
                ConditionalPrice(
                    constraint=StartDateConstraint(start_date=datetime.date(2031, 5, 1)),
                    prices=ModelPrice(input_mtok=Decimal('1'), output_mtok=Decimal('1'))),
            ],
            price_variants=[
                PriceVariant(when={'processing': 'batch'}, prices=ModelPrice(input_mtok=Decimal('1'))),
                PriceVariant(when={'service_tier': 'default'}, prices=ModelPrice()),
            ],
        ),
        ModelInfo(id='gpt-rule', match=ClauseStartsWith(starts_with='gpt-r'),
            prices=ModelPrice(input_mtok=Decimal('7'), output_mtok=Decimal('7'))),
        ModelInfo(id='speech', match=ClauseEquals(equals='speech'),
            prices=ModelPrice(input_audio_hours=Decimal('0.36'))),
    ]),
    Provider(id='deepseek', models=[
        ModelInfo(id='night', match=ClauseEquals(equals='night'), prices=[
            ConditionalPrice(prices=ModelPrice(input_mtok=Decimal('1'), output_mtok=Decimal('2'))),
            ConditionalPrice(
                constraint=TimeOfDateConstraint(
                    start_time=datetime.time(0, 30, tzinfo=datetime.UTC),
                    end_time=datetime.time(16, 30, tzinfo=datetime.UTC)),
                prices=ModelPrice(input_mtok=Decimal('3'), output_mtok=Decimal('4'))),
        ]),
    ]),
    Provider(id='openrouter', models=[
        ModelInfo(id='a/b:free', match=ClauseEquals(equals='a/b:free'), prices=ModelPrice()),
        ModelInfo(id='a/b', match=ClauseEquals(equals='a/b'),
            prices=ModelPrice(input_mtok=Decimal('1'), output_mtok=Decimal('1'))),
        ModelInfo(id='b', match=ClauseEquals(equals='b'),
            prices=ModelPrice(input_mtok=Decimal('1'), output_mtok=Decimal('1'))),
    ]),
]
"""

LITELLM: dict[str, dict[str, Any]] = {
    "sample_spec": {"mode": "one of", "litellm_provider": "one of"},
    "gpt-a": {
        "litellm_provider": "openai",
        "mode": "chat",
        "max_input_tokens": 272_000,
        "max_output_tokens": 64_000,
        "input_cost_per_token": 2e-06,
        "output_cost_per_token": 8.000000000000001e-06,
        "input_cost_per_token_flex": 1.5e-06,
        "cache_read_input_token_cost": 5e-07,
        "deprecation_date": "2027-03-04",
        "supports_function_calling": True,
        "supports_reasoning": False,
    },
    "gpt-real": {
        "litellm_provider": "openai",
        "mode": "chat",
        "input_cost_per_token": 1e-06,
        "output_cost_per_token": 2e-06,
    },
    "gpt-nothing": {
        "litellm_provider": "openai",
        "mode": "chat",
        "max_input_tokens": 1000,
        "max_output_tokens": 10,
        "supports_vision": False,
        "input_cost_per_token": 0.0,
        "output_cost_per_token": 0.0,
    },
    "low/1024-x-1024/image-a": {
        "litellm_provider": "openai",
        "mode": "image_generation",
        "output_cost_per_image": 0.01,
    },
    "azure/eu/gpt-a": {
        "litellm_provider": "azure",
        "mode": "chat",
        "input_cost_per_token": 1e-06,
        "output_cost_per_token": 1e-06,
    },
    "exa_ai/search": {"litellm_provider": "exa_ai", "mode": "search", "input_cost_per_query": 0.005},
    "image-a": {"litellm_provider": "openai", "mode": "image_generation", "output_cost_per_image": 0.04},
    "voice-a": {"litellm_provider": "openai", "mode": "audio_speech", "input_cost_per_character": 1.5e-05},
    "speech": {"litellm_provider": "openai", "mode": "audio_transcription", "input_cost_per_second": 0.0001},
    "gemini/gem": {
        "litellm_provider": "gemini",
        "mode": "chat",
        "input_cost_per_token": 3e-07,
        "output_cost_per_token": 1e-06,
    },
}

PI = {
    "openai-responses": {
        "chat:gpt-a": {
            "type": "chat",
            "id": "gpt-a",
            "name": "GPT-A",
            "api": "openai-responses",
            "provider": "openai",
            "baseUrl": "https://api.openai.com/v1",
            "reasoning": True,
            "input": ["text", "image"],
            "cost": {"input": 2, "output": 8, "cacheRead": 0.5, "cacheWrite": 0},
            "contextWindow": 272_000,
            "maxTokens": 128_000,
        }
    }
}

MODELS_DEV: dict[str, Any] = {
    "openai": {
        "id": "openai",
        "api": "https://api.one.example/v1",
        "models": {
            model_id: {
                "name": name,
                "family": "gpt",
                "reasoning": True,
                "tool_call": True,
                "open_weights": False,
                "release_date": "2026-01-02",
                "modalities": {"input": ["text", "image", "pdf"], "output": ["text"]},
                "limit": {"context": 400_000, "output": 128_000},
                "cost": {"input": 2.5, "output": 8},
            }
            for model_id, name in (("gpt-a", "GPT A (latest)"), ("gpt-a-2026-01-02", "GPT A"))
        },
    },
    "zero-coding-plan": {
        "id": "zero-coding-plan",
        "models": {
            "gpt-a": {
                "name": "GPT A",
                "family": "gpt",
                "release_date": "2026-01-02",
                "modalities": {"input": ["text"], "output": ["text"]},
                "limit": {"context": 1, "output": 1},
                "cost": {"input": 0, "output": 0},
            }
        },
    },
}

LANGCHAIN = b"""_PROFILES: dict[str, dict[str, Any]] = {"gpt-a": {
    "max_input_tokens": 272000, "max_output_tokens": 128000,
    "text_inputs": True, "image_inputs": True, "pdf_inputs": True, "text_outputs": True, "tool_calling": True}}
"""


def archives() -> list[Archive]:
    """One small archive for each source."""
    contents = {
        "genai-prices": GENAI,
        "litellm": json.dumps(LITELLM).encode(),
        "pi-ai": json.dumps(PI).encode(),
        "models-dev": gzip.compress(json.dumps(MODELS_DEV).encode(), mtime=0),
        "langchain": LANGCHAIN,
    }
    pins = [
        pin for pin in PINS if pin.package not in {"langchain-anthropic", "langchain-google-genai", "langchain-aws"}
    ]
    return [Archive(pin, {"data.json": contents[pin.source]}) for pin in pins]


@pytest.fixture(scope="module")
def made() -> Catalog:
    """The catalog made of the small archives."""
    return unpacked(main.build(archives()))


def model(catalog: Catalog, provider: str, model_id: str) -> CatalogModel:
    """The model, which must be there."""
    match = catalog.match(provider, model_id)
    assert match is not None, f"{provider}/{model_id} is missing"
    return match.model


def rates(catalog: Catalog, provider: str, model_id: str) -> dict[tuple[str, int, str], str]:
    """Prices by class, context tier and service tier."""
    found = model(catalog, provider, model_id).rates
    return {(rate.usage_class, rate.context_over, rate.service_tier): str(rate.usd_per_million) for rate in found}


def test_the_same_archives_in_any_order_give_the_same_bytes() -> None:
    assert main.build(archives()) == main.build(archives())
    assert flat(archives()) == flat(list(reversed(archives())))


def flat(given: Sequence[Archive]) -> dict[str, Any]:
    """What the file says, apart from the numbering of its tables."""
    return {
        f"{m.provider}/{m.id}": (m.rates, dict(m.sources), m.name, m.context_window)
        for m in unpacked(main.build(given))
    }


def test_prices_are_those_of_genai_prices_and_the_others_are_heard(made: Catalog) -> None:
    assert rates(made, "openai", "gpt-a") == {
        ("input", 0, "standard"): "2",
        ("input", 200_000, "standard"): "4",
        ("input", 0, "batch"): "1",
        ("output", 0, "standard"): "8",
        ("searches", 0, "standard"): "10000",
        ("input", 0, "flex"): "1.5",
        ("cache_read", 0, "standard"): "0.5",
    }
    told = model(made, "openai", "gpt-a").sources
    assert (told["rates.input"].source, told["rates.input"].agreeing) == ("genai-prices", ("litellm", "pi-ai"))
    assert told["rates.input"].disagreeing == ("models-dev: 2.5",)
    assert told["rates.input@flex"].source == "litellm"


def test_a_coming_price_waits_and_a_past_one_is_gone(made: Catalog) -> None:
    (later,) = model(made, "openai", "gpt-a").later
    assert later.valid_from == "2031-05-01"
    assert {str(rate.usd_per_million) for rate in later.rates} == {"1"}


def test_a_half_hour_widens_the_dearer_side(made: Catalog) -> None:
    found = {
        (rate.usage_class, rate.utc_hours): str(rate.usd_per_million) for rate in model(made, "deepseek", "night").rates
    }
    assert found["input", (0, 17)] == "3"
    assert found["input", None] == "1"


def test_a_rule_counts_less_than_a_listed_price(made: Catalog) -> None:
    found = model(made, "openai", "gpt-real")
    assert rates(made, "openai", "gpt-real")["input", 0, "standard"] == "1"
    assert found.sources["rates.input"].disagreeing == ("genai-prices: 7",)


def test_limits_are_three_numbers_and_a_window_below_the_input_limit_is_not_believed(made: Catalog) -> None:
    found = model(made, "openai", "gpt-a")
    assert (found.context_window, found.max_input, found.max_output) == (400_000, 272_000, 128_000)
    assert found.sources["context_window"].disagreeing == ("pi-ai: 272000",)
    assert found.sources["max_output"].disagreeing == ("litellm: 64000",)


def test_two_that_agree_outweigh_one(made: Catalog) -> None:
    found = model(made, "openai", "gpt-a")
    assert found.supports("reasoning") is True
    assert found.sources["can.reasoning"].disagreeing == ("litellm: no",)
    assert found.supports("vision") is True
    assert found.supports("streaming") is None


def test_dates_kinds_and_makers_come_along(made: Catalog) -> None:
    found = model(made, "openai", "gpt-a")
    assert (found.retires, found.released, found.kind, found.maker) == ("2027-03-04", "2026-01-02", "chat", "OpenAI")
    assert [model(made, "openai", name).kind for name in ("image-a", "voice-a", "speech")] == ["image", "tts", "stt"]


def test_pieces_are_priced_exactly_per_million(made: Catalog) -> None:
    assert rates(made, "openai", "image-a") == {("images", 0, "standard"): "40000"}
    assert rates(made, "openai", "voice-a") == {("characters", 0, "standard"): "15"}
    assert rates(made, "openai", "speech") == {("audio_ms", 0, "standard"): "0.1"}
    assert model(made, "openai", "speech").sources["rates.audio_ms"].agreeing == ("litellm",)


def test_an_undated_name_is_tied_to_its_snapshot(made: Catalog) -> None:
    assert model(made, "openai", "gpt-a").same_as == "gpt-a-2026-01-02"
    assert model(made, "openai", "gpt-a-2026-01-02").aliases == ("gpt-a",)


def test_a_lone_zero_is_no_price(made: Catalog) -> None:
    assert model(made, "openai", "gpt-nothing").rates == ()
    assert model(made, "zero-coding-plan", "gpt-a").rates == ()


def test_what_calls_itself_free_is_free_and_stays_apart(made: Catalog) -> None:
    assert set(rates(made, "openrouter", "a/b:free").values()) == {"0"}
    assert set(rates(made, "openrouter", "a/b").values()) == {"1"}
    assert made.match("openrouter", "b") is None


def test_sizes_regions_and_search_engines_are_no_models(made: Catalog) -> None:
    ids = {f"{found.provider}/{found.id}" for found in made}
    assert "google/gem" in ids
    assert not {"openai/low/1024-x-1024/image-a", "azure/eu/gpt-a", "exa-ai/search"} & ids


def test_no_sentence_comes_in() -> None:
    assert b"sentence" not in gzip.decompress(main.build(archives()))


def test_a_base_url_names_its_provider_unless_it_is_a_private_address(made: Catalog) -> None:
    assert made.provider_of_host("api.one.example") == "openai"


def test_a_renewal_tells_what_came_went_and_changed() -> None:
    before = difference.flat(gzip.decompress(main.build(archives())))
    changed = json.loads(json.dumps(LITELLM))
    changed["gpt-real"] |= {"input_cost_per_token": 5e-06, "max_input_tokens": 5}
    changed["gpt-new"] = changed.pop("voice-a")
    given = [
        replace(archive, members={"data.json": json.dumps(changed).encode()})
        if archive.pin.source == "litellm"
        else archive
        for archive in archives()
    ]
    lines = list(difference.lines(before, difference.flat(gzip.decompress(main.build(given))), most=5))
    assert lines == [
        "added: 1",
        "  openai/gpt-new",
        "gone: 1",
        "  openai/voice-a",
        "limits changed: 1",
        "  openai/gpt-real: max input unknown → 5",
        "prices changed: 1",
        "  openai/gpt-real: input 1 → 5",
    ]


def test_binary_noise_falls_off_a_price() -> None:
    assert price(8.000000000000001e-06, Decimal(10**6)) == Decimal(8)
    assert price("1e400") == Decimal("1e400")
    assert [price(value) for value in (-1, True, None, "x1"[:0] or None, float("nan"))] == [None] * 5


def test_data_is_read_without_running_it() -> None:
    with pytest.raises(ValueError, match="not data"):
        assigned(b"x = [1 + 1]", "x")
    with pytest.raises(KeyError):
        assigned(b"y = 1", "x")
