"""Messages and tools of Anthropic's messages, read into the domain's words."""

from collections.abc import Iterable

from modelhall.dialects.translate.fields import Fields, as_text, is_text, items_of
from modelhall.dialects.translate.openai_parts import is_json_object
from modelhall.domain.messages import (
    Document,
    HiddenReasoning,
    Image,
    Part,
    Reasoning,
    Role,
    Text,
    Tool,
    ToolCall,
    ToolResult,
    Turn,
)

_ROLES: dict[str, Role] = {"system": "system", "user": "user", "assistant": "assistant"}


def turns_of(messages: Iterable[Fields], extra: list[str]) -> list[Turn]:
    """The turns, one for each message; what is left over is named in `extra`. Raises BadRequest."""
    turns: list[Turn] = []
    for message in messages:
        role = message.needed("role")
        if role not in _ROLES:
            raise message.fault("role", f"cannot be {role[:40]!r}: it can be user or assistant")
        turns.append(Turn(_ROLES[role], tuple(content_of(message, extra))))
        extra += message.rest_names()
    return turns


def content_of(holder: Fields, extra: list[str], name: str = "content") -> list[Part]:
    """The blocks of a message or of a tool's result; a text stands for a single block."""
    raw = holder.raw(name)
    if raw is None:
        return []
    where, label = f"{holder.where}.{name}" if holder.where else name, f"{holder.label}.{name}".removeprefix(".")
    if is_text(raw):
        return [Text(as_text(raw, where))]
    parts: list[Part] = []
    for block in items_of(raw, where, label):
        parts += _block(block, extra)
        extra += block.rest_names()
    return parts


def tools_of(tools: Iterable[Fields], extra: list[str]) -> tuple[Tool, ...]:
    """The caller's own tools. Raises BadRequest for tools that run at Anthropic or that only its models know."""
    found: list[Tool] = []
    for tool in tools:
        kind = tool.text("type") or "custom"
        if kind != "custom":
            raise tool.fault("type", f"cannot be {kind[:40]!r}: only tools of your own can be translated")
        found.append(
            Tool(
                name=tool.needed("name"),
                description=tool.text("description"),
                parameters=tool.json("input_schema"),
                strict=tool.flag("strict"),
                cache=tool.json("cache_control"),
            )
        )
        extra += tool.rest_names()
    return tuple(found)


def _block(block: Fields, extra: list[str]) -> list[Part]:
    """What a block says; a document may be a list of blocks itself."""
    kind = block.needed("type")
    if kind == "text":
        # Citations of an earlier answer only repeat where its words came from.
        return [Text(block.needed("text"), block.json("cache_control"))]
    if kind == "image":
        return [_image(block)]
    if kind == "document":
        return _document(block, extra)
    if kind == "thinking":
        return [Reasoning(block.text("thinking") or "", block.text("signature") or None)]
    if kind == "redacted_thinking":
        return [HiddenReasoning(block.needed("data"))]
    if kind == "tool_use":
        return [call_of(block)]
    if kind == "tool_result":
        return [_result(block, extra)]
    raise block.fault("type", f"cannot be {kind[:40]!r}: the model that was found speaks another dialect")


def _image(block: Fields) -> Image:
    source, kind = _source(block)
    cache = block.json("cache_control")
    if kind == "url":
        return Image(url=source.needed("url"), cache=cache)
    if kind == "base64":
        return Image(media_type=source.needed("media_type"), data=source.needed("data"), cache=cache)
    raise source.fault("type", f"cannot be {kind[:40]!r}: it can be base64 or url")


def _document(block: Fields, extra: list[str]) -> list[Part]:
    source, kind = _source(block)
    citations = block.inner("citations")
    if citations is not None and citations.flag("enabled"):
        raise block.fault("citations", "cannot be asked of the model that was found")
    title, context, cache = block.text("title"), block.text("context"), block.json("cache_control")
    if kind == "content":
        told = [Text(words) for words in (title, context) if words]
        return [*told, *content_of(source, extra)]
    if kind == "text":
        return [Document(text=source.needed("data"), title=title, context=context, cache=cache)]
    if kind == "url":
        return [Document(url=source.needed("url"), title=title, context=context, cache=cache)]
    if kind == "base64":
        media_type, data = source.needed("media_type"), source.needed("data")
        return [Document(media_type=media_type, data=data, title=title, context=context, cache=cache)]
    raise source.fault("type", f"cannot be {kind[:40]!r}: it can be base64, url, text or content")


def _source(block: Fields) -> tuple[Fields, str]:
    source = block.inner("source")
    if source is None:
        raise block.fault("source", "is missing")
    kind = source.needed("type")
    if kind == "file":
        raise source.fault("type", "names a file that only its own vendor has; send the file itself")
    return source, kind


def call_of(block: Fields) -> ToolCall:
    """The call of a tool, with its input as it was written."""
    arguments = block.raw("input")
    raw = b"{}" if arguments is None else bytes(arguments)
    is_json_object(raw, f"{block.where}.input")
    # Calls by other programs than the model are no part of what is translated; the model's own are marked `direct`.
    block.skip("caller")
    return ToolCall(block.needed("id"), block.needed("name"), raw, block.json("cache_control"))


def _result(block: Fields, extra: list[str]) -> ToolResult:
    parts = content_of(block, extra)
    given = tuple(part for part in parts if isinstance(part, Text | Image | Document))
    if len(given) != len(parts):
        raise block.fault("content", "holds something that a tool's result cannot hold")
    error = bool(block.flag("is_error"))
    return ToolResult(block.needed("tool_use_id"), given, error, block.json("cache_control"))
