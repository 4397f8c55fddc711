"""Ollama on the owner's machines."""

from collections.abc import Mapping
from typing import Any, cast

from modelhall.providers.lists import count, date_of, entries_of, models_of, named
from modelhall.providers.provider import DiscoveredModel, Discovery, Links, Provider, anthropic_at, openai_at

PORT = 11434


def read_tags(body: bytes) -> tuple[DiscoveredModel, ...]:
    """The installed models with their size; what a model can do is told only when asked for one by one."""
    return models_of(entries_of(body, "models"), _model)


def host_address(text: str) -> str | None:
    """The address in `OLLAMA_HOST`: scheme, port and even the host may be left out, as with Ollama's own client.

    A server that listens everywhere (`0.0.0.0`) is called on loopback.
    """
    scheme, _, rest = text.strip().strip("\"'").rpartition("://")
    rest, _, path = rest.partition("/")
    if not rest and not scheme:
        return None
    host, port = _host_and_port(rest)
    usual = {"http": 80, "https": 443}.get(scheme, PORT)
    host = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "[::]": "[::1]"}.get(host, host)  # noqa: S104
    address = f"{scheme or 'http'}://{host}:{port or usual}"
    return f"{address}/{path.strip('/')}" if path.strip("/") else address


def _host_and_port(text: str) -> tuple[str, int | None]:
    if text.startswith("["):
        host, _, port = text.partition("]")
        host, port = f"{host}]", port.removeprefix(":")
    elif text.count(":") > 1:
        return f"[{text}]", None
    else:
        host, _, port = text.partition(":")
    return host, int(port) if port.isdecimal() and 0 < int(port) < 65536 else None


def _base_url(environment: Mapping[str, str]) -> str | None:
    return host_address(environment.get("OLLAMA_HOST", ""))


def _model(entry: Mapping[str, Any]) -> DiscoveredModel:
    held = entry.get("details")
    details = cast("dict[str, Any]", held) if isinstance(held, dict) else {}
    size = str(details.get("parameter_size") or "").strip()
    return DiscoveredModel(
        id=named({"id": entry.get("model") or entry.get("name")}),
        name=f"{named(entry)} ({size})" if size else None,
        created=date_of(entry.get("modified_at")),
        size_bytes=count(entry, "size"),
    )


PROVIDER = Provider(
    name="ollama",
    title="Ollama",
    origin="http://127.0.0.1:11434",
    # The Anthropic shape is in newer versions only (docs.ollama.com, Anthropic compatibility, read 2026-11).
    speaks={**openai_at("/v1", completions=True), **anthropic_at("/v1")},
    key_optional=True,
    base_url_of=_base_url,
    base_url_has_path=False,
    base_url_hint="http://127.0.0.1:11434",
    discovery=Discovery("/api/tags", read_tags, needs_key=False),
    links=Links(docs="https://docs.ollama.com/api/openai-compatibility"),
    free=True,
    # Its own cloud stands behind these names (docs.ollama.com/cloud, read 2026-11-20).
    hands_on=r".*[:-]cloud",
    local=True,
)
