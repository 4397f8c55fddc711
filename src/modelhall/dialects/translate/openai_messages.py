"""Writes turns as messages of OpenAI's chat completions."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from modelhall.dialects.parameters import ParameterFacts
from modelhall.dialects.translate.notes import Notes
from modelhall.dialects.translate.order import words_of
from modelhall.domain.errors import BadRequest
from modelhall.domain.messages import (
    Conversation,
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

FORMAT = "anthropic-claude-v1"
"""How `reasoning_details` names proofs that only Anthropic can check (OpenRouter, reasoning tokens, read 2026-11)."""

_UNNAMED = "document.pdf"


class Messages:
    """The messages of one conversation, as they are written one after another."""

    __slots__ = ("_facts", "_notes", "written")

    def __init__(self, facts: ParameterFacts, notes: Notes) -> None:
        self._facts = facts
        self._notes = notes
        self.written: list[dict[str, Any]] = []

    def system(self, words: Sequence[Text]) -> None:
        """The system's words as one message; without marks for the cache they are one text."""
        if words:
            content: str | list[dict[str, Any]] = words_of(words, "\n")
            if "cache_control" in self._facts.takes and any(text.cache for text in words):
                content = [self._part(text) for text in words]
            self.written.append({"role": "system", "content": content})

    def turn(self, turn: Turn) -> None:
        """One turn: a message, with one before it for each result of a tool. Raises BadRequest."""
        if turn.role == "system":
            self.system([part for part in turn.parts if isinstance(part, Text)])
        elif turn.role == "assistant":
            self._assistant(turn.parts)
        else:
            moved: list[dict[str, Any]] = []
            for part in turn.parts:
                if isinstance(part, ToolResult):
                    moved += self._result(part)
            said = [part for part in turn.parts if not isinstance(part, ToolResult)]
            if moved or said:
                self.written.append({"role": "user", "content": self._content(moved, said)})

    def _assistant(self, parts: Sequence[Part]) -> None:
        message: dict[str, Any] = {"role": "assistant"}
        said = [part for part in parts if isinstance(part, Text | Refusal)]
        calls = [part for part in parts if isinstance(part, ToolCall)]
        if said or calls:
            message["content"] = "".join(part.text for part in said) if said else None
        if calls:
            message["tool_calls"] = [call_of(call) for call in calls]
        self._thoughts([part for part in parts if isinstance(part, Reasoning | HiddenReasoning)], message)
        if len(message) > 1:
            message.setdefault("content", "")
            self.written.append(message)

    def _thoughts(self, thoughts: Sequence[Reasoning | HiddenReasoning], message: dict[str, Any]) -> None:
        if not thoughts:
            return
        takes = self._facts.takes
        words = "\n".join(thought.text for thought in thoughts if isinstance(thought, Reasoning))
        if "reasoning_content" in takes and words:
            message["reasoning_content"] = words
        if "reasoning_details" in takes:
            message["reasoning_details"] = details_of(thoughts)
        elif "reasoning_content" not in takes:
            self._notes.drop("messages.thinking")

    def _result(self, result: ToolResult) -> list[dict[str, Any]]:
        """Writes a result, and gives what of it must stand in the user's own message."""
        media = [part for part in result.parts if not isinstance(part, Text)]
        words = words_of(result.parts, "\n")
        if result.error:
            self._notes.change("messages.is_error", "told in the words of the result")
            words = words if words.lower().startswith("error") else f"Error: {words}"
        content: str | list[dict[str, Any]] = words
        moved: list[dict[str, Any]] = []
        if media and self._facts.tool_images:
            content = [self._part(part) for part in result.parts]
        elif media:
            self._notes.change("messages.tool_result", "pictures and documents of tools stand in the user's message")
            moved = [{"type": "text", "text": f"Of the tool call {result.id}:"}, *map(self._part, media)]
        self.written.append({"role": "tool", "tool_call_id": result.id, "content": content})
        return moved

    def _content(self, moved: list[dict[str, Any]], said: Sequence[Part]) -> str | list[dict[str, Any]]:
        if not moved and len(said) == 1 and isinstance(said[0], Text) and not self._marked(said[0].cache):
            return said[0].text
        return [*moved, *map(self._part, said)]

    def _part(self, part: Part) -> dict[str, Any]:
        if isinstance(part, Image):
            url = part.url if part.url is not None else f"data:{part.media_type};base64,{part.data}"
            written: dict[str, Any] = {"type": "image_url", "image_url": {"url": url}}
        elif isinstance(part, Document):
            written = self._document(part)
        elif isinstance(part, Text):
            written = {"type": "text", "text": part.text}
        else:
            raise BadRequest(
                f"`messages` hold {type(part).__name__} in a turn of the user.", details={"param": "messages"}
            )
        cache = part.cache
        if cache is not None and self._marked(cache):
            written["cache_control"] = msgspec.Raw(cache)
        return written

    def _document(self, part: Document) -> dict[str, Any]:
        """A file; a plain text goes as text, because chat completions take files of few kinds only."""
        told = [words for words in (part.title, part.context) if words]
        if part.url is not None:
            raise BadRequest(
                "`messages` hold a document by its address; the model that was found takes only the document itself.",
                details={"param": "messages"},
            )
        if part.text is not None:
            self._notes.change("messages.document", "sent as text")
            return {"type": "text", "text": "\n\n".join((*told, part.text))}
        if part.context is not None:
            self._notes.drop("messages.document.context")
        name = part.title or _UNNAMED
        return {"type": "file", "file": {"filename": name, "file_data": f"data:{part.media_type};base64,{part.data}"}}

    def _marked(self, cache: Json | None) -> bool:
        return cache is not None and "cache_control" in self._facts.takes


def call_of(call: ToolCall) -> dict[str, Any]:
    """A tool call, whose arguments are JSON within a text."""
    function = {"name": call.name, "arguments": call.arguments.decode()}
    return {"id": call.id, "type": "function", "function": function}


def details_of(thoughts: Iterable[Reasoning | HiddenReasoning]) -> list[dict[str, Any]]:
    """Thoughts with their proofs, in the field that clients send back as they got it."""
    details: list[dict[str, Any]] = []
    for index, thought in enumerate(thoughts):
        if isinstance(thought, HiddenReasoning):
            detail: dict[str, Any] = {"type": "reasoning.encrypted", "data": thought.data}
        else:
            detail = {"type": "reasoning.text", "text": thought.text}
            if thought.signature is not None:
                detail["signature"] = thought.signature
        details.append({**detail, "format": FORMAT, "index": index})
    return details


def cache_marks(asked: Conversation) -> bool:
    """Whether anything is marked for the cache."""
    return any(part.cache is not None for part in _marked_parts(asked))


def _marked_parts(asked: Conversation) -> Iterator[Any]:
    yield from asked.system
    yield from asked.tools
    for turn in asked.turns:
        for part in turn.parts:
            if isinstance(part, Text | Image | Document | ToolCall | ToolResult):
                yield part
            if isinstance(part, ToolResult):
                yield from part.parts
