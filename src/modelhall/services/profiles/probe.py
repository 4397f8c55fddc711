"""The questions of a connection test, how they are asked, and the second look where the first leaves a doubt."""

import ssl
from dataclasses import dataclass, field, replace

from modelhall.dialects.dialect import Dialect
from modelhall.domain.errors import ModelhallError, ProviderUnreachable
from modelhall.gateway.outgoing import Endpoint, endpoint_of, request_to
from modelhall.gateway.prepare import Line
from modelhall.gateway.upstream import Deadlines
from modelhall.providers.addresses import url_of
from modelhall.providers.prepare import Headers
from modelhall.services.house import House
from modelhall.services.profiles.diagnosis import Diagnosis, Seen, dialect_of

DEADLINES = Deadlines(connect=5, first_byte=10, idle=10, total=15)
MOST_BYTES = 4 * 1024 * 1024
EMPTY = b'{"model":"","messages":[],"max_tokens":1}'
"""Nobody answers this, so it costs nothing; but whoever refuses it has first looked at the key."""


@dataclass(frozen=True, slots=True)
class Question:
    """One request of a test."""

    url: str
    headers: Headers = field(repr=False)
    private_allowed: bool
    lists: bool
    """Whether the answer is a list of models."""
    only_key: bool = False
    """Whether it only asks if the key is taken, because the list is open to all."""


def questions(line: Line) -> list[Question]:
    """What a profile's server is asked: for its list, or, where it has none or shows it to all, an empty question."""
    provider, base = line.target.provider, line.profile.base_url if line.engine is None else line.engine.origin
    dialect, request = next((each, line.target.requests[each.NAME]) for each in provider.speaks)
    empty = Question(request.url, request.headers, line.private_allowed, lists=False)
    if provider.discovery is None:
        return [empty]
    plain = tuple((name, value) for name, value in request.headers if name != "content-type")
    listing = Question(url_of(provider, base, provider.discovery.path), plain, line.private_allowed, lists=True)
    open_to_all = not provider.discovery.needs_key and not provider.key_optional
    return [listing, replace(empty, only_key=True)] if open_to_all and _generates(dialect) else [listing]


def _generates(dialect: Dialect) -> bool:
    return dialect.NAME in {"openai_chat", "anthropic_messages"}


async def ask(house: House, question: Question, deadlines: Deadlines) -> Seen:
    """The answer. Raises ProviderError and below, DeadlineExceeded, AddressNotAllowed."""
    body = None if question.lists else EMPTY
    request = request_to(question.url, dict(question.headers), body, private_allowed=question.private_allowed)
    async with house.upstream.send(request, deadlines) as answer:
        if answer.status == 200:
            answer.refuse_coding()
        try:
            body = await answer.whole(MOST_BYTES)
        except ModelhallError:
            if answer.status == 200:
                raise
            body = b""  # the status says enough
        return Seen(answer.status, dict(answer.headers), body)


async def second_look(
    house: House, question: Question, found: Diagnosis, deadlines: Deadlines, private_allowed: bool
) -> Diagnosis:
    """The same finding, or a better one: which language is spoken there, and where the list is. No key is sent."""
    endpoint, _ = endpoint_of(question.url, private_allowed=private_allowed)
    if endpoint.scheme == "http" and found.cause in {"hung_up", "not_http", "too_slow"}:
        return Diagnosis("http_at_https") if await _speaks_tls(house, endpoint, deadlines) else found
    if endpoint.scheme == "https" and found.cause in {"tls_failed", "no_connection", "too_slow"}:
        plain = await _keyless(house, endpoint._replace(scheme="http"), "/", deadlines)
        return Diagnosis("https_at_http") if plain is not None else found
    if found.cause in {"wrong_path", "not_a_list"}:
        return await _other_path(house, endpoint, found, deadlines)
    return found


async def _other_path(house: House, endpoint: Endpoint, found: Diagnosis, deadlines: Deadlines) -> Diagnosis:
    for path in ("/api/tags", "/v1/models"):
        seen = await _keyless(house, endpoint, path, deadlines)
        if seen is None or seen.is_page:
            continue
        if path == "/v1/models" and seen.status in {200, 401}:
            hint = f" There is a list at {endpoint.origin}/v1."
            return replace(found, facts={**found.facts, "hint": hint})
        if seen.status == 200 and _is_ollamas(seen):
            return Diagnosis("other_dialect", {"speaks": "Ollama", "suggestion": "ollama"})
    return found


def _is_ollamas(seen: Seen) -> bool:
    try:
        return dialect_of(seen.json) == "ollama"
    except ValueError:
        return False


async def _keyless(house: House, endpoint: Endpoint, path: str, deadlines: Deadlines) -> Seen | None:
    """What is answered there to somebody without a key; `None`: nothing."""
    place = f"[{endpoint.host}]" if ":" in endpoint.host else endpoint.host
    url = f"{endpoint.scheme}://{place}:{endpoint.port}{path}"
    try:
        return await ask(house, Question(url, (), endpoint.private_allowed, lists=True), deadlines)
    except ModelhallError:
        return None


async def _speaks_tls(house: House, endpoint: Endpoint, deadlines: Deadlines) -> bool:
    """Whether TLS is spoken there, with whatever certificate."""
    pools, secure = house.upstream.pools, endpoint._replace(scheme="https")
    try:
        wire = await pools.connect(secure, deadlines.connect, pools.loop.time() + deadlines.connect)
    except ProviderUnreachable as error:
        return isinstance(error.__cause__, ssl.SSLCertVerificationError)
    except ModelhallError:
        return False
    wire.abort()
    return True
