"""Makes a call ready for its target: address, key and the few changes to its body, each noted for the receipt."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from yarl import URL

from modelhall.dialects.dialect import Change, Reader
from modelhall.domain.errors import BadRequest, OwnTrouble
from modelhall.domain.library import Profile
from modelhall.gateway.call import Call, Target
from modelhall.gateway.credentials import Credentials
from modelhall.gateway.engine import Engine
from modelhall.gateway.hold import DEFAULT_OUTPUT, Hold
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
        self._private_addresses = frozenset(private_addresses)
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

    def keep_only(self, profile_ids: Iterable[str]) -> None:
        """Forgets the lines of profiles that are gone, with the keys in them."""
        for gone in self._lines.keys() - set(profile_ids):
            del self._lines[gone]

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
        return f"{url.host}:{url.port}" in self._private_addresses


def prepare(call: Call, target: Target, held: Hold, lines: Lines, attempt_id: str) -> Prepared:
    """The request for this target.

    Raises KeyMissing, EngineStarting, EngineFailed, MasterKeyMismatch, DialectNotSpoken.
    """
    line = lines.line_of(target.profile, target.provider)
    request = request_for(line.target, call.dialect, call.headers)
    change, receipt = _change(call, target, held)
    return Prepared(
        url=request.url,
        headers={**dict(request.headers), ATTEMPT_HEADER: attempt_id},
        body=call.dialect.rewrite(call.body, change),
        private_allowed=line.private_allowed,
        reader=call.dialect.reader(call.ask, target.provider.reads_usage.get(call.dialect)),
        receipt=receipt,
    )


def _change(call: Call, target: Target, held: Hold) -> tuple[Change, dict[str, str]]:
    model = target.model
    receipt = {} if call.ask.model == model.model_id else {"model": model.model_id}
    asks_usage = call.ask.stream and not call.ask.wants_usage and target.provider.stream_usage == "option"
    if asks_usage:
        receipt["usage"] = "asked for on the caller's behalf, so that the call can be metered"
    limit = held.output_limit
    if limit is not None:
        receipt["output_limit"] = f"{limit}: what the budget has left"
    elif call.dialect.NEEDS_OUTPUT_LIMIT and call.ask.output_limit is None and call.ask.generates:
        limit = model.max_output or DEFAULT_OUTPUT
        receipt["output_limit"] = f"{limit}: the dialect requires one"
    change = Change(
        model=model.model_id,
        usage_option=asks_usage,
        output_limit=limit,
        output_limit_name=target.provider.output_limit_name if limit is not None else None,
    )
    return change, receipt
