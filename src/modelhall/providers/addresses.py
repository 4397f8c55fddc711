"""Where a call goes: a provider's own address, or the base URL that a person or a variable gave."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

from modelhall.domain.errors import BadRequest
from modelhall.providers.provider import Provider


@dataclass(frozen=True, slots=True)
class BaseUrl:
    """A base URL taken apart: `origin` is scheme, host and port; `path` starts with a slash or is empty."""

    origin: str
    path: str


_PLACE = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z._-]+)(?::(?P<port>[1-9][0-9]{0,4}))?")
_LABEL = re.compile(r"[0-9a-z_](?:[0-9a-z_-]{0,61}[0-9a-z_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
"""A name that ends so is read as an IPv4 address by some, such as 127.1 and 0x7f000001."""
_USER = re.compile(r"//[^/]*@")
"""May hold a password, so it is not repeated."""
_UPWARDS = re.compile(r"/(?:\.|%2e){1,2}(?:/|$)", re.IGNORECASE)


def parsed_base_url(text: str) -> BaseUrl:
    """A base URL as a person wrote it. Raises BadRequest when it is none, or carries what must not be in one.

    What two readers of URLs could understand differently is refused: who checks and who connects must mean one host.
    """
    plain = text.strip()
    if any(ord(letter) <= 32 or letter == "\\" for letter in plain):
        raise _bad(text, "it holds a blank, a control character or a backslash")
    if not plain.isascii() or "\x7f" in plain:
        raise _bad(text, "it holds a character outside ASCII; write the host in its xn-- form, the path with %")
    try:
        parts = urlsplit(plain)
        _ = parts.port
    except ValueError as exc:
        raise _bad(text, "it cannot be read") from exc
    if parts.scheme not in {"http", "https"}:
        raise _bad(text, "it must start with https:// or http://")
    if not parts.hostname:
        raise _bad(text, "it has no host")
    if "@" in parts.netloc:
        raise _bad(text, "it must not hold a name or password; give the key as a key")
    if "?" in plain or "#" in plain:
        raise _bad(text, "it must not have a part after ? or #")
    if _UPWARDS.search(parts.path):
        raise _bad(text, "its path must not hold /./ or /../")
    return BaseUrl(f"{parts.scheme}://{_checked_place(text, parts.netloc)}", parts.path.rstrip("/"))


def _checked_place(text: str, place: str) -> str:
    """Host and port in their plain form. Raises BadRequest."""
    found = _PLACE.fullmatch(place)
    if found is None or int(found["port"] or 1) > 65535:
        raise _bad(text, "its host and port cannot be read; write host:port, with a port from 1 to 65535")
    host = found["host"].lower()
    port = f":{found['port']}" if found["port"] else ""
    if host.startswith("["):
        return f"[{_checked_v6(text, host[1:-1])}]{port}"
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        try:
            return f"{ip_address(host)}{port}"
        except ValueError as exc:
            raise _bad(text, "its host is no plain IP address, which has four decimal numbers") from exc
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise _bad(text, "its host is no name; write it without a dot at its end")
    return f"{host}{port}"


def _checked_v6(text: str, host: str) -> str:
    try:
        return IPv6Address(host).compressed
    except ValueError as exc:
        raise _bad(text, "its host is no IPv6 address") from exc


def url_of(provider: Provider, base_url: str | None, path: str) -> str:
    """The full address of `path`, which is told from the provider's own root, such as `/v1/models`.

    A base URL with a path is what its clients put before `/chat/completions`; a bare host gets the provider's own
    path. Raises BadRequest when the provider has no address of its own and none is given.
    """
    if base_url is None:
        if provider.origin is None:
            hint = f", such as {provider.base_url_hint}" if provider.base_url_hint else ""
            raise BadRequest(f"{provider.title} needs a base URL{hint}.", details={"param": "base_url"})
        return provider.origin + path
    base, usual = parsed_base_url(base_url), next(iter(provider.speaks.values()))
    if not base.path:
        return base.origin + path
    if usual and base.path.endswith(usual):
        return base.origin + base.path.removesuffix(usual) + path
    if provider.base_url_has_path and path.startswith(f"{usual}/"):
        return base.origin + base.path + path.removeprefix(usual)
    return base.origin + base.path + path


def base_url_in(provider: Provider, environment: Mapping[str, str]) -> str | None:
    """The base URL that the environment gives for this provider; `None` when it gives none."""
    named = (environment.get(name, "").strip() for name in provider.base_url_env)
    found = next((value for value in named if value), None)
    if found is None and provider.base_url_of is not None:
        found = provider.base_url_of(environment)
    return found


def key_name_in(provider: Provider, environment: Mapping[str, str]) -> str | None:
    """The name of the variable that holds this provider's key; `None` when none is set."""
    return next((name for name in provider.key_env if environment.get(name, "").strip()), None)


def _bad(text: str, why: str) -> BadRequest:
    shown = _USER.sub("//", text)[:200]
    return BadRequest(f"{shown!r} is not a base URL: {why}.", details={"param": "base_url"})
