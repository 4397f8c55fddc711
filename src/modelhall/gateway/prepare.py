"""Makes a call ready for its target: address, key and the few changes to its body, each noted for the receipt."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import cast

from yarl import URL

from modelhall.dialects.dialect import Change, Dialect, Reader
from modelhall.dialects.parameters import apply_parameters
from modelhall.dialects.translate.bridge import Bridge
from modelhall.dialects.translate.expects import Envelope
from modelhall.domain.errors import BadRequest, OwnTrouble
from modelhall.domain.library import Profile
from modelhall.gateway.call import Call, Target
from modelhall.gateway.credentials import Credentials
from modelhall.gateway.engine import Engine
from modelhall.gateway.hold import DEFAULT_OUTPUT, Hold
from modelhall.gateway.snapshot import Snapshot
from modelhall.providers.prepare import UpstreamTarget, request_for, target_of
from modelhall.providers.provider import Provider

ATTEMPT_HEADER = "x-client-request-id"
"""Tells the provider our id of the attempt, so that a question to its support can name it (OpenAI's API reference)."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is sent, and who reads the answer."""

    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    private_allowed: bool
    reader: Reader
    receipt: Mapping[str, str]
    """What the house changed, and why."""
    dropped: tuple[str, ...] = ()
    """Fields of the caller that could not be carried."""


@dataclass(frozen=True, slots=True)
class _Line:
    profile: Profile
    target: UpstreamTarget
    private_allowed: bool


class Lines:
    """What is fixed for each profile: address and headers, with the key in them; made when a call needs it."""

    def __init__(self, credentials: Credentials, engine: Engine, private_addresses: Iterable[str]) -> None:
        self._credentials = credentials
        self._engine = engine
        self._private_places = frozenset(map(_place, private_addresses))
        self._lines: dict[str, _Line] = {}

    def line_of(self, profile: Profile, provider: Provider) -> _Line:
        """The line to a profile's server. Raises KeyMissing, EngineStarting, EngineFailed, MasterKeyMismatch."""
        if provider.supervised:
            address = self._engine.address()
            return _Line(profile, target_of(provider, base_url=address.origin, key=address.api_key), True)
        line = self._lines.get(profile.id)
        if line is None or line.profile is not profile:
            line = self._lines[profile.id] = self._new_line(profile, provider)
        return line

    def keep_only(self, snapshot: Snapshot) -> None:
        """Forgets the lines of profiles that are not as they were, with the keys in them."""
        living = {id(target.profile) for library in snapshot.libraries.values() for target in library.targets.values()}
        self._lines = {name: line for name, line in self._lines.items() if id(line.profile) in living}

    def _new_line(self, profile: Profile, provider: Provider) -> _Line:
        key = self._credentials.key_of(profile)
        try:
            target = target_of(
                provider,
                base_url=profile.base_url,
                key=key,
                organisation=profile.organisation_header,
                extra_headers=profile.headers.items(),
            )
        except BadRequest as error:  # bad is the profile here, not the caller's request
            raise OwnTrouble(f"profile {profile.slug} cannot be called: {error.message}") from error
        return _Line(profile, target, profile.allow_private or self._is_named(target))

    def _is_named(self, target: UpstreamTarget) -> bool:
        """Whether the operator named this address himself."""
        url = URL(next(iter(target.requests.values())).url, encoded=True)
        return (url.host or "", str(url.port)) in self._private_places


def _place(address: str) -> tuple[str, str]:
    """Host and port of `host:port` as the operator wrote it; an IPv6 address may stand in brackets."""
    host, _, port = address.strip().lower().rpartition(":")
    return host.removeprefix("[").removesuffix("]"), port


def prepare(call: Call, target: Target, held: Hold, lines: Lines, attempt_id: str) -> Prepared:
    """The request for this target, in the target's own dialect.

    Raises KeyMissing, EngineStarting, EngineFailed, MasterKeyMismatch, DialectNotSpoken; BadRequest for what cannot be
    carried into the target's dialect without another meaning.
    """
    line = lines.line_of(target.profile, target.provider)
    way = target.way_from(call.dialect)
    spoken = call.dialect if way is None else way.target
    request = request_for(line.target, spoken, call.headers)
    change, receipt = _change(call, target, held.output_limit, spoken)
    carry = _own if way is None else _carried
    body, reader, dropped, changes = carry(call, target, change)
    return Prepared(
        url=request.url,
        headers={**dict(request.headers), ATTEMPT_HEADER: attempt_id},
        body=body,
        private_allowed=line.private_allowed,
        reader=reader,
        receipt={**receipt, **changes, **dict.fromkeys(dropped, "dropped")},
        dropped=dropped,
    )


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What would be done to a request on its way to a target."""

    dialect: str
    """The one in which the target would be asked."""
    changes: Mapping[str, str]
    dropped: tuple[str, ...]


def rehearse(call: Call, target: Target, output_limit: int | None) -> Rehearsed:
    """What `prepare` would do, without key and address. Raises BadRequest for what cannot be carried."""
    way = target.way_from(call.dialect)
    spoken = call.dialect if way is None else way.target
    change, receipt = _change(call, target, output_limit, spoken)
    _, _, dropped, changes = (_own if way is None else _carried)(call, target, change)
    return Rehearsed(spoken.NAME, {**receipt, **changes}, dropped)


_Carried = tuple[bytes, Reader, tuple[str, ...], Mapping[str, str]]
"""Body, reader of the answer, names of what was dropped, what was changed and how."""


def _own(call: Call, target: Target, change: Change) -> _Carried:
    """In the caller's own dialect: bytes pass, and only what must change changes."""
    body = call.dialect.rewrite(call.body, change)
    reader = call.dialect.reader(call.ask, target.provider.reads_usage.get(call.dialect))
    applied = apply_parameters(body, target.facts, call.dialect.NAME)
    return applied.body, reader, applied.dropped, applied.changes


def _carried(call: Call, target: Target, change: Change) -> _Carried:
    """Translated on the way there and back."""
    way = cast(Bridge, target.way_from(call.dialect))
    translated = way.request(call.body, change, target.facts)
    envelope = Envelope(call.ask.model or target.model.public_name, call.id, int(time.time()))
    reader = way.reader(call.ask, translated.expects, envelope, target.provider.reads_usage.get(way.target))
    return translated.body, reader, translated.dropped, {"dialect": way.target.NAME, **translated.changes}


def _change(call: Call, target: Target, limit: int | None, spoken: Dialect) -> tuple[Change, dict[str, str]]:
    model = target.model
    receipt = {} if call.ask.model == model.model_id else {"model": model.model_id}
    wants_usage = call.ask.wants_usage and spoken is call.dialect
    asks_usage = call.ask.stream and not wants_usage and target.provider.stream_usage == "option"
    if asks_usage:
        receipt["usage"] = "asked for on the caller's behalf, so that the call can be metered"
    if limit is not None:
        receipt["output_limit"] = f"{limit}: what the budget has left"
    elif spoken.NEEDS_OUTPUT_LIMIT and call.ask.output_limit is None and call.ask.generates:
        limit = model.max_output or DEFAULT_OUTPUT
        receipt["output_limit"] = f"{limit}: the dialect requires one"
    change = Change(
        model=model.model_id,
        usage_option=asks_usage,
        output_limit=limit,
        output_limit_name=target.provider.output_limit_name,
    )
    return change, receipt
