"""The immutable picture of the library from which calls are served; it is replaced whole when anything changes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from modelhall.dialects.stored_values import Values
from modelhall.domain.ceilings import may_fall_back
from modelhall.domain.library import Alias, Model, Profile
from modelhall.domain.people import Actor, Key, Member, Organisation, Project, Role
from modelhall.domain.prices import FREE_SHEET, PriceSheet
from modelhall.gateway.call import Caller, Target
from modelhall.gateway.demands import ORGANISATION, Demands, demands_by_key
from modelhall.gateway.stored_values import stored_by_caller, stored_by_target
from modelhall.providers.parameters import facts_of, stored_in, stored_of
from modelhall.providers.privacy import privacy_of
from modelhall.providers.provider import Provider
from modelhall.storage.picture import MODEL_PARAMETERS, PREFERRED_MODEL, Picture

DEFAULT = "default"
"""The name of whatever answers when none is named."""


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
    profile_defaults: Mapping[str, str]
    """`profile/default` to library model id."""
    demands: Mapping[str, Demands] = field(default_factory=dict[str, Demands])
    """What policies demand, by key id; at `ORGANISATION` for everybody who is not there."""
    verdicts: dict[tuple[str, str, Decimal | None], str | None] = field(default_factory=dict, repr=False, compare=False)
    """What `may_fall_back` said, by the ids of the two sheets and the ceiling: it takes long, and sheets stay as they
    are."""

    @property
    def has_default(self) -> bool:
        """Whether the organisation says what answers when a call names no model."""
        return self.organisation.default_model_id in self.targets

    def demands_of(self, caller: Caller) -> Demands | None:
        """What the policies above this caller demand; `None`: nothing."""
        if not self.demands:
            return None
        return self.demands.get(caller.key_id or ORGANISATION) or self.demands.get(ORGANISATION)

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
    members: Mapping[str, Caller]
    """By member id: who calls without a key, of those who may act."""
    claimed: bool = True
    """Whether somebody has set the house up: an admin who can sign in, or a key."""
    last_used: Mapping[str, str] = field(default_factory=dict[str, str])
    """By member id: the library model that their calls named last and that answered; of organisations without a
    default only."""

    def admits(self, key_id: str | None, member_id: str) -> bool:
        """Whether whoever calls so may still call."""
        return member_id in self.members if key_id is None else key_id in self.key_ids

    @cached_property
    def key_ids(self) -> frozenset[str | None]:
        """Of every key that may call."""
        return frozenset(caller.key_id for caller in self.callers.values())

    def caller_without_key(self, actor: Actor) -> Caller:
        """Who calls in the actor's own name: no budget, every active model."""
        known = self.members.get(actor.member_id) or Caller(actor.organisation_id, actor.member_id, None)
        return known if known.role == actor.role else replace(known, role=actor.role)

    @property
    def model_ids(self) -> set[str]:
        """Every model of every library."""
        return {model_id for library in self.libraries.values() for model_id in library.targets}


def snapshot_of(picture: Picture, providers: Mapping[str, Provider]) -> Snapshot:
    """The snapshot of what the database holds. Models of providers that this version does not know are left out."""
    targets = list(_targets(picture, providers))
    projects = {project.id: project for project in picture.projects}
    libraries = {
        organisation.id: _library(
            organisation,
            [target for target in targets if target.model.organisation_id == organisation.id],
            [alias for alias in picture.aliases if alias.organisation_id == organisation.id],
            demands_by_key(
                organisation, [key for key in picture.keys if key.organisation_id == organisation.id], projects
            ),
        )
        for organisation in picture.organisations
    }
    members = {member.id: _own(member, libraries[member.organisation_id], picture) for member in picture.members}
    callers = {
        key.digest: _caller_of(
            key, picture.key_windows.get(key.id, ()), members[key.member_id], projects.get(key.project_id or "")
        )
        for key in picture.keys
        if key.member_id in members  # who left or was switched off acts by no key
    }
    without_key = {member.id: _member_calling(member, members[member.id]) for member in picture.members}
    claimed = picture.claimed or bool(picture.keys)
    return Snapshot(picture.number, callers, libraries, without_key, claimed=claimed)


@dataclass(frozen=True, slots=True)
class _Own:
    """What a member may and prefers."""

    role: Role
    default_model_id: str | None
    parameters: Values = field(default_factory=dict[str, object])


def _own(member: Member, library: Library, picture: Picture) -> _Own:
    """With a preferred model that came into the library only later."""
    said = picture.member_settings.get(member.id, {})
    wished = library.by_name.get(str(said.get(PREFERRED_MODEL)))
    there = wished if wished is not None and library.targets[wished].is_usable else None
    return _Own(member.role, member.default_model_id or there, stored_in(said.get(MODEL_PARAMETERS)))


def _member_calling(member: Member, own: _Own) -> Caller:
    return Caller(
        organisation_id=member.organisation_id,
        member_id=member.id,
        key_id=None,
        role=member.role,
        defaults=_defaults((own.default_model_id, "the member's default")),
        stored=stored_by_caller(own.parameters, {}),
    )


def _caller_of(key: Key, windows: Sequence[str], member: _Own, project: Project | None) -> Caller:
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
        defaults=_defaults(
            (key.default_model_id, "the key's default"),
            (member.default_model_id, "the member's default"),
            (project.default_model_id if project else None, "the project's default"),
        ),
        stored=stored_by_caller(member.parameters, project.parameters if project else {}),
        windows=tuple(sorted(windows)),
        expires_at=key.expires_at,
    )


def _defaults(*found: tuple[str | None, str]) -> tuple[tuple[str, str], ...]:
    return tuple((model_id, whose) for model_id, whose in found if model_id is not None)


def _within(own: frozenset[str] | None, project: Project | None) -> frozenset[str] | None:
    if project is None:
        return frozenset()
    if project.models is None:
        return own
    allowed = frozenset(project.models)
    return allowed if own is None else own & allowed


def _targets(picture: Picture, providers: Mapping[str, Provider]) -> Iterable[Target]:
    profiles = {profile.id: profile for profile in picture.profiles}
    for model in picture.models:
        profile = profiles.get(model.profile_id)
        provider = providers.get(profile.provider) if profile else None
        if profile is not None and provider is not None:
            sheets = _sheets(picture.prices.get(model.id, ()), provider)
            stored = stored_by_target(stored_of(model), profile.parameters)
            facts, privacy = facts_of(model, provider), privacy_of(model, profile, provider)
            yield Target(_held_back(model, profile), profile, provider, sheets, facts, stored, privacy)


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


def _library(
    organisation: Organisation, targets: Sequence[Target], aliases: Sequence[Alias], demands: Mapping[str, Demands]
) -> Library:
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
        profile_defaults={
            f"{target.profile.slug}/{DEFAULT}": target.model.id
            for target in in_order
            if target.model.id == target.profile.default_model_id
        },
        demands=demands,
    )
