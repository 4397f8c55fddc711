"""Where each fact of an entry is from: a person's word before the provider's, the provider's before the catalog's."""

from collections.abc import Mapping
from dataclasses import dataclass

from modelhall.catalog.model import CatalogModel
from modelhall.domain.library import Profile, Told
from modelhall.domain.prices import PriceSheet
from modelhall.gateway.snapshot import Library
from modelhall.services.house import House
from modelhall.services.library.entry import Entry, sheet_of
from modelhall.services.models.facts import Facts, facts_of
from modelhall.services.models.listing import unpack_one

PRICE = "price"


@dataclass(frozen=True, slots=True)
class Witnesses:
    """Who can be asked about entries."""

    house: House
    library: Library | None
    profiles: Mapping[str, Profile]
    """By id."""

    def of(self, entry: Entry) -> Mapping[str, Told]:
        """By field; the price's under `price`."""
        target = self.library.targets.get(entry.library_id or "") if self.library else None
        if target is not None:
            return {**target.model.sources, **_price(target.sheet_at(self.house.clock()))}
        facts = self._facts(entry)
        if facts is not None:
            return {**facts.model(active=False).sources, **_price(sheet_of(facts))}
        match = self.house.catalog.match(entry.provider, entry.model_id) if entry.origin == "catalog" else None
        return _catalogs(match.model) if match else {}

    def _facts(self, entry: Entry) -> Facts | None:
        profile = self.profiles.get(entry.profile_id or "")
        provider = self.house.providers.get(entry.provider)
        if profile is None or provider is None or entry.told is None:
            return None
        return facts_of(self.house, profile, provider, entry.model_id, unpack_one(entry.told))


def _price(sheet: PriceSheet | None) -> dict[str, Told]:
    if sheet is None:
        return {}
    return {PRICE: Told(sheet.passport.source, sheet.passport.as_of, sheet.passport.disagreeing)}


def _catalogs(listed: CatalogModel) -> dict[str, Told]:
    told = {name: Told(word.source, word.as_of, word.disagreeing) for name, word in listed.sources.items()}
    price = told.get("rates.input") or told.get("rates.output")
    fields = {name.replace("retires", "retires_on"): word for name, word in told.items() if "." not in name}
    return fields | ({PRICE: price} if price else {})
