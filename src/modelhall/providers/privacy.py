"""What is known of a model's privacy, out of its three layers: its own evidence, its profile's, its provider's."""

import re
from datetime import date
from functools import lru_cache
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from modelhall.domain.library import Model, Profile
from modelhall.domain.privacy import Evidence, Fact, Facts, Privacy
from modelhall.providers.addresses import parsed_base_url
from modelhall.providers.provider import PrivacyFact, Provider

HOME = tuple(
    map(
        ip_network, ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7", "fe80::/10")
    )
)
"""Loopback, and the networks that are private by RFC 1918, RFC 4193 and RFC 4291."""
HOME_NAMES = (".localhost", ".local", ".lan", ".internal", ".home.arpa")
OWN = Evidence(True, "its server stands on a machine of the owner's", "nature")
HANDED_ON = Evidence(False, "its server hands this model on to a vendor", "nature")


def privacy_of(model: Model, profile: Profile, provider: Provider) -> Privacy:
    """All that is known of this model, the nearest first."""
    return Privacy(
        (model.privacy, profile.privacy, nature_of(model.model_id, profile, provider), told_of(profile, provider))
    )


def nature_of(model_id: str, profile: Profile, provider: Provider) -> Facts:
    """What follows from where the server is: an own one at an address of the owner's network is local."""
    if not provider.free or not (provider.supervised or is_home(profile.base_url or provider.origin)):
        return {}
    return {"local": HANDED_ON if provider.hands_on and re.fullmatch(provider.hands_on, model_id) else OWN}


def told_of(profile: Profile, provider: Provider) -> Facts:
    """What the vendor's own pages say; it says nothing of another server that is called in the vendor's way."""
    if not provider.privacy or (profile.base_url is not None and _origin(profile.base_url) != provider.origin):
        return {}
    return _read_facts(provider.privacy)


@lru_cache(256)
def _read_facts(privacy: tuple[PrivacyFact, ...]) -> dict[Fact, Evidence]:
    return {
        fact.subject: Evidence(
            fact.value, fact.says, "provider", address=fact.address, dated=date.fromisoformat(fact.read_on)
        )
        for fact in privacy
    }


@lru_cache(1024)
def is_home(address: str | None) -> bool:
    """Whether this is an address of the owner's own network, as far as it can be seen without asking anybody."""
    host = urlsplit(address or "").hostname or ""
    try:
        number = ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(HOME_NAMES) or ("." not in host and host != "")
    mapped = getattr(number, "ipv4_mapped", None)
    number = mapped or number
    return any(number in network for network in HOME if network.version == number.version)


@lru_cache(1024)
def _origin(base_url: str) -> str:
    return parsed_base_url(base_url).origin
