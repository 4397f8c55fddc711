"""Collects what importers find, and puts it together as a document: each account one profile, each name once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from msgspec import UNSET
from msgspec.structs import replace

from modelhall.domain.errors import BadRequest
from modelhall.providers.provider import Provider
from modelhall.services.aliases.set_alias import MOST_TARGETS
from modelhall.services.aliases.set_alias import RESERVED as RESERVED_ALIASES
from modelhall.services.files.document import AliasEntry, Document, ModelEntry, OrganisationEntry, ProfileEntry
from modelhall.services.files.foreign_text import Said
from modelhall.services.files.places import Place
from modelhall.services.importers.addresses import looks_private, own_address, plain_address, slugged, wish_of
from modelhall.services.importers.findings import Finding, Outcome
from modelhall.services.importers.keys import Found, key_of
from modelhall.services.importers.keys import Said as SaidKey
from modelhall.services.importers.surroundings import Surroundings
from modelhall.services.profiles.add_profile import RESERVED
from modelhall.services.profiles.profile_words import checked_headers
from modelhall.services.words import SLUG

MOST_PROFILES = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account or server as a foreign file describes it."""

    provider: Provider
    address: str | None = None
    """As it was written; `None`: the provider's own."""
    key: SaidKey = field(default_factory=SaidKey)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    organisation: str | None = None
    region: str | None = None
    wish: str | None = None
    """What it is called there."""
    enabled: bool = True


