"""The immutable picture of the library from which calls are served; it is replaced whole when anything changes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from modelhall.domain.ceilings import may_fall_back
from modelhall.domain.library import Alias
from modelhall.domain.people import Key, Organisation
from modelhall.domain.prices import FREE_SHEET, PriceSheet
from modelhall.gateway.call import Caller, Target
from modelhall.providers.parameters import facts_of
from modelhall.providers.provider import Provider
from modelhall.storage.picture import Picture


@dataclass(frozen=True, slots=True)
class Library:
    """One organisation's models and the names they go by."""

    organisation: Organisation
    targets: Mapping[str, Target]
    """By library model id."""
    by_name: Mapping[str, str]
    """`profile/model-id` to library model id."""
    by_bare_id: Mapping[str, tuple[str, ...]]
    """The provider's own name to library model ids, in the order of the profiles."""
    aliases: Mapping[str, Alias]
    verdicts: dict[tuple[str, str, Decimal | None], str | None] = field(default_factory=dict, repr=False, compare=False)
    """What `may_fall_back` said, by the ids of the two sheets and the ceiling: it takes long, and sheets stay as they
    are."""

    def too_dear(self, to: PriceSheet | None, first: PriceSheet | None, ceiling: Decimal | None) -> str | None:
        """Why a call for one target may not fall back to another at its price; `None`: it may."""
        pair = (to.id if to else "", first.id if first else "", ceiling)
        if pair not in self.verdicts:
            self.verdicts[pair] = may_fall_back(to, first, ceiling)
        return self.verdicts[pair]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that a call needs to know, as of one change number."""

    number: int
    callers: Mapping[bytes, Caller]
    """By the digest of the key."""
    libraries: Mapping[str, Library]
    """By organisation id."""

    @property
    def model_ids(self) -> set[str]:
        """Every model of every library."""
        return {model_id for library in self.libraries.values() for model_id in library.targets}


def snapshot_of(picture: Picture, providers: Mapping[str, Provider]) -> Snapshot:
    """The snapshot of what the database holds. Models of providers that this version does not know are left out."""
    callers = {key.digest: caller_of(key, picture.key_windows.get(key.id, ())) for key in picture.keys}
    targets = list(_targets(picture, providers))
    libraries = {
        organisation.id: _library(
            organisation,
            [target for target in targets if target.model.organisation_id == organisation.id],
            [alias for alias in picture.aliases if alias.organisation_id == organisation.id],
        )
        for organisation in picture.organisations
    }
    return Snapshot(picture.number, callers, libraries)


def caller_of(key: Key, windows: Sequence[str]) -> Caller:
    """The caller that a key stands for."""
    return Caller(
        organisation_id=key.organisation_id,
        member_id=key.member_id,
        key_id=key.id,
        project_id=key.project_id,
        role=key.role,
        models=None if key.models is None else frozenset(key.models),
        default_model_id=key.default_model_id,
        windows=tuple(sorted(windows)),
        expires_at=key.expires_at,
    )


def _targets(picture: Picture, providers: Mapping[str, Provider]) -> Iterable[Target]:
    profiles = {profile.id: profile for profile in picture.profiles}
    for model in picture.models:
        profile = profiles.get(model.profile_id)
        provider = providers.get(profile.provider) if profile else None
        if profile is not None and provider is not None:
            sheets = _sheets(picture.prices.get(model.id, ()), provider)
            yield Target(model, profile, provider, sheets, facts_of(model, provider))


def _sheets(sheets: Sequence[PriceSheet], provider: Provider) -> tuple[PriceSheet, ...]:
    """The newest first; what runs on the owner's machines is free unless somebody entered a price."""
    newest_first = tuple(sorted(sheets, key=_valid_from, reverse=True))
    return (*newest_first, FREE_SHEET) if provider.free else newest_first


def _valid_from(sheet: PriceSheet) -> datetime:
    return sheet.valid_from


def _library(organisation: Organisation, targets: Sequence[Target], aliases: Sequence[Alias]) -> Library:
    in_order = sorted(targets, key=lambda target: (target.profile.position, target.profile.slug, target.model.model_id))
    by_bare_id: dict[str, tuple[str, ...]] = {}
    for target in in_order:
        by_bare_id[target.model.model_id] = (*by_bare_id.get(target.model.model_id, ()), target.model.id)
    return Library(
        organisation=organisation,
        targets={target.model.id: target for target in in_order},
        by_name={target.model.public_name: target.model.id for target in in_order},
        by_bare_id=by_bare_id,
        aliases={alias.name: alias for alias in aliases},
    )
