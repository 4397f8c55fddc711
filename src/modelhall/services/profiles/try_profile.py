"""Tests a connection: asks a profile's server for its models, and says plainly what is wrong when it fails."""

import time
from dataclasses import dataclass, replace
from datetime import datetime

from modelhall.domain.errors import Conflict, KeyMissing, ModelhallError, OwnTrouble
from modelhall.domain.ids import NIL
from modelhall.domain.library import Profile, Secret
from modelhall.domain.people import Actor, Role
from modelhall.gateway.hide_keys import KeyGuard
from modelhall.gateway.outgoing import Endpoint, endpoint_of
from modelhall.gateway.prepare import Line
from modelhall.gateway.upstream import Deadlines
from modelhall.providers.provider import Provider
from modelhall.providers.registry import provider_named
from modelhall.services.house import House
from modelhall.services.profiles.add_profile import NewProfile, profile_draft
from modelhall.services.profiles.causes import CAUSES, filled
from modelhall.services.profiles.diagnosis import Diagnosis, Seen, of_error, of_list, of_refusal, of_wrong_profile
from modelhall.services.profiles.find_profile import find_profile
from modelhall.services.profiles.key_view import find_secret, label
from modelhall.services.profiles.probe import DEADLINES, Question, ask, questions, second_look
from modelhall.services.profiles.profile_key import check_reference, key_word, shown
from modelhall.services.rights import require
from modelhall.storage.profiles import ProfileDraft

MOST_NAMES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a connection test found."""

    ok: bool
    cause: str | None
    """A code of `causes`."""
    says: str
    next: str | None
    """What to do."""
    address: str | None
    """What was asked."""
    key: str | None
    """The key that was used, as it is shown; `None`: none."""
    latency_ms: int | None = None
    """From the start of the connection to the end of the answer."""
    status: int | None = None
    models: tuple[str, ...] = ()
    """The first of them."""
    model_count: int | None = None
    """`None`: not told."""
    retry_after_s: int | None = None
    provider_says: str | None = None
    """The server's own words, where they give no key away."""


@dataclass(frozen=True, slots=True)
class _Case:
    """What is tested, and by which key."""

    profile: Profile
    provider: Provider
    secret: Secret | None
    key: str | None
    """The key itself."""
    called: str | None
    """What is shown of it."""
    deadlines: Deadlines

    @property
    def guard(self) -> KeyGuard:
        """Knows what must not be repeated."""
        return KeyGuard([] if self.key is None else [self.key], self.profile.headers.values())


async def try_profile(
    house: House, actor: Actor, slug: str, *, key: str | None = None, deadlines: Deadlines = DEADLINES
) -> Trial:
    """How a profile's connection does, by its first key or by the one of that id, shown form or reference.

    Nothing is kept. Raises RoleTooLow, NotFound, Conflict, MasterKeyMismatch.
    """
    require(actor, Role.MEMBER)
    async with house.database.read() as connection:
        profile = await find_profile(connection, actor.organisation_id, slug)
    provider = house.providers.get(profile.provider)
    if provider is None:
        raise Conflict(f"this version knows no provider {profile.provider}")
    if key is not None:
        profile = replace(profile, secrets=(find_secret(profile, key),))
    case = _Case(profile, provider, None, None, None, deadlines)
    if provider.supervised:
        return await _tried(house, case)
    try:
        ((secret, text), *_) = house.credentials.keys_of(profile) or ((None, None),)
    except KeyMissing:
        missing = " and ".join(label(secret) for secret in profile.secrets)
        return _told(case, None, Diagnosis("key_missing", {"reference": missing}))
    called = None if secret is None else label(secret)
    return await _tried(house, replace(case, secret=secret, key=text, called=called))


async def try_new_profile(house: House, actor: Actor, wanted: NewProfile, *, deadlines: Deadlines = DEADLINES) -> Trial:
    """How the connection of a profile would do that is not stored; it is not stored now either.

    Raises RoleTooLow, BadRequest, Forbidden.
    """
    require(actor, Role.ADMIN)
    provider = provider_named(wanted.provider, house.providers)
    draft = profile_draft(actor, provider, wanted)
    word = key_word(wanted.key, wanted.key_env)
    case = _Case(_unstored(draft, house.clock()), provider, None, None, None, deadlines)
    if word is None:
        return await _tried(house, case)
    if word.reference is None:
        called = None if word.text is None else shown(word.text)
        return await _tried(house, replace(case, key=word.text, called=called))
    check_reference(actor, provider, draft.base_url, word.reference, house.credentials)
    text = house.credentials.leads_to(word.reference)
    if text is None:
        return _told(case, None, Diagnosis("key_missing", {"reference": word.reference}))
    return await _tried(house, replace(case, key=text, called=word.reference))


