"""Where a call goes: a provider's own address, or the base URL that a person or a variable gave."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from modelhall.domain.errors import BadRequest
from modelhall.providers.provider import Provider


@dataclass(frozen=True, slots=True)
class BaseUrl:
    """A base URL taken apart: `origin` is scheme, host and port; `path` starts with a slash or is empty."""

    origin: str
    path: str


def parsed_base_url(text: str) -> BaseUrl:
    """A base URL as a person wrote it. Raises BadRequest when it is none, or carries what must not be in one."""
    plain = text.strip()
    if any(ord(letter) <= 32 or letter == "\\" for letter in plain):
        raise _bad(text, "it holds a blank, a control character or a backslash")
    try:
        parts = urlsplit(plain)
        host, port = parts.hostname, parts.port
    except ValueError as exc:
        raise _bad(text, "it cannot be read") from exc
    if parts.scheme not in {"http", "https"}:
        raise _bad(text, "it must start with https:// or http://")
    if not host:
        raise _bad(text, "it has no host")
    if parts.username is not None or parts.password is not None:
        raise _bad(text, "it must not hold a name or password; give the key as a key")
    if parts.query or parts.fragment:
        raise _bad(text, "it must not have a part after ? or #")
    host = f"[{host}]" if ":" in host else host
    origin = f"{parts.scheme}://{host}" + (f":{port}" if port is not None else "")
    return BaseUrl(origin, parts.path.rstrip("/"))


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
    return BadRequest(f"{text[:200]!r} is not a base URL: {why}.", details={"param": "base_url"})
