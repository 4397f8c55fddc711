"""What the tests of the control plane's storage start from: an organisation with people, a profile, models, a key."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from modelhall.domain.ids import NIL, new_id
from modelhall.domain.library import Alias, Model, Profile, Secret, Told
from modelhall.domain.money import Nanodollars
from modelhall.domain.people import Actor, Key, Member, Organisation, Role
from modelhall.domain.prices import Passport, PriceSheet, Rate
from modelhall.storage import aliases, keys, members, models, organisations, prices, profiles
from modelhall.storage.database import Database, open_database
from modelhall.storage.keys import KeyDraft
from modelhall.storage.migrate import migrate
from modelhall.storage.profiles import ProfileDraft, SecretDraft
from modelhall.storage.vault import Vault, open_vault

ORIGIN = "https://api.example:443"
PROVIDER_KEY = "sk-made-up-provider-key-1234567890"
VIRTUAL_KEY = "mh_made-up-virtual-key"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Household:
    """What `a_household` made."""

    organisation: Organisation
    member: Member
    actor: Actor
    profile: Profile
    secret: Secret
    models: list[Model]
    sheet: PriceSheet
    alias: Alias
    key: Key


@asynccontextmanager
async def fresh(url: str | None, data: Path) -> AsyncIterator[Database]:
    """A migrated database."""
    async with open_database(url, data=data) as database:
        await migrate(database)
        yield database


def system_actor(organisation_id: str) -> Actor:
    """The house itself."""
    return Actor(organisation_id, NIL, Role.ADMIN, "system")


async def an_organisation(database: Database, slug: str = "default") -> Organisation:
    """An organisation and nothing in it."""
    async with database.change(system_actor(new_id())) as change:
        made = await organisations.insert_organisation(change.connection, slug=slug, name=slug.title())
        await change.audit(
            "organisation.create", "organisation", made.id, slug, after={"slug": slug}, organisation_id=made.id
        )
    return made


async def a_household(database: Database, data: Path, slug: str = "default") -> Household:
    """One of everything, the provider key sealed."""
    vault, name = await open_vault(database, data), "ci" if slug == "default" else f"ci-{slug}"
    organisation = await an_organisation(database, slug)
    async with database.change(system_actor(organisation.id)) as change:
        c = change.connection
        account = await members.insert_account(c, login=f"owner-{slug}", name="Owner")
        member = await members.insert_member(c, organisation_id=organisation.id, account=account, role=Role.ADMIN)
        profile = await profiles.insert_profile(c, a_profile(organisation.id))
        secret = await profiles.insert_secret(c, profile.id, sealed_secret(vault))
        made = await models.insert_models(c, [a_model(profile, "small"), a_model(profile, "org/large")])
        sheet = a_sheet("0.15", "0.6")
        await prices.append_sheet(c, sheet, organisation_id=organisation.id, model_id=made[0].id)
        alias = await aliases.insert_alias(
            c,
            organisation_id=organisation.id,
            name="quick",
            model_ids=[made[1].id, made[0].id],
            ceiling_usd_per_mtok=Decimal("2.5"),
        )
        key = await keys.insert_key(c, a_key(vault, organisation.id, member.id, name, budget=5_000_000_000))
        await change.audit("household.create", "organisation", organisation.id, slug)
    actor = Actor(organisation.id, member.id, Role.ADMIN, "operator")
    return Household(organisation, member, actor, profile, secret, made, sheet, alias, key)


def a_profile(organisation_id: str, slug: str = "acme") -> ProfileDraft:
    """A compatible server."""
    return ProfileDraft(
        organisation_id=organisation_id,
        slug=slug,
        provider="openai-compatible",
        name="Acme",
        base_url=f"{ORIGIN}/v1",
        headers={"x-team": "blue"},
    )


def sealed_secret(vault: Vault, text: str = PROVIDER_KEY) -> SecretDraft:
    """A provider key for ORIGIN."""
    secret_id = new_id()
    sealed = vault.seal_provider_key(secret_id, ORIGIN, text)
    return SecretDraft(id=secret_id, sealed=sealed, shown="sk-…7890", address=ORIGIN)


def a_model(profile: Profile, model_id: str) -> Model:
    """A chat model of the profile."""
    return Model(
        id=new_id(),
        number=0,
        organisation_id=profile.organisation_id,
        profile_id=profile.id,
        profile=profile.slug,
        provider=profile.provider,
        model_id=model_id,
        name=model_id.title(),
        maker="Acme",
        kind="chat",
        context_window=128_000,
        max_input=None,
        max_output=16_384,
        knowledge_cutoff="2025-03",
        retires_on=None,
        capabilities={"tools": True, "reasoning": False},
        modalities={"input": ("text", "image"), "output": ("text",)},
        sources={"max_output": Told("provider", "2026-01-02", ("catalog",))},
        parameters={"temperature": 0.7},
        custom=False,
        active=True,
        hidden=False,
        quarantined_because=None,
        successor_id=None,
        notes=None,
        revision=0,
        created_at=LONG_AGO,
        updated_at=LONG_AGO,
    )


def a_sheet(given: str, taken: str, valid_from: datetime = LONG_AGO) -> PriceSheet:
    """Input and output prices, a dearer tier and an hour of the night."""
    rates = (
        Rate("input", Decimal(given)),
        Rate("output", Decimal(taken)),
        Rate("input", Decimal(given) * 2, context_over=200_000),
        Rate("output", None, service_tier="batch"),
        Rate("output", Decimal("0.0000001"), utc_hours=(22, 6)),
    )
    return PriceSheet(new_id(), valid_from, rates, Passport("per_mtok", "person", "2026-01-02", "owner", ("catalog",)))


def a_key(vault: Vault, organisation_id: str, member_id: str, name: str = "ci", budget: int | None = None) -> KeyDraft:
    """A key that only calls models."""
    return KeyDraft(
        organisation_id=organisation_id,
        member_id=member_id,
        name=name,
        digest=vault.digest(VIRTUAL_KEY + name),
        shown="mh_…-key",
        expires_at=datetime.now(UTC) + timedelta(days=1),
        budget_limit=None if budget is None else Nanodollars(budget),
    )
