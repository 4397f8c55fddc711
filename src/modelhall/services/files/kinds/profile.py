"""Profiles: accounts and servers of providers. Keys are references; what is sealed is left alone."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from modelhall.domain.errors import NotFound
from modelhall.domain.library import BUILT_IN_PROFILE, Profile
from modelhall.providers.addresses import parsed_base_url
from modelhall.services.evidence.put_evidence import put_evidence
from modelhall.services.files.kinds.evidence import evidence_fields, set_evidence, with_author, with_normal_evidence
from modelhall.services.files.kinds.kind import Fields, Kind, Present, Task, Work, changed, values_edit
from modelhall.services.files.stock import Stock
from modelhall.services.keep import KEEP
from modelhall.services.profiles.add_profile import NewProfile, add_profile
from modelhall.services.profiles.add_profile_key import add_profile_key
from modelhall.services.profiles.edit_profile import ProfileEdit, edit_profile
from modelhall.services.profiles.find_profile import find_profile
from modelhall.services.profiles.remove_profile import remove_profile
from modelhall.services.profiles.remove_profile_key import remove_profile_key
from modelhall.services.profiles.restore_profile import restore_profile
from modelhall.services.words import wrong

LABELS = ("purpose", "residency")
EDITED = ("name", "base_url", "organisation", "region", "notes", "purpose", "residency", "headers")


def _read(stock: Stock) -> Mapping[str, Fields]:
    in_order = sorted(stock.profiles, key=lambda each: (each.position, each.slug))
    return {profile.slug: _fields(profile, stock) for profile in in_order}


def _fields(profile: Profile, stock: Stock) -> Fields:
    told: dict[str, Any] = {
        "provider": profile.provider,
        "name": profile.name,
        "base_url": profile.base_url,
        "organisation": profile.organisation_header,
        "region": profile.region,
        "notes": profile.notes,
        "purpose": profile.purpose,
        "residency": profile.residency,
        "enabled": None if profile.disabled_at is None else False,
        "allow_private": profile.allow_private or None,
        "headers": dict(sorted(profile.headers.items())) or None,
        "keys": [secret.reference for secret in profile.secrets if secret.reference] or None,
        "default_model": stock.public.get(profile.default_model_id or ""),
        "parameters": dict(profile.parameters) or None,
        "evidence": evidence_fields(profile.privacy),
    }
    return {name: value for name, value in told.items() if value is not None}


def _normal(fields: Fields) -> Fields:
    new = dict(with_normal_evidence(fields))
    for label in LABELS:
        if new.get(label):
            new[label] = new[label].strip().lower()
    if new.get("base_url"):
        address = parsed_base_url(new["base_url"])
        new["base_url"] = address.origin + address.path
    for reference in new.get("keys", ()):
        if not reference.startswith(("env:", "file:")):
            raise wrong("keys", "a file names where a key is (env:NAME, file:PATH), never the key itself")
    if "headers" in new:
        new["headers"] = {name.strip().lower(): value for name, value in sorted(new["headers"].items())}
    return new


def _settle(fields: Fields, present: Present) -> Fields:
    """An export tells names of headers only: their values stay as they are. Its default is one of its own models."""
    new = {name: value for name, value in with_author(fields, present).items() if name != "header_names"}
    if new.get("default_model"):
        new["default_model"] = f"{present.name}/{new['default_model'].removeprefix(f'{present.name}/')}"
    if "header_names" in fields and "headers" not in fields:
        held = (present.old or {}).get("headers", {})
        new["headers"] = {name: held[name] for name in fields["header_names"] if name in held}
    return new


async def _write(work: Work, task: Task) -> None:
    if task.old is None:
        await _add(work, task)
        return
    if task.differs("provider"):
        raise wrong("provider", "a profile's provider stays; remove the profile, or add another one")
    edits = {name: task.edit(name, {} if name == "headers" else None) for name in EDITED}
    edits["parameters"] = values_edit(task)
    edits["enabled"] = task.edit("enabled", True) or KEEP
    if task.differs("allow_private", "base_url"):
        # A yes is for one address: at another one the file says it again.
        edits["allow_private"] = task.new.get("allow_private", False)
    if task.differs("base_url") and task.differs("evidence"):
        # Evidence is about one address: what is there goes before the profile moves.
        await put_evidence(work.house, work.actor, task.name, {})
    if edits := changed(**edits):
        await edit_profile(work.house, work.actor, task.name, ProfileEdit(**edits))
    await _refer(work, task)
    await set_evidence(work, task, "profile")


async def _add(work: Work, task: Task) -> None:
    new = task.new
    if "provider" not in new:
        raise wrong("provider", "this field is needed: what serves the profile, such as openai")
    references = new.get("keys", ())
    wanted = NewProfile(
        id=task.name,
        provider=new["provider"],
        key=references[0] if references else None,
        allow_private=new.get("allow_private", False),
        **{name: new[name] for name in (*EDITED, "parameters") if name in new},
    )
    made = await add_profile(work.house, work.actor, wanted)
    if task.exact and made.profile.allow_private != wanted.allow_private:
        await edit_profile(work.house, work.actor, task.name, ProfileEdit(allow_private=wanted.allow_private))
    for reference in references[1:]:
        await add_profile_key(work.house, work.actor, task.name, key=reference)
    await set_evidence(work, task, "profile")
    await _switch_off(work, task)


async def _refer(work: Work, task: Task) -> None:
    """Have it read its keys where the file says, in that order; sealed keys stay where they are."""
    if not task.differs("keys"):
        return
    old, new = list((task.old or {}).get("keys", ())), list(task.new.get("keys", ()))
    if not new and not await _has_sealed(work, task.name):
        await edit_profile(work.house, work.actor, task.name, ProfileEdit(key=None))
        return
    stay = [each for each in old if each in new]
    in_order = [*stay, *(each for each in new if each not in old)] == new
    for reference in new:
        if reference in old and in_order:
            continue
        if reference in old:
            await remove_profile_key(work.house, work.actor, task.name, reference)
        await add_profile_key(work.house, work.actor, task.name, key=reference)
    for reference in old:
        if reference not in new:
            await remove_profile_key(work.house, work.actor, task.name, reference)


async def _has_sealed(work: Work, slug: str) -> bool:
    async with work.house.database.read() as connection:
        profile = await find_profile(connection, work.actor.organisation_id, slug)
    return any(secret.sealed is not None for secret in profile.secrets)


async def _switch_off(work: Work, task: Task) -> None:
    """A new profile is switched off at once, before a default may be among its models."""
    if task.new.get("enabled") is False and (task.old is None or task.old.get("enabled") is not False):
        await edit_profile(work.house, work.actor, task.name, ProfileEdit(enabled=False))


async def _finish(work: Work, task: Task) -> None:
    """Its default is one of its models, which are there by now."""
    if task.old is not None:
        await _switch_off(work, task)
    if task.differs("default_model"):
        await edit_profile(work.house, work.actor, task.name, ProfileEdit(default_model=task.new.get("default_model")))


async def _let_go(work: Work, name: str) -> None:
    async with work.house.database.read() as connection:
        profile = await find_profile(connection, work.actor.organisation_id, name)
    if profile.default_model_id is not None:
        await edit_profile(work.house, work.actor, name, ProfileEdit(default_model=None))


async def _remove(work: Work, name: str) -> None:
    await remove_profile(work.house, work.actor, name)


async def _restore(work: Work, name: str) -> None:
    with suppress(NotFound):
        await restore_profile(work.house, work.actor, name)


PROFILE = Kind(
    word="profile",
    key="id",
    read=_read,
    ids=lambda stock: {profile.slug: profile.id for profile in stock.profiles},
    write=_write,
    finish=_finish,
    let_go=_let_go,
    remove=_remove,
    restore=_restore,
    normal=_normal,
    settle=_settle,
    defaults={
        "base_url": None,
        "organisation": None,
        "region": None,
        "notes": None,
        "purpose": None,
        "residency": None,
        "enabled": True,
        "allow_private": False,
        "headers": {},
        "keys": [],
        "default_model": None,
        "parameters": {},
        "evidence": {},
    },
    kept=lambda _name, fields: fields["provider"] == BUILT_IN_PROFILE,
    hidden=frozenset({"headers"}),
)
