"""The immutable picture of the library from which calls are served; it is replaced whole when anything changes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from modelhall.domain.ceilings import may_fall_back
from modelhall.domain.library import Alias, Model, Profile
from modelhall.domain.people import Key, Member, Organisation, Project
from modelhall.domain.prices import FREE_SHEET, PriceSheet
from modelhall.gateway.call import Caller, Target
from modelhall.gateway.project_parameters import encoded
from modelhall.providers.parameters import facts_of, numbers_in, stored_of
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


@dataclass(frozen=True)
class Snapshot:
    """All that a call needs to know, as of one change number."""

    number: int
    callers: Mapping[bytes, Caller]
    """By the digest of the key."""
    libraries: Mapping[str, Library]
    """By organisation id."""
    members: frozenset[str] = frozenset()
    """Ids of those who may act."""
    claimed: bool = True
    """Whether somebody has set the house up: an admin who can sign in, or a key."""

    def admits(self, key_id: str | None, member_id: str) -> bool:
        """Whether whoever calls so may still call."""
        return member_id in self.members if key_id is None else key_id in self.key_ids

    @cached_property
    def key_ids(self) -> frozenset[str | None]:
        """Of every key that may call."""
        return frozenset(caller.key_id for caller in self.callers.values())

    @property
    def model_ids(self) -> set[str]:
        """Every model of every library."""
        return {model_id for library in self.libraries.values() for model_id in library.targets}


def snapshot_of(picture: Picture, providers: Mapping[str, Provider]) -> Snapshot:
    """The snapshot of what the database holds. Models of providers that this version does not know are left out."""
    projects = {project.id: project for project in picture.projects}
    members = {member.id: member for member in picture.members}
    callers = {
        key.digest: caller_of(key, picture.key_windows.get(key.id, ()), member, projects.get(key.project_id or ""))
        for key in picture.keys
        if (member := members.get(key.member_id)) is not None  # who left or was switched off acts by no key
    }
    targets = list(_targets(picture, providers))
    libraries = {
        organisation.id: _library(
            organisation,
            [target for target in targets if target.model.organisation_id == organisation.id],
            [alias for alias in picture.aliases if alias.organisation_id == organisation.id],
        )
        for organisation in picture.organisations
    }
    claimed = picture.claimed or bool(picture.keys)
    return Snapshot(picture.number, callers, libraries, frozenset(members), claimed)


def caller_of(key: Key, windows: Sequence[str], member: Member, project: Project | None = None) -> Caller:
    """The caller that a key stands for: with the defaults of its member and project, and within the project's models.

    Its role is never higher than its member's is now.

    A key of a project that is gone calls nothing: nobody knows any more what it may.
    """
    own = None if key.models is None else frozenset(key.models)
    return Caller(
        organisation_id=key.organisation_id,
        member_id=key.member_id,
        key_id=key.id,
        project_id=key.project_id,
        role=None if key.role is None else min(key.role, member.role),
        models=own if key.project_id is None else _within(own, project),
        default_model_id=key.default_model_id,
        further_defaults=tuple(
            (each.default_model_id, whose)
            for each, whose in ((member, "the member's default"), (project, "the project's default"))
            if each is not None and each.default_model_id is not None
        ),
        parameters=encoded(project.parameters) if project is not None else {},
        windows=tuple(sorted(windows)),
        expires_at=key.expires_at,
    )


def _within(own: frozenset[str] | None, project: Project | None) -> frozenset[str] | None:
    if project is None:
        return frozenset()
    if project.models is None:
        return own
    allowed = frozenset(project.models)
    return allowed if own is None else own & allowed


def _targets(picture: Picture, providers: Mapping[str, Provider]) -> Iterable[Target]:
    profiles = {profile.id: profile for profile in picture.profiles}
    own = {member_id: numbers_in(said) for member_id, said in picture.own_parameters.items()}
    for model in picture.models:
        profile = profiles.get(model.profile_id)
        provider = providers.get(profile.provider) if profile else None
        if profile is not None and provider is not None:
            sheets = _sheets(picture.prices.get(model.id, ()), provider)
            facts, stored = facts_of(model, provider), stored_of(model)
            yield Target(_held_back(model, profile), profile, provider, sheets, facts, stored, own)


def _held_back(model: Model, profile: Profile) -> Model:
    """The model as calls see it: with its profile switched off, it is held back for that reason."""
    if profile.disabled_at is None or model.quarantined_because is not None:
        return model
    words = f"its profile is switched off; `modelhall profile enable {profile.slug}` switches it on"
    return replace(model, quarantined_because=words)


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
