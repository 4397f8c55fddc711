"""Which provider an address belongs to, and what a profile for it is called."""

import re
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from modelhall.catalog.hosts import Hosts
from modelhall.domain.errors import BadRequest
from modelhall.gateway.connector import is_private
from modelhall.providers.addresses import parsed_base_url
from modelhall.providers.provider import Provider

_NOT_SLUG = re.compile(r"[^a-z0-9._-]+")
_ENDINGS = ("/chat/completions", "/completions", "/messages")
MOST_SLUG = 60


def plain_address(given: str) -> str:
    """The address as profiles keep it, without the path of a call. Raises ValueError, without repeating the address."""
    try:
        parsed = parsed_base_url(given)
    except BadRequest as error:
        raise ValueError(error.message.rpartition("is not a base URL: ")[2].rstrip(".")) from None
    path = parsed.path
    for ending in _ENDINGS:
        path = path.removesuffix(ending)
    return parsed.origin + path


def provider_at(address: str, providers: Mapping[str, Provider]) -> Provider | None:
    """The vendor that answers at the host of this address; `None` for a server of one's own."""
    hosts = {host: each.name for each in providers.values() if not each.supervised for host in each.hosts}
    found = Hosts(hosts).provider(urlsplit(address).hostname or "")
    return providers.get(found or "")


def own_address(provider: Provider, address: str) -> str | None:
    """`None` where it is the provider's own, so that the profile needs none; else the address."""
    parsed = parsed_base_url(address)
    usual = {"", *(path.rstrip("/") for path in provider.speaks.values())}
    return None if parsed.origin == provider.origin and parsed.path in usual else address


def wish_of(provider: Provider, address: str | None) -> str:
    """A telling id for a profile: the provider with its region or resource, or the host of a server of one's own."""
    if address is None:
        return provider.name
    parts = urlsplit(address)
    host = parts.hostname or ""
    for pattern in provider.hosts:
        found = re.fullmatch("([a-z0-9-]+)".join(map(re.escape, pattern.split("*"))), host)
        if found is not None and found.groups():
            return slugged(f"{provider.name}-{found[1]}")
    if provider.hosts or provider.local:
        return provider.name
    return slugged(f"{host}-{parts.port}" if parts.port else host) or provider.name


def slugged(words: str) -> str:
    """The words as an id; empty when nothing of them can be one."""
    return _NOT_SLUG.sub("-", words.strip().lower()).strip("._-")[:MOST_SLUG].rstrip("._-")


def looks_private(address: str) -> bool:
    """Whether it names a private place: by number, or by a name without a dot, as containers do."""
    host = urlsplit(address).hostname or ""
    try:
        return is_private(ip_address(host))
    except ValueError:
        return "." not in host or host.endswith((".local", ".internal", ".localhost"))