@dataclass(slots=True)
class Gathering:
    """What was found so far."""

    around: Surroundings
    said: Said = field(repr=False)
    findings: list[Finding] = field(default_factory=list[Finding])
    profiles: dict[str, ProfileEntry] = field(default_factory=dict[str, ProfileEntry])
    """Those that are to be made, by id."""
    keys: dict[str, str] = field(default_factory=dict[str, str], repr=False)
    """Keys to seal, by profile."""
    models: dict[str, ModelEntry] = field(default_factory=dict[str, ModelEntry])
    aliases: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    default_model: str | None = None
    _known: dict[object, str] = field(default_factory=dict[object, str], repr=False)
    """The profile of each account."""
    _bare: dict[str, list[str]] = field(default_factory=dict[str, list[str]], repr=False)
    """Models by their bare ids."""

    def note(self, outcome: Outcome, place: Place, words: str) -> None:
        """Write a finding down."""
        self.findings.append(Finding(outcome, words_of(place), words, self.said.line_of(place) if place else None))

    def left(self, place: Place, why: str) -> None:
        """It stays behind."""
        self.note(Outcome.LEFT, place, why)

    def person(self, place: Place, what: str) -> None:
        """Somebody has to do something."""
        self.note(Outcome.PERSON, place, what)

    def account(self, account: Account, place: Place) -> str | None:
        """The id of the profile for this account, the same for the same account; `None`: there can be none."""
        try:
            address = None if account.address is None else own_address(account.provider, plain_address(account.address))
        except ValueError as error:
            self.left(place, f"its address cannot be used: {error}")
            return None
        if address is None and account.provider.origin is None:
            self.left(place, f"{account.provider.title} needs an address, and none is known here")
            return None
        key = key_of(account.key, account.provider, address, self.around)
        same = (account.provider.name, address, key.reference, key.text, account.organisation, *account.headers.items())
        if same not in self._known:
            self._known[same] = self._found(account, address, key) or self._made(account, address, key, place)
        return self._known[same]

    def model(self, profile: str, model_id: str, place: Place, entry: ModelEntry | None = None) -> str:
        """The public name of this model, which is now in the library; what an earlier entry says of it stays."""
        public = f"{profile}/{model_id}"
        if public not in self.models:
            self.note(Outcome.CARRIED, place, f"model {public}")
            self._bare.setdefault(model_id, []).append(public)
            self.models[public] = replace(entry or ModelEntry(name=public), name=public, active=True)
        return public

    def alias(self, name: str, targets: Sequence[str], place: Place) -> None:
        """Have a name mean these models, if it can, and if it does not by itself."""
        wanted = tuple(dict.fromkeys(targets))
        if not wanted or self._means_by_itself(name, wanted):
            return
        if name in RESERVED_ALIASES or not SLUG.fullmatch(name):
            self.person(place, f"no alias can be called {name[:80]!r}; have programs ask for {wanted[0]}")
        elif self.around.aliases.get(name, wanted) != wanted:
            self.left(place, f"there is an alias {name} already; change it with `modelhall alias set`")
        elif name in self.aliases:
            self.left(place, f"the name {name} is there twice; the first meaning counts")
        else:
            self.aliases[name] = wanted[:MOST_TARGETS]
            if len(wanted) > MOST_TARGETS:
                self.left(place, f"alias {name} has its first {MOST_TARGETS} models; there may be no more")
            then = ", then ".join(wanted[:3]) + (" …" if len(wanted) > 3 else "")
            self.note(Outcome.CARRIED, place, f"alias {name}: {then}")

    def document(self) -> Document:
        """All of it as a document."""
        organisation = UNSET if self.default_model is None else OrganisationEntry(default_model=self.default_model)
        return Document(
            organisation=organisation,
            profiles=tuple(self.profiles.values()),
            models=tuple(self.models.values()),
            aliases=tuple(AliasEntry(name=name, models=models) for name, models in self.aliases.items()),
        )

    def _means_by_itself(self, name: str, targets: tuple[str, ...]) -> bool:
        """Whether the bare id of the one model is that name, and of no other model."""
        if targets == (name,):
            return True
        return {*self.around.bare_ids.get(name, ()), *self._bare.get(name, ())} == set(targets)

    def _found(self, account: Account, address: str | None, key: Found) -> str | None:
        """The profile that is there already for this account."""
        for profile in self.around.profiles:
            if (
                (profile.provider, profile.base_url) == (account.provider.name, address)
                and profile.organisation_header == account.organisation
                and {name.lower(): value for name, value in account.headers.items()} == dict(profile.headers)
                and profile.slug not in self._known.values()
                and key.is_of(profile)
            ):
                return profile.slug
        return None

    def _made(self, account: Account, address: str | None, key: Found, place: Place) -> str:
        """A new profile. Raises BadRequest when there are too many."""
        if len(self.profiles) >= MOST_PROFILES:
            raise BadRequest(f"the file names more than {MOST_PROFILES:,} accounts; split it")
        slug = self._free(slugged(account.wish or "") or wish_of(account.provider, address))
        entry = ProfileEntry(
            id=slug,
            provider=account.provider.name,
            base_url=UNSET if address is None else address,
            organisation=account.organisation or UNSET,
            region=account.region or UNSET,
            headers=self._headers(account.headers, place) or UNSET,
            keys=UNSET if key.reference is None else (key.reference,),
            enabled=UNSET if account.enabled else False,
            allow_private=True if address is not None and self.around.allow_private else UNSET,
        )
        self.profiles[slug] = entry
        where = _where(account.provider, address)
        known = f", key {key.reference}" if key.reference else ", key sealed" if self._keeps(slug, key) else ""
        self.note(Outcome.CARRIED, place, f"profile {slug}: {account.provider.title}{where}{known}")
        if key.advice:
            self.person(place, f"profile {slug}: {key.advice}")
        if account.key == SaidKey() and account.provider.needs_more:
            self.person(place, f"profile {slug}: {account.provider.needs_more}")
        if address is not None and looks_private(address) and not self.around.allow_private:
            command = f"modelhall profile edit {slug} --allow-private"
            self.person(place, f"profile {slug}: its address is a private one; allow it: `{command}`")
        return slug

    def _keeps(self, slug: str, key: Found) -> bool:
        if key.text is None or not self.around.take_keys:
            return False
        self.keys[slug] = key.text
        return True

    def _headers(self, headers: Mapping[str, str], place: Place) -> dict[str, str]:
        try:
            return checked_headers(headers)
        except BadRequest as error:
            self.person(place, f"its headers were not taken: {error.message.removeprefix('headers: ')}")
            return {}

    def _free(self, wish: str) -> str:
        taken = RESERVED | {profile.slug for profile in self.around.profiles} | self.profiles.keys()
        number, slug = 1, wish
        while slug in taken:
            number += 1
            slug = f"{wish}-{number}"
        return slug


def _where(provider: Provider, address: str | None) -> str:
    """The address in words. A bare host is called with the provider's usual path, which other programs leave out."""
    if address is None:
        return ""
    usual = next(iter(provider.speaks.values()))
    adds = usual and provider.base_url_has_path and address.count("/") == len("//")
    return f" at {address}{f' (called at {usual})' if adds else ''}"


def words_of(place: Place) -> str:
    """A place as people write it."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)[:300].removeprefix(".")
