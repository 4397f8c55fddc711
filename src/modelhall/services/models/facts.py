"""What is known of a model that comes into the library: its provider's word before the catalog's, else unknown."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from urllib.parse import urlsplit

from modelhall.catalog.model import CatalogModel
from modelhall.domain.errors import Conflict
from modelhall.domain.ids import new_id
from modelhall.domain.library import Model, Profile, Told
from modelhall.domain.prices import STANDARD, Passport, PriceSheet, Rate
from modelhall.providers.parameters import BY_PROVIDER, SAMPLING_SOURCE, TUNING
from modelhall.providers.provider import DiscoveredModel, Provider
from modelhall.services.house import House

UNKNOWN_KIND = "unknown"
SAME_CAPABILITY: Mapping[str, str] = {"audio_input": "audio"}
"""The catalog's words for what a request asks for by another one."""
_FIELDS: Mapping[str, tuple[str, str]] = {
    "name": ("name", "name"),
    "maker": ("maker", "maker"),
    "kind": ("kind", "kind"),
    "context_window": ("context", "context_window"),
    "max_output": ("max_output", "max_output"),
    "retires_on": ("retires", "retires"),
}
"""Our field, with the provider's and the catalog's name for it."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What two sources say of one model of a profile."""

    profile: Profile
    provider: Provider
    model_id: str
    told: DiscoveredModel | None
    """By the provider."""
    listed: CatalogModel | None
    """In the catalog."""
    now: datetime

    def model(self, *, active: bool) -> Model:
        """The entry of the library; `number`, revision and times are storage's."""
        values, sources = self._merged()
        listed = self.listed
        return Model(
            id=new_id(),
            number=0,
            organisation_id=self.profile.organisation_id,
            profile_id=self.profile.id,
            profile=self.profile.slug,
            provider=self.profile.provider,
            model_id=self.model_id,
            name=str(values["name"] or self.model_id),
            maker=_text(values["maker"]),
            kind=str(values["kind"] or UNKNOWN_KIND),
            context_window=_count(values["context_window"]),
            max_input=listed.max_input if listed else None,
            max_output=_count(values["max_output"]),
            knowledge_cutoff=listed.knowledge_cutoff if listed else None,
            retires_on=_text(values["retires_on"]),
            capabilities=self._capabilities(),
            modalities={"input": listed.input, "output": listed.output} if listed else {},
            sources=sources,
            parameters=self._parameters(),
            custom=self.told is None and listed is None,
            active=active,
            hidden=False,
            quarantined_because=None,
            successor_id=None,
            notes=None,
            revision=1,
            created_at=self.now,
            updated_at=self.now,
        )

    def sheets(self) -> list[PriceSheet]:
        """Its price from now on, and those that are announced. None for what runs on the owner's machines."""
        if self.provider.free:
            return []
        rates, passport = self._rates()
        now = [PriceSheet(new_id(), self.now, rates, passport)] if rates and passport else []
        return now + self._announced()

    def _merged(self) -> tuple[dict[str, object], dict[str, Told]]:
        values: dict[str, object] = {}
        sources: dict[str, Told] = {}
        for field, (told_name, listed_name) in _FIELDS.items():
            told = getattr(self.told, told_name, None)
            listed = getattr(self.listed, listed_name, None)
            values[field] = listed if told is None else told
            if told is not None:
                differs = listed is not None and listed != told and field != "name"
                sources[field] = self._own_word((f"catalog: {listed}",) if differs else ())
            elif listed is not None and self.listed is not None and listed_name in self.listed.sources:
                sources[field] = _catalogs_word(self.listed, listed_name)
        if self.listed is not None and "can.sampling" in self.listed.sources:
            sources[SAMPLING_SOURCE] = _catalogs_word(self.listed, "can.sampling")
        if self._parameters():
            sources[f"parameters.{BY_PROVIDER}"] = self._own_word(())
        return values, sources

    def _parameters(self) -> dict[str, object]:
        """What the provider's list says, where it names all that the model takes."""
        if self.told is None or self.told.takes is None:
            return {}
        return {BY_PROVIDER: {name: {"taken": name in self.told.takes} for name in sorted(TUNING)}}

    def _capabilities(self) -> dict[str, bool]:
        known: dict[str, bool] = {}
        if self.listed is not None:
            known |= dict.fromkeys(self.listed.cannot, False) | dict.fromkeys(self.listed.can, True)
        if self.told is not None and self.told.capabilities:
            known |= dict.fromkeys(self.told.capabilities, True)
        for word, asked in SAME_CAPABILITY.items():
            if word in known:
                known.setdefault(asked, known[word])
        return dict(sorted(known.items()))

    def _rates(self) -> tuple[tuple[Rate, ...], Passport | None]:
        listed = self.listed.rates if self.listed else ()
        own: Mapping[str, Decimal] = self.told.prices if self.told else {}
        if not own:
            return listed, self._catalogs_passport(listed)
        # The provider tells base prices only: dearer tiers and classes it does not mention stay the catalog's.
        others = tuple(rate for rate in listed if not _is_base(rate) or rate.usage_class not in own)
        base = tuple(Rate(name, amount) for name, amount in own.items())
        differing = tuple(
            f"catalog: {rate.usage_class} {rate.usd_per_million}"
            for rate in listed
            if _is_base(rate) and rate.usage_class in own and rate.usd_per_million != own[rate.usage_class]
        )
        return base + others, Passport("per_mtok", self.profile.provider, self.now.date().isoformat(), None, differing)

    def _announced(self) -> list[PriceSheet]:
        sheets: list[PriceSheet] = []
        for later in self.listed.later if self.listed else ():
            begins = datetime.combine(date.fromisoformat(later.valid_from), datetime.min.time(), UTC)
            passport = self._catalogs_passport(later.rates)
            if begins > self.now and passport is not None and later.rates:
                sheets.append(PriceSheet(new_id(), begins, later.rates, passport))
        return sheets

    def _catalogs_passport(self, rates: Iterable[Rate]) -> Passport | None:
        if self.listed is None:
            return None
        told = [word for rate in rates if (word := self.listed.sources.get(f"rates.{rate.usage_class}"))]
        source = told[0].source if told else "catalog"
        as_of = max((word.as_of for word in told), default=self.now.date().isoformat())
        differing = tuple(dict.fromkeys(each for word in told for each in word.disagreeing))
        return Passport("per_mtok", source, as_of, None, differing)

    def _own_word(self, differing: tuple[str, ...]) -> Told:
        return Told("provider", self.now.date().isoformat(), differing)


