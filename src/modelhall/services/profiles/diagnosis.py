"""What an answer or a failure of a connection test means: a cause by its code, with the facts of the case."""

import errno
import json
import re
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from modelhall.domain.errors import (
    AddressNotAllowed,
    BadRequest,
    DeadlineExceeded,
    EngineFailed,
    EngineStarting,
    KeyMissing,
    ModelhallError,
    OwnTrouble,
    ProviderBroke,
    ProviderCut,
    ProviderHungUp,
    ProviderUnreachable,
)
from modelhall.gateway.verdicts import retry_after
from modelhall.providers.provider import DiscoveredModel, Provider

WRONG_NAME = frozenset({62, 64})
"""OpenSSL's X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_IP_ADDRESS_MISMATCH."""
WRONG_TIME = frozenset({9, 10})
"""X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED."""
NO_WAY = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.EACCES, errno.EPERM})
NO_TLS = frozenset({"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG"})
# What vendors write where the status alone does not say it, in small letters (their error pages, read 2026-11).
REGION = re.compile(
    r"unsupported_country|unsupported_region|(country|region|location|territory)[^.]{0,40}(not supported|not available)"
    r"|not available in your (region|country)|not supported in your (region|country)"
)
CREDIT = re.compile(
    r"insufficient[ _](quota|balance|credit|funds)|credit balance|out of credits|no credits|exceeded_current_quota"
    r"|billing_not_active|billing_hard_limit|payment required|arrearage"
)
QUOTA = "exceeded your current quota"
"""Says that the money is used up, or, with a time to wait, that it was too much at once."""
KEY = re.compile(r"api key not valid|api_key_invalid|(invalid|incorrect)[ _]api[ _]?key|invalid x-api-key")
TLS_WANTED = re.compile(r"plain http request was sent to https port|http request to an https server")


