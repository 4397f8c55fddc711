"""Writes turns as messages of Anthropic's dialect."""

import re
from typing import Any

import msgspec

from modelhall.dialects.translate.notes import Notes
from modelhall.domain.errors import BadRequest
from modelhall.domain.messages import (
    Document,
    HiddenReasoning,
    Image,
    Json,
    Part,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
    Turn,
)

# What Anthropic takes as the id of a tool call; some vendors make ids such as `functions.search:0`.
_ID = re.compile(r"[a-zA-Z0-9_-]{1,128}")
_NOT_ID = re.compile(r"[^a-zA-Z0-9_-]")


def with_cache(block: dict[str, Any], cache: Json | None) -> dict[str, Any]:
    """The block with its mark for the cache."""
    if cache is not None:
        block["cache_control"] = msgspec.Raw(cache)
    return block


class Blocks:
    """Writes the messages of one conversation, in which an id of a call is the same wherever it stands."""

    __slots__ = ("_ids", "_notes", "_used")

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._ids: dict[str, str] = {}
        self._used: set[str] = set()

    def message(self, turn: Turn) -> dict[str, Any]:
        """One message. Raises BadRequest for a part that the dialect does not have."""
        parts = turn.parts
        if len(parts) == 1 and isinstance(parts[0], Text) and parts[0].cache is None:
            return {"role": turn.role, "content": parts[0].text}
        blocks = [block for part in parts if (block := self._block(part)) is not None]
        return {"role": turn.role, "content": blocks}

    def _block(self, part: Part) -> dict[str, Any] | None:
        if isinstance(part, Text):
            # An empty block is refused.
            return with_cache({"type": "text", "text": part.text}, part.cache) if part.text else None
        if isinstance(part, Image):
            return _image(part)
        if isinstance(part, Document):
            return _document(part)
        if isinstance(part, ToolCall):
            block = {"type": "tool_use", "id": self._id(part.id), "name": part.name}
            return with_cache({**block, "input": msgspec.Raw(part.arguments)}, part.cache)
        if isinstance(part, ToolResult):
            return self._result(part)
        return self._thought(part)

    def _thought(self, part: Part) -> dict[str, Any] | None:
        if isinstance(part, Reasoning):
            if part.signature:
                return {"type": "thinking", "thinking": part.text, "signature": part.signature}
            # Thoughts without the vendor's signature are refused; they are another model's.
            self._notes.drop("messages.reasoning_content")
            return None
        if isinstance(part, HiddenReasoning):
            return {"type": "redacted_thinking", "data": part.data}
        if isinstance(part, Refusal):
            return {"type": "text", "text": part.text}
        raise BadRequest(
            "`messages` hold a recording; the model that was found cannot listen.", details={"param": "messages"}
        )

    def _result(self, part: ToolResult) -> dict[str, Any]:
        block: dict[str, Any] = {"type": "tool_result", "tool_use_id": self._id(part.id)}
        if len(part.parts) == 1 and isinstance(part.parts[0], Text) and part.parts[0].cache is None:
            block["content"] = part.parts[0].text
        else:
            block["content"] = [inner for each in part.parts if (inner := self._block(each)) is not None]
        if part.error:
            block["is_error"] = True
        return with_cache(block, part.cache)

    def _id(self, name: str) -> str:
        """The id as Anthropic takes it; two that differ stay two."""
        found = self._ids.get(name)
        if found is not None:
            return found
        found = name
        if not _ID.fullmatch(name):
            self._notes.change("messages.tool_calls.id", "letters that the model does not take are `_`")
            found = _NOT_ID.sub("_", name)[:120] or "_"
        while found in self._used:
            found += "_"
        self._used.add(found)
        self._ids[name] = found
        return found


def _image(part: Image) -> dict[str, Any]:
    source: dict[str, Any] = {"type": "url", "url": part.url}
    if part.url is None:
        source = {"type": "base64", "media_type": part.media_type, "data": part.data}
    return with_cache({"type": "image", "source": source}, part.cache)


def _document(part: Document) -> dict[str, Any]:
    source: dict[str, Any] = {"type": "base64", "media_type": part.media_type, "data": part.data}
    if part.url is not None:
        source = {"type": "url", "url": part.url}
    elif part.text is not None:
        source = {"type": "text", "media_type": "text/plain", "data": part.text}
    block: dict[str, Any] = {"type": "document", "source": source}
    if part.title is not None:
        block["title"] = part.title
    if part.context is not None:
        block["context"] = part.context
    return with_cache(block, part.cache)
