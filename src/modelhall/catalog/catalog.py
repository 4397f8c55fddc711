"""The catalog in memory: finds the model behind a provider and an id, and the provider behind a host name."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from modelhall.catalog.hosts import Hosts
from modelhall.catalog.model import CatalogModel, Match
from modelhall.catalog.packed import PackedCatalog, PackedProvider, PackedSource
from modelhall.catalog.spellings import spellings, undated
from modelhall.catalog.unpack import Unpacker


class Catalog:
    """All models of all providers. The file is read and entries are decoded when first asked for, and then kept."""

    def __init__(self, read: Callable[[], PackedCatalog], hosts: Mapping[str, str]) -> None:
        """`hosts`: host name → provider id, on top of those in the file."""
        self._read = read
        self._further_hosts = hosts
        self._models: dict[tuple[str, str], CatalogModel] = {}
        self._folded: dict[str, dict[str, str]] = {}
        self._followers: dict[str, dict[str, tuple[str, ...]]] = {}

    def match(self, provider: str, model_id: str) -> Match | None:
        """The model that this provider means by `model_id`; `None` rather than a guess.

        A listed id wins, then other spellings of one (case, `models/…`, Bedrock regions, `-latest`), then a listed
        model of which `model_id` is a snapshot with an unlisted date. Never another provider's model.
        """
        provider = self.provider(provider)
        held = self._file.providers.get(provider)
        if held is None or not model_id:
            return None
        if model_id in held.models:
            return Match(self._model(provider, held, model_id), "exact")
        listed = self._listed(provider, held, model_id)
        if listed is not None:
            return Match(self._model(provider, held, listed), "alias")
        for spelling in (model_id, *spellings(provider, model_id)):
            stem = undated(spelling)
            listed = None if stem is None else self._listed(provider, held, stem)
            if listed is not None:
                return Match(self._model(provider, held, listed), "snapshot")
        return None

    def models(self, provider: str) -> Sequence[CatalogModel]:
        """Every model of one provider, by id; nothing for an unknown provider."""
        provider = self.provider(provider)
        held = self._file.providers.get(provider)
        return () if held is None else tuple(self._model(provider, held, model_id) for model_id in held.models)

    def provider(self, name: str) -> str:
        """The catalog's own id of a provider that sources name differently; any other name as it is."""
        return name if name in self._file.providers else self._file.aliases.get(name, name)

    def provider_of_host(self, host: str) -> str | None:
        """The provider that answers at this host name (with or without a port), or `None`."""
        return self._hosts.provider(host)

    def passing(self, provider: str) -> Iterator[CatalogModel]:
        """Every model of one provider, by id, decoded for the moment: only what was asked for by name is kept."""
        provider = self.provider(provider)
        held = self._file.providers.get(provider)
        if held is not None:
            for model_id in held.models:
                yield self._models.get((provider, model_id)) or self._unpacked(provider, held, model_id)

    @property
    def providers(self) -> tuple[str, ...]:
        """The ids of all providers, in order."""
        return tuple(self._file.providers)

    @property
    def made_from(self) -> tuple[PackedSource, ...]:
        """The sources with version, date and licence."""
        return self._file.sources

    def __len__(self) -> int:
        return sum(len(held.models) for held in self._file.providers.values())

    def __iter__(self) -> Iterator[CatalogModel]:
        for provider in self._file.providers:
            yield from self.models(provider)

    @cached_property
    def _file(self) -> PackedCatalog:
        return self._read()

    @cached_property
    def _hosts(self) -> Hosts:
        return Hosts({**self._file.hosts, **self._further_hosts})

    @cached_property
    def _unpack(self) -> Unpacker:
        return Unpacker(self._file)

    def _listed(self, provider: str, held: PackedProvider, model_id: str) -> str | None:
        """The listed id that is this one in another spelling."""
        folded = self._folded_ids(provider, held)
        for spelling in (model_id, *spellings(provider, model_id)):
            listed = (
                spelling if spelling in held.models else held.aliases.get(spelling) or folded.get(spelling.casefold())
            )
            if listed is not None:
                return listed
        return None

    def _folded_ids(self, provider: str, held: PackedProvider) -> Mapping[str, str]:
        folded = self._folded.get(provider)
        if folded is None:
            folded = self._folded[provider] = {model_id.casefold(): model_id for model_id in held.models}
        return folded

    def _model(self, provider: str, held: PackedProvider, model_id: str) -> CatalogModel:
        model = self._models.get((provider, model_id))
        if model is None:
            model = self._models[provider, model_id] = self._unpacked(provider, held, model_id)
        return model

    def _unpacked(self, provider: str, held: PackedProvider, model_id: str) -> CatalogModel:
        aliases = self._followers_of(provider, held).get(model_id, ())
        return self._unpack.model(provider, model_id, held.models[model_id], held.same.get(model_id), aliases)

    def _followers_of(self, provider: str, held: PackedProvider) -> Mapping[str, tuple[str, ...]]:
        followers = self._followers.get(provider)
        if followers is None:
            followers = self._followers[provider] = _reversed((*held.same.items(), *held.aliases.items()))
        return followers


def _reversed(names: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """Names that mean one model, by that model."""
    found: dict[str, tuple[str, ...]] = {}
    for name, model_id in names:
        found[model_id] = (*found.get(model_id, ()), name)
    return found
