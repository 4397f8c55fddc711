"""Requests to providers, made ready once per profile and key: address and headers of every dialect."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from modelhall.dialects.dialect import Dialect
from modelhall.domain.errors import BadRequest, DialectNotSpoken, KeyMissing
from modelhall.providers.addresses import url_of
from modelhall.providers.provider import Provider

Headers = tuple[tuple[str, str], ...]

# What belongs to the connection, or says who we are: nobody sets these by hand (RFC 9110, sections 7.2 and 7.6.1).
FORBIDDEN_HEADERS = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "cookie",
        "expect",
        "host",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


@dataclass(frozen=True, slots=True)
class UpstreamRequest:
    """Where a request goes, and its headers."""

    url: str
    headers: Headers = field(repr=False)


@dataclass(frozen=True, slots=True)
class UpstreamTarget:
    """One profile with one key, ready to be called."""

    provider: Provider
    requests: Mapping[str, UpstreamRequest] = field(repr=False)
    """By the name of the dialect."""


def target_of(
    provider: Provider,
    *,
    base_url: str | None = None,
    key: str | None = None,
    organisation: str | None = None,
    project: str | None = None,
    extra_headers: Iterable[tuple[str, str]] = (),
) -> UpstreamTarget:
    """All that is fixed for a profile and a key; keep it as long as both stay.

    Raises KeyMissing without a key where one is needed, BadRequest for a wrong base URL or header.
    """
    if key is None and not provider.key_optional and provider.auth != "none":
        names = " or ".join(provider.key_env)
        raise KeyMissing(f"{provider.title} needs a key" + (f"; it usually is in {names}." if names else "."))
    own = [
        ("content-type", "application/json"),
        *_key_header(provider, key),
        *((name, value) for name, value in _identity(provider, organisation, project)),
        *provider.headers,
    ]
    headers = _joined(own, [checked_header(name, value) for name, value in extra_headers])
    return UpstreamTarget(
        provider,
        MappingProxyType(
            {
                dialect.NAME: UpstreamRequest(url_of(provider, base_url, prefix + dialect.PATH), headers)
                for dialect, prefix in provider.speaks.items()
            }
        ),
    )


def request_for(target: UpstreamTarget, dialect: Dialect, caller_headers: Mapping[str, str]) -> UpstreamRequest:
    """The request of one call: what is fixed, and those of the caller's headers that the vendor understands.

    `caller_headers` has names in lower case. Raises DialectNotSpoken.
    """
    request = target.requests.get(dialect.NAME)
    if request is None:
        raise DialectNotSpoken(f"{target.provider.title} does not speak {dialect.NAME}.")
    passed = passed_on(target.provider, caller_headers)
    return UpstreamRequest(request.url, _joined(request.headers, passed)) if passed else request


def passed_on(provider: Provider, caller_headers: Mapping[str, str]) -> Headers:
    """Those of the caller's headers that the vendor understands; names are in lower case."""
    names = provider.passes_headers
    return tuple((name, value) for name in names if (value := caller_headers.get(name))) if names else ()


def discovery_request(target: UpstreamTarget, base_url: str | None) -> UpstreamRequest | None:
    """The request for the provider's list of models; `None` where it has none."""
    discovery = target.provider.discovery
    if discovery is None:
        return None
    headers = next(iter(target.requests.values())).headers
    return UpstreamRequest(url_of(target.provider, base_url, discovery.path), headers)


def checked_header(name: str, value: str) -> tuple[str, str]:
    """A header that a person set, its name in lower case. Raises BadRequest when it may not be set."""
    lower = name.strip().lower()
    if not _NAME.fullmatch(lower):
        raise BadRequest(f"{name[:60]!r} is not a header's name.", details={"param": "headers"})
    if lower in FORBIDDEN_HEADERS:
        raise BadRequest(f"The header {lower} is set by Modelhall itself.", details={"param": "headers"})
    if not _VALUE.fullmatch(value):
        raise BadRequest(f"The value of the header {lower} holds a character that is not allowed.")
    return lower, value.strip()


def _key_header(provider: Provider, key: str | None) -> Headers:
    if key is None or provider.auth == "none":
        return ()
    if not key or any(ord(letter) <= 32 or ord(letter) > 126 for letter in key):
        raise BadRequest("The key holds a blank or a character that no key has.", details={"param": "key"})
    return (("authorization", f"Bearer {key}"),) if provider.auth == "bearer" else ((provider.auth, key),)


def _identity(provider: Provider, organisation: str | None, project: str | None) -> Headers:
    wanted = ((provider.organisation_header, organisation), (provider.project_header, project))
    return tuple(checked_header(name, value) for name, value in wanted if name and value)


def _joined(first: Iterable[tuple[str, str]], second: Iterable[tuple[str, str]]) -> Headers:
    """Both, the second winning where names are the same."""
    return tuple({name: value for name, value in (*first, *second)}.items())
