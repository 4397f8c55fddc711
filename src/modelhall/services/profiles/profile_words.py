"""What a person may set of a profile, checked the same way when it is added and when it is edited."""

from collections.abc import Mapping

from modelhall.domain.errors import BadRequest
from modelhall.providers.addresses import parsed_base_url, url_of
from modelhall.providers.prepare import checked_header
from modelhall.providers.provider import Provider
from modelhall.services.words import slug, wrong

MOST_HEADERS = 30
MOST_HEADER = 4000
KEY_HEADERS = frozenset({"authorization", "x-api-key", "api-key", "x-goog-api-key"})


def checked_base_url(provider: Provider, base_url: str | None) -> str | None:
    """The base URL in its plain form, or none where the provider has an address of its own. Raises BadRequest."""
    if base_url is None or not base_url.strip():
        url_of(provider, None, "/")
        return None
    if len(base_url) > 2000:
        raise wrong("base_url", "it is longer than 2,000 characters")
    parsed = parsed_base_url(base_url)
    return parsed.origin + parsed.path


def checked_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers to send along, with names in lower case. Raises BadRequest."""
    if len(headers) > MOST_HEADERS or any(len(name) + len(value) > MOST_HEADER for name, value in headers.items()):
        raise wrong("headers", f"at most {MOST_HEADERS} headers of {MOST_HEADER:,} characters each")
    checked = dict(checked_header(name, value) for name, value in headers.items())
    if held := KEY_HEADERS & checked.keys():
        raise BadRequest(
            f"headers: {', '.join(sorted(held))} carries a key; give it as the profile's key, it is sealed then"
        )
    return checked


def checked_label(text: str | None, field: str) -> str | None:
    """A label such as `production` or `eu`, in small letters, or none. Raises BadRequest."""
    return slug(text.strip().lower(), field) if text and text.strip() else None