def _unstored(draft: ProfileDraft, now: datetime) -> Profile:
    return Profile(
        id=NIL,
        organisation_id=draft.organisation_id,
        slug=draft.slug,
        provider=draft.provider,
        name=draft.name,
        base_url=draft.base_url,
        headers=draft.headers,
        organisation_header=draft.organisation_header,
        region=draft.region,
        notes=draft.notes,
        origin=draft.origin,
        allow_private=draft.allow_private,
        position=0,
        revision=0,
        secrets=(),
        created_at=now,
        updated_at=now,
    )


async def _tried(house: House, case: _Case) -> Trial:
    try:
        line = _line(house, case)
    except KeyMissing:
        return _told(case, None, Diagnosis("key_needed"))
    except OwnTrouble as error:
        starting = error.code in {"engine_starting", "engine_failed"}
        return _told(case, None, of_error(error) if starting else of_wrong_profile(error))
    first, *others = questions(line)
    trial = await _asked(house, case, line, first)
    for question in others:
        if trial.ok:
            checked = await _asked(house, case, line, question)
            trial = trial if checked.ok else checked
    return trial


def _line(house: House, case: _Case) -> Line:
    if case.provider.supervised:
        return house.lines.line_of(case.profile, case.provider)
    return house.lines.new_line(case.profile, case.provider, case.secret, case.key)


async def _asked(house: House, case: _Case, line: Line, question: Question) -> Trial:
    begun, seen = time.perf_counter(), None
    try:
        seen = await ask(house, question, case.deadlines)
        found = _read(case, question, seen)
    except ModelhallError as error:
        found = of_error(error)
    latency = int((time.perf_counter() - begun) * 1000)
    found = await second_look(house, question, found, case.deadlines, line.private_allowed)
    trial = _told(case, question, found, seen, latency)
    return _with_answer(trial, case.guard, found, seen)


def _read(case: _Case, question: Question, seen: Seen) -> Diagnosis:
    if question.lists:
        return of_list(seen, case.provider) if seen.status == 200 else of_refusal(seen, with_key=case.key is not None)
    found = of_refusal(seen, with_key=case.key is not None)
    # An empty question is refused by whoever took the key: it is not about the connection any more.
    taken = found.cause == "request_refused" or (found.cause == "wrong_path" and _about_a_model(seen))
    if seen.status == 200 or taken or (question.only_key and found.cause not in KEY_CAUSES):
        return Diagnosis()
    return found


KEY_CAUSES = frozenset({"key_refused", "key_not_allowed", "no_credit", "region", "key_needed"})


def _about_a_model(seen: Seen) -> bool:
    return "model" in seen.words or "deployment" in seen.words


def _with_answer(trial: Trial, guard: KeyGuard, found: Diagnosis, seen: Seen | None) -> Trial:
    """The test with what the server said, as far as it gives no key away."""
    names = [model.id for model in found.models or ()]
    return replace(
        trial,
        models=tuple(name for name in names[:MOST_NAMES] if not guard.gives_away(name)),
        model_count=None if found.models is None else len(names),
        provider_says=None if seen is None or trial.ok else guard.words_of(seen.body),
    )


def _told(
    case: _Case, question: Question | None, found: Diagnosis, seen: Seen | None = None, latency: int | None = None
) -> Trial:
    """The finding in words."""
    facts = _facts(case, question, found, seen)
    cause = None if found.cause is None else CAUSES[found.cause]
    return Trial(
        ok=cause is None,
        cause=found.cause,
        says=_well(found, latency) if cause is None else filled(cause.says, facts),
        next=None if cause is None else filled(cause.next, facts),
        address=None if question is None else question.url,
        key=case.called,
        latency_ms=latency,
        status=None if seen is None else seen.status,
        retry_after_s=found.retry_after_s,
    )


def _well(found: Diagnosis, latency: int | None) -> str:
    count = "" if found.models is None else f" with {len(found.models):,} models"
    return f"It answers{count}, in {latency} ms."


def _facts(case: _Case, question: Question | None, found: Diagnosis, seen: Seen | None) -> dict[str, str]:
    provider, links = case.provider, case.provider.links
    endpoint, path = (Endpoint("https", "", 443, False), "/") if question is None else endpoint_of(question.url)
    return {
        "title": provider.title,
        "profile": case.profile.slug,
        "status": "" if seen is None else str(seen.status),
        "host": endpoint.host,
        "place": f"{endpoint.host}:{endpoint.port}",
        "origin": endpoint.origin,
        "path": path.partition("?")[0],
        "example": provider.base_url_hint or provider.origin or "",
        "keys_page": links.keys or "the vendor's page of keys",
        "status_page": links.status or "the vendor's status page",
        "docs_page": links.docs or "the vendor's pages",
        "hint": "",
        "target": "" if seen is None else _target(case, seen),
        "words": "",
        "reference": "",
        **found.facts,
    }


def _target(case: _Case, seen: Seen) -> str:
    place = case.guard.safe(seen.headers.get("location", "").partition("?")[0])
    return "" if place is None else f", to {place}"
