"""Turns packed models into catalog models; shares what many of them have in common."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from modelhall.catalog.model import CatalogModel, Later, Told
from modelhall.catalog.packed import (
    CAPABILITIES,
    CLASSES,
    KINDS,
    MODALITIES,
    TIERS,
    PackedCatalog,
    PackedModel,
    PackedRate,
)
from modelhall.domain.prices import Rate


class Unpacker:
    """Decodes one model at a time. Its tables grow with what the file holds, not with what callers ask."""

    __slots__ = ("_capabilities", "_decode", "_file", "_modalities", "_told", "_words")

    def __init__(self, file: PackedCatalog) -> None:
        self._file = file
        self._decode = msgspec.json.Decoder(PackedModel).decode
        self._told: dict[int, Mapping[str, Told]] = {}
        self._words: dict[tuple[int, int], Told] = {}
        self._capabilities: dict[int, frozenset[str]] = {}
        self._modalities: dict[int, tuple[str, ...]] = {}

    def model(
        self, provider: str, model_id: str, raw: msgspec.Raw, same_as: str | None, aliases: tuple[str, ...]
    ) -> CatalogModel:
        """The model behind the packed bytes."""
        packed = self._decode(raw)
        return CatalogModel(
            provider,
            model_id,
            packed.name or model_id,
            self._file.makers[packed.maker - 1] if packed.maker else None,
            packed.family,
            KINDS[packed.kind],
            packed.context_window,
            packed.max_input,
            packed.max_output,
            self._modality(packed.input),
            self._modality(packed.output),
            self._capability(packed.can),
            self._capability(packed.cannot),
            packed.knowledge_cutoff,
            packed.released,
            packed.retires,
            packed.open_weights,
            same_as,
            aliases,
            tuple(map(_rate, packed.rates)),
            tuple(Later(day, tuple(map(_rate, rates))) for day, rates in packed.later) if packed.later else (),
            self._sources(packed),
        )

    def _sources(self, packed: PackedModel) -> Mapping[str, Told]:
        shared = self._told.get(packed.told)
        if shared is None:
            shared = self._told[packed.told] = MappingProxyType(self._pattern(packed.told))
        if not packed.disagreeing:
            return shared
        own = dict(shared)
        names = self._file.sources
        for field, words in packed.disagreeing.items():
            told = shared[field]
            others = tuple(f"{names[source].id}: {word}" for source, word in words)
            own[field] = Told(told.source, told.as_of, told.agreeing, others)
        return MappingProxyType(own)

    def _pattern(self, number: int) -> dict[str, Told]:
        return {field: self._word(source, bits) for field, source, bits in self._file.told[number]}

    def _word(self, source: int, bits: int) -> Told:
        told = self._words.get((source, bits))
        if told is None:
            sources = self._file.sources
            agreeing = tuple(other.id for place, other in enumerate(sources) if bits >> place & 1)
            told = self._words[source, bits] = Told(sources[source].id, sources[source].as_of, agreeing)
        return told

    def _capability(self, bits: int) -> frozenset[str]:
        names = self._capabilities.get(bits)
        if names is None:
            names = self._capabilities[bits] = frozenset(_named(bits, CAPABILITIES))
        return names

    def _modality(self, bits: int) -> tuple[str, ...]:
        names = self._modalities.get(bits)
        if names is None:
            names = self._modalities[bits] = _named(bits, MODALITIES)
        return names


def _named(bits: int, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for place, name in enumerate(names) if bits >> place & 1)


def _rate(packed: PackedRate) -> Rate:
    hours = None if packed.start < 0 else (packed.start, packed.end)
    return Rate(CLASSES[packed.usage_class], packed.usd, packed.over, TIERS[packed.tier], hours)
