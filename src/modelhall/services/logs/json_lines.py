"""One event, one line of JSON, with secrets taken out; on a terminal, plain words for people."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

SECRET_NAMES = re.compile(r"(?i)(authorization|api[-_]?key|token|secret|password|cookie|master[-_]?key|digest|pepper)")
SECRET_SHAPES = re.compile(
    r"mh_[0-9A-Za-z]{8,}"
    r"|\b(?:sk|pk|rk|gsk|xai|hf|nvapi|ghp|AIza|pplx|key)[-_][0-9A-Za-z_-]{8,}"
    r"|(?i:bearer\s+)[^\s\"']+"
    r"|(?i:link=)[^\s\"'&]+"
    r"|(?<=://)[^/\s:@]+:[^@\s/]+(?=@)"
)
HIDDEN = "[hidden]"

Event = MutableMapping[str, Any]


def write_json_lines(level: str, stream: TextIO = sys.stderr, **more: object) -> None:
    """Sends everything that is logged in this process to `stream`, each event with what is in `more`.

    Can be called again with another level.
    """

    def with_more(_logger: Any, _method: str, event: Event) -> Event:
        return {**event, **more}

    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        with_more,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _without_secrets,
    ]
    last = structlog.dev.ConsoleRenderer() if stream.isatty() else structlog.processors.JSONRenderer()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for chatty in ("asyncio", "aiosqlite", "alembic", "sqlalchemy", "uvicorn"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, root.level))


def redacted(value: Any) -> Any:
    """The value without secrets: by the names they go under, and by the shapes they have."""
    if isinstance(value, str):
        return SECRET_SHAPES.sub(HIDDEN, value)
    if isinstance(value, dict):
        return {name: HIDDEN if SECRET_NAMES.search(str(name)) else redacted(inner) for name, inner in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(value, list | tuple):
        return [redacted(inner) for inner in value]  # pyright: ignore[reportUnknownVariableType]
    return value


def _without_secrets(logger: Any, method: str, event: Event) -> Event:
    hidden = {name: HIDDEN if SECRET_NAMES.search(name) else redacted(value) for name, value in event.items()}
    event.clear()
    event.update(hidden)
    return event