@dataclass(frozen=True, slots=True)
class Seen:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def words(self) -> str:
        """The body as text in small letters, for looking into."""
        return self.body[:65536].decode("utf-8", "replace").lower()

    @property
    def is_page(self) -> bool:
        """Whether it is a page for people."""
        kind, start = self.headers.get("content-type", ""), self.body[:512].lstrip().lower()
        return "text/html" in kind or start.startswith((b"<!doctype html", b"<html"))

    @property
    def json(self) -> Any:
        """The body as JSON. Raises ValueError."""
        try:
            return json.loads(self.body)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What it means; no cause: all is well."""

    cause: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict[str, str])
    models: tuple[DiscoveredModel, ...] | None = None
    """`None`: not told."""
    retry_after_s: int | None = None


def of_error(error: ModelhallError) -> Diagnosis:
    """What a failure means that came before an answer. Raises the error again when the connection has no part in it."""
    if isinstance(error, ProviderUnreachable):
        return _unreachable(error)
    if isinstance(error, AddressNotAllowed):
        return Diagnosis("address_never" if error.details.get("reason") == "never" else "address_private")
    for kind, cause in _BY_KIND:
        if isinstance(error, kind):
            return Diagnosis(cause, {"words": error.message})
    raise error


_BY_KIND: tuple[tuple[type[ModelhallError], str], ...] = (
    (KeyMissing, "key_missing"),
    (EngineStarting, "engine_starting"),
    (EngineFailed, "engine_failed"),
    (DeadlineExceeded, "too_slow"),
    (ProviderHungUp, "hung_up"),
    (ProviderCut, "hung_up"),
    (ProviderBroke, "not_http"),
    (BadRequest, "profile_wrong"),
)


def of_wrong_profile(error: OwnTrouble) -> Diagnosis:
    """A profile from which no request can be made."""
    return Diagnosis("profile_wrong", {"words": error.message})


def _unreachable(error: ProviderUnreachable) -> Diagnosis:
    root = error.__cause__
    if isinstance(root, ssl.SSLCertVerificationError):
        return _certificate(root)
    if isinstance(root, ssl.SSLError):
        words = str(root.reason or "handshake failed").replace("_", " ").lower()
        return Diagnosis("https_at_http" if root.reason in NO_TLS else "tls_failed", {"words": words})
    if isinstance(root, socket.gaierror | UnicodeError):
        return Diagnosis("host_unknown")
    if isinstance(root, ConnectionRefusedError):
        return Diagnosis("refused")
    if isinstance(root, TimeoutError):
        return Diagnosis("no_connection")
    if isinstance(root, ConnectionError):
        return Diagnosis("tls_failed", {"words": "it closed the connection"})
    if isinstance(root, OSError) and root.errno in NO_WAY:
        return Diagnosis("no_way", {"words": str(root.strerror or "unreachable").lower()})
    return Diagnosis("profile_wrong" if root is None else "no_connection", {"words": error.message})


def _certificate(error: ssl.SSLCertVerificationError) -> Diagnosis:
    code, words = error.verify_code, {"words": str(error.verify_message)}
    return Diagnosis(
        "tls_name" if code in WRONG_NAME else "tls_expired" if code in WRONG_TIME else "tls_untrusted", words
    )


def of_refusal(seen: Seen, *, with_key: bool) -> Diagnosis:
    """What an answer other than 200 means."""
    wait = retry_after(seen.headers)
    facts = {"wait": f", for {wait} seconds" if wait else ""}
    return Diagnosis(_cause_of(seen, with_key=with_key, waits=wait is not None), facts, retry_after_s=wait)


def _cause_of(seen: Seen, *, with_key: bool, waits: bool) -> str:
    status, words = seen.status, seen.words
    if 300 <= status < 400:
        return "redirect"
    if status == 511 or (status in {200, 401, 403} and seen.is_page):
        return "login_page"
    if 400 <= status < 500 and (cause := _by_words(words, waits=waits, too_much=status == 429)):
        return cause
    if status >= 500 or status == 408:
        return "provider_trouble"
    if status == 401 and not with_key:
        return "key_needed"
    return _BY_STATUS.get(status, "request_refused")


def _by_words(words: str, *, waits: bool, too_much: bool) -> str | None:
    if TLS_WANTED.search(words):
        return "http_at_https"
    if REGION.search(words):
        return "region"
    if CREDIT.search(words) or (QUOTA in words and too_much and not waits):
        return "no_credit"
    return "key_refused" if KEY.search(words) else None


_BY_STATUS: Mapping[int, str] = {
    401: "key_refused",
    402: "no_credit",
    403: "key_not_allowed",
    404: "wrong_path",
    405: "wrong_path",
    410: "wrong_path",
    429: "rate_limited",
}


def of_list(seen: Seen, provider: Provider) -> Diagnosis:
    """What a list of models means that came with status 200, read as its provider's lists are."""
    if seen.is_page:
        return Diagnosis("login_page")
    try:
        answer = seen.json
    except ValueError:
        return Diagnosis("not_json")
    other = dialect_of(answer)
    if other is not None and not _speaks(provider, other):
        return Diagnosis("other_dialect", {"speaks": _TITLES[other], "suggestion": other})
    try:
        models = provider.discovery.read(seen.body) if provider.discovery else ()
    except ProviderBroke:
        return Diagnosis("not_a_list")
    return Diagnosis(None if models else "no_models", models=models)


_TITLES: Mapping[str, str] = {
    "ollama": "Ollama",
    "google": "Google Gemini",
    "anthropic-compatible": "Anthropic",
}


def dialect_of(answer: Any) -> str | None:
    """The provider whose own way of listing models this is; `None` for OpenAI's way and for what is no list."""
    if not isinstance(answer, dict):
        return None
    held = cast("dict[str, Any]", answer)
    own = _entries(held.get("models"))
    if own and all("digest" in each or "modified_at" in each for each in own):
        return "ollama"
    if own and all("supportedGenerationMethods" in each for each in own):
        return "google"
    data = _entries(held.get("data"))
    if data and "object" not in held and "has_more" in held and all(each.get("type") == "model" for each in data):
        return "anthropic-compatible"
    return None


def _entries(value: object) -> list[dict[str, Any]]:
    items = cast("list[object]", value) if isinstance(value, list) else []
    return [cast("dict[str, Any]", each) for each in items if isinstance(each, dict)]


def _speaks(provider: Provider, other: str) -> bool:
    """Whether this way of listing is the provider's own too."""
    if other == "anthropic-compatible":
        return any(dialect.NAME == "anthropic_messages" for dialect in provider.speaks)
    return provider.name.startswith(other)
