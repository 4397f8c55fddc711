"""What is known of a model's parameters: a person's word before the provider's, before the catalog's, else unknown."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, reduce
from typing import cast

from modelhall.dialects.parameters import Number, ParameterFacts, merged, told_facts
from modelhall.dialects.stored_values import Values
from modelhall.domain.library import Model, Told
from modelhall.providers.provider import Provider

BY_PERSON, BY_PROVIDER = "person", "provider"
"""Under which a model keeps what a person said of its parameters, and what its provider's list did."""
STORED = "stored"
"""Under which a model keeps the values that are sent where a caller sends none."""
SAMPLING = frozenset({"temperature", "top_p", "top_k", "frequency_penalty", "presence_penalty"})
"""What a model does not take of which the catalog says that its sampling cannot be set."""
TUNING = SAMPLING | {"repetition_penalty", "min_p", "top_a", "seed"}
"""Parameters that only tune an answer: without one of them it is still an answer to the same question."""
SAMPLING_SOURCE = "capabilities.sampling"
"""Under which a model keeps who said whether its sampling can be set."""
OUTPUT_LIMITS: tuple[str, ...] = ("max_tokens", "max_completion_tokens")


@dataclass(frozen=True, slots=True)
class Layer:
    """What one source says."""

    told: Told
    facts: ParameterFacts
    page: str | None = None


@dataclass(frozen=True, slots=True)
class Parameter:
    """What is known of one parameter of a model; `None` = unknown, and then it goes as the caller wrote it."""

    taken: bool | None
    lowest: Number | None
    highest: Number | None
    sent_as: str | None
    only_without_effort: bool
    """Whether it is left out of a request that asks for thinking."""
    sources: tuple[Told, ...] = field(default=())
    """Who says something of it, the one that counts most first."""
    page: str | None = None
    """Where the first of them with a page says so."""


def stored_of(model: Model) -> Values:
    """The values that people stored for this model, by parameter in OpenAI's words."""
    return stored_in(model.parameters.get(STORED))


def stored_in(said: object) -> Values:
    """What is kept as JSON, if it is values by name; anything else is as if it were not there."""
    return cast("Values", said) if isinstance(said, Mapping) else {}


def facts_of(model: Model, provider: Provider) -> ParameterFacts:
    """Everything that is known, as calls are brought into line with it."""
    layers = [layer.facts for layer in layers_of(model, provider)]
    return reduce(merged, layers) if layers else _NOTHING


def parameters_of(model: Model, provider: Provider) -> Mapping[str, Parameter]:
    """The same by parameter, with who says so."""
    layers, facts = [*layers_of(model, provider)][::-1], facts_of(model, provider)
    found: dict[str, Parameter] = {}
    for name in sorted(facts.names | facts.takes):
        told = [layer for layer in layers if name in layer.facts.names | layer.facts.takes]
        refused = name in facts.unsupported
        lowest, highest = (None, None) if refused else facts.ranges.get(name, (None, None))
        taken = True if name in facts.takes or name in facts.ranges or name in facts.renames else None
        found[name] = Parameter(
            taken=False if refused else taken,
            lowest=lowest,
            highest=highest,
            sent_as=facts.renames.get(name),
            only_without_effort=name in facts.without_effort,
            sources=tuple(layer.told for layer in told),
            page=next((layer.page for layer in told if layer.page), None),
        )
    return found


def layers_of(model: Model, provider: Provider) -> Iterator[Layer]:
    """What each source says, the one that counts least first."""
    can = _by_capabilities(model)
    if can != _NOTHING:
        yield Layer(model.sources.get(SAMPLING_SOURCE, Told("catalog")), can)
    if model.max_output or model.context_window:
        limit = model.max_output or model.context_window
        told = model.sources.get("max_output" if model.max_output else "context_window", Told("catalog"))
        ranges: dict[str, tuple[Number | None, Number | None]] = dict.fromkeys(OUTPUT_LIMITS, (None, limit))
        yield Layer(told, ParameterFacts(ranges=ranges, max_output=model.max_output))
    if provider.output_limit_name not in (None, OUTPUT_LIMITS[0]):
        yield Layer(Told("provider"), ParameterFacts(renames={OUTPUT_LIMITS[0]: str(provider.output_limit_name)}))
    for rule in provider.parameters:
        if _pattern(rule.models).fullmatch(model.model_id):
            yield Layer(Told("provider", rule.read_on), rule.facts, rule.page)
    for source in (BY_PROVIDER, BY_PERSON):
        if isinstance(said := model.parameters.get(source), Mapping):
            told = model.sources.get(f"parameters.{source}", Told(source))
            yield Layer(told, told_facts(said))  # pyright: ignore[reportUnknownArgumentType] - read as it is


def _by_capabilities(model: Model) -> ParameterFacts:
    can = model.capabilities
    return ParameterFacts(
        unsupported=SAMPLING if can.get("sampling") is False else frozenset(),
        thinking="never" if can.get("reasoning") is False else None,
        json_by_tool=can.get("json_schema") is False,
    )


_NOTHING = ParameterFacts()


@cache
def _pattern(models: str) -> re.Pattern[str]:
    return re.compile(models)