def facts_of(house: House, profile: Profile, provider: Provider, model_id: str, told: DiscoveredModel | None) -> Facts:
    """What is known of this model of this profile. Never by the profile's name."""
    vendor = catalog_name(house, profile, provider)
    match = house.catalog.match(vendor, model_id) if vendor else None
    return Facts(profile, provider, model_id, told, match.model if match else None, house.clock())


def facts_here(house: House, profile: Profile, model_id: str) -> Facts:
    """What the catalog knows of this model of this profile. Raises Conflict for a provider that this version lacks."""
    provider = house.providers.get(profile.provider)
    if provider is None:
        raise Conflict(f"this version knows no provider {profile.provider}")
    return facts_of(house, profile, provider, model_id, None)


def catalog_name(house: House, profile: Profile, provider: Provider) -> str | None:
    """Under which name the catalog knows who answers there; `None` for a server that is anybody's."""
    if profile.base_url is None:
        return provider.catalog
    found = house.catalog.provider_of_host(urlsplit(profile.base_url).hostname or "")
    # A vendor whose accounts all have addresses of their own is meant by its name; a known vendor elsewhere is a proxy.
    return found or (provider.catalog if provider.origin is None else None)


def _catalogs_word(listed: CatalogModel, field: str) -> Told:
    told = listed.sources[field]
    return Told(told.source, told.as_of, told.disagreeing)


def _is_base(rate: Rate) -> bool:
    return rate.context_over == 0 and rate.service_tier == STANDARD and rate.utc_hours is None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _count(value: object) -> int | None:
    return value if isinstance(value, int) else None
