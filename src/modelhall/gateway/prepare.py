"""Makes a call ready for its target: address, key and the few changes to its body, each noted for the receipt."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import cast

from modelhall.dialects.dialect import Change, Dialect, Reader
from modelhall.dialects.parameters import apply_parameters
from modelhall.dialects.translate.bridge import Bridge
from modelhall.dialects.translate.expects import Envelope
from modelhall.domain.errors import BadRequest, OwnTrouble
from modelhall.domain.library import Profile, Secret
from modelhall.gateway.call import Call, Target
from modelhall.gateway.credentials import Credentials
from modelhall.gateway.engine import Engine, EngineAddress
from modelhall.gateway.health import Way
from modelhall.gateway.hide_keys import KeyGuard
from modelhall.gateway.hold import DEFAULT_OUTPUT, Hold
from modelhall.gateway.outgoing import FixedHead, Request, endpoint_of, fixed_head, header_line, posted
from modelhall.gateway.snapshot import Snapshot
from modelhall.providers.prepare import Headers, UpstreamTarget, passed_on, request_for, target_of
from modelhall.providers.provider import Provider

ATTEMPT_HEADER = "x-client-request-id"
"""Tells the provider our id of the attempt, so that a question to its support can name it (OpenAI's API reference)."""

MOST_HEADS = 64
"""Kept per profile: one for each dialect and choice of the caller's headers."""
LONGEST_HEAD = 4096


@dataclass(slots=True)
class Prepared:
    """What is sent, and who reads the answer. Not frozen: one is made for each attempt."""

    outgoing: Request
    reader: Reader
    receipt: Mapping[str, str]
    """What the house changed, and why."""
    dropped: tuple[str, ...] = ()
    """Fields of the caller that could not be carried."""


@dataclass(frozen=True, slots=True)
class Line:
    """How a profile's server is reached, by one of its keys."""

    profile: Profile
    secret: Secret | None
    """The key; `None`: the server asks for none."""
    target: UpstreamTarget
    private_allowed: bool
    engine: EngineAddress | None = None
    heads: dict[tuple[str, Headers], FixedHead] = field(
        default_factory=dict[tuple[str, Headers], FixedHead], repr=False
    )
    """By the dialect's name and the caller's headers that are handed on."""
    ways: dict[str, Way] = field(default_factory=dict[str, Way], repr=False)
    """By library model id."""

    def way_to(self, model_id: str) -> Way:
        """What stands for this model by this key in the record of how targets do."""
        way = self.ways.get(model_id)
        if way is None:
            way = self.ways[model_id] = Way(self.profile.id, self.secret_id, model_id)
        return way

    def head(self, dialect: Dialect, caller_headers: Mapping[str, str]) -> FixedHead:
        """What is the same in all such requests. Raises DialectNotSpoken, BadRequest for a bad header of the caller."""
        key = (dialect.NAME, passed_on(self.target.provider, caller_headers))
        head = self.heads.get(key)
        if head is None:
            fixed = request_for(self.target, dialect, caller_headers)
            head = fixed_head("POST", fixed.url, fixed.headers, private_allowed=self.private_allowed)
            if len(self.heads) >= MOST_HEADS:
                self.heads.clear()
            if len(head.lines) <= LONGEST_HEAD:
                self.heads[key] = head
        return head

    def guard(self) -> KeyGuard:
        """What knows the key and the profile's own headers again, where the provider repeats them."""
        plain = {"content-type", *(name.lower() for name, _ in self.target.provider.headers)}
        headers = next(iter(self.target.requests.values())).headers
        return KeyGuard((), (value.removeprefix("Bearer ") for name, value in headers if name not in plain))

    @property
    def secret_id(self) -> str:
        """The key's id; empty where there is none."""
        return "" if self.secret is None else self.secret.id


class Lines:
    """What is fixed for each profile: address and headers, with the key in them; made when a call needs it."""

    def __init__(self, credentials: Credentials, engine: Engine, private_addresses: Iterable[str]) -> None:
        self._credentials = credentials
        self._engine = engine
        self._private_places = frozenset(map(_place, private_addresses))
        self._lines: dict[str, tuple[Line, ...]] = {}

    def lines_of(self, profile: Profile, provider: Provider) -> tuple[Line, ...]:
        """The lines to a profile's server, one for each key, at least one.

        Raises KeyMissing, EngineStarting, EngineFailed, MasterKeyMismatch, OwnTrouble.
        """
        engine = self._engine.address() if provider.supervised else None
        lines = self._lines.get(profile.id)
        if lines is None or lines[0].profile is not profile or lines[0].engine != engine:
            if engine is not None:
                lines = (_engine_line(profile, provider, engine),)
            else:
                keys = self._credentials.keys_of(profile) or ((None, None),)
                lines = tuple(self.new_line(profile, provider, secret, key) for secret, key in keys)
            self._lines[profile.id] = lines
        return lines

    def line_of(self, profile: Profile, provider: Provider) -> Line:
        """The first of `lines_of`."""
        return self.lines_of(profile, provider)[0]

    def keep_only(self, snapshot: Snapshot) -> None:
        """Forgets the lines of profiles that are not as they were, with the keys in them."""
        living = {id(target.profile) for library in snapshot.libraries.values() for target in library.targets.values()}
        self._lines = {name: lines for name, lines in self._lines.items() if id(lines[0].profile) in living}

    def forget(self) -> None:
        """Forgets all of them, with the keys in them: some key is another now."""
        self._lines = {}

    def new_line(self, profile: Profile, provider: Provider, secret: Secret | None, key: str | None) -> Line:
        """A line by this key, which is not kept. Raises KeyMissing, OwnTrouble."""
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
        return Line(profile, secret, target, profile.allow_private or self._is_named(target))

    def _is_named(self, target: UpstreamTarget) -> bool:
        """Whether the operator named this address himself."""
        endpoint, _ = endpoint_of(next(iter(target.requests.values())).url)
        return (endpoint.host, str(endpoint.port)) in self._private_places


def _engine_line(profile: Profile, provider: Provider, engine: EngineAddress) -> Line:
    return Line(profile, None, target_of(provider, base_url=engine.origin, key=engine.api_key), True, engine)


def _place(address: str) -> tuple[str, str]:
    """Host and port of `host:port` as the operator wrote it; an IPv6 address may stand in brackets."""
    host, _, port = address.strip().lower().rpartition(":")
    return host.removeprefix("[").removesuffix("]"), port


def prepare(call: Call, target: Target, line: Line, held: Hold, attempt_id: str) -> Prepared:
    """The request for this target, in the target's own dialect. The call is `completed` for it.

    Raises DialectNotSpoken; BadRequest for what cannot be carried into the target's dialect without another meaning.
    """
    way = target.way_from(call.dialect)
    spoken = call.dialect if way is None else way.target
    head = line.head(spoken, call.headers)
    change, receipt = _change(call, target, held.output_limit, spoken)
    carry = _own if way is None else _carried
    body, reader, dropped, changes = carry(call, target, change)
    if call.added or changes or dropped:
        receipt = {**receipt, **_both(call.added, changes), **dict.fromkeys(dropped, "dropped")}
    return Prepared(posted(head, header_line(ATTEMPT_HEADER, attempt_id), body), reader, receipt, dropped)


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
    return Rehearsed(spoken.NAME, {**receipt, **_both(call.added, changes)}, dropped)


def _both(added: Mapping[str, str], changes: Mapping[str, str]) -> dict[str, str]:
    """What was added, and what became of it then."""
    return {**added, **{name: f"{added[name]}; {word}" if name in added else word for name, word in changes.items()}}


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
    if limit is not None and call.output_limit is not None and call.output_limit < limit:
        limit = None
    if limit is not None:
        receipt["output_limit"] = f"{limit}: what the budget has left"
    elif spoken.NEEDS_OUTPUT_LIMIT and call.output_limit is None and call.ask.generates:
        limit = model.max_output or DEFAULT_OUTPUT
        receipt["output_limit"] = f"{limit}: the dialect requires one"
    change = Change(
        model=model.model_id,
        usage_option=asks_usage,
        output_limit=limit,
        output_limit_name=target.provider.output_limit_name,
    )
    return change, receipt
