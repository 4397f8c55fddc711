"""Messages and tools of OpenAI's chat completions, read into the domain's words."""

from collections.abc import Iterable

import msgspec

from modelhall.dialects.bodies import parsed
from modelhall.dialects.translate.fields import Fields, as_text, is_text, items_of
from modelhall.domain.errors import BadRequest
from modelhall.domain.messages import (
    Audio,
    Document,
    HiddenReasoning,
    Image,
    Part,
    Reasoning,
    Refusal,
    Role,
    Text,
    Tool,
    ToolCall,
    ToolResult,
    Turn,
)

_ROLES: dict[str, Role] = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}
_IS_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_NO_ARGUMENTS = b"{}"
_OUR_PROOFS = "anthropic"


def turns_of(messages: Iterable[Fields], extra: list[str]) -> list[Turn]:
    """The turns, one for each message; what is left over is named in `extra`. Raises BadRequest."""
    turns: list[Turn] = []
    for message in messages:
        role = message.needed("role")
        if role == "tool":
            turns.append(Turn("user", (_result(message, extra),)))
        elif role in _ROLES:
            parts = assistant_parts(message, extra) if role == "assistant" else _content(message, extra)
            turns.append(Turn(_ROLES[role], tuple(parts)))
        else:
            raise message.fault("role", f"cannot be {role[:40]!r}: the model that was found speaks another dialect")
        extra += message.rest_names()
    return turns


def assistant_parts(message: Fields, extra: list[str]) -> list[Part]:
    """What an assistant's message holds: reasoning first, then words, then calls."""
    for old in ("function_call", "audio"):
        if old in message:
            raise message.fault(old, "cannot be translated for the model that was found")
    parts = reasoning_of(message, extra)
    parts += _content(message, extra)
    if refusal := message.text("refusal"):
        parts.append(Refusal(refusal))
    parts += [_call(call, extra) for call in message.items("tool_calls")]
    return parts


def reasoning_of(message: Fields, extra: list[str]) -> list[Part]:
    """Reasoning as it is sent back: `reasoning_details` holds the proofs, `reasoning_content` or `reasoning` the text.

    Pieces of a stream that a client merely collected are put together by their index. Proofs that another vendor than
    the dialects of the house know can check are left out.
    """
    text = message.text("reasoning_content") or message.text("reasoning")
    message.skip("reasoning_content", "reasoning")
    found: dict[tuple[str, int | None], tuple[str, str | None, str]] = {}
    for at, detail in enumerate(message.items("reasoning_details")):
        kind, index = detail.text("type") or "", detail.whole("index")
        if not (detail.text("format") or _OUR_PROOFS).startswith(_OUR_PROOFS):
            extra.append(f"{message.label}.reasoning_details")
            continue
        key = (kind, at if index is None else index)
        before = found.get(key, ("", None, ""))
        words = detail.text("text") or detail.text("summary") or ""
        found[key] = (before[0] + words, detail.text("signature") or before[1], before[2] + (detail.text("data") or ""))
    return _thoughts(text, found)


def _thoughts(text: str | None, found: dict[tuple[str, int | None], tuple[str, str | None, str]]) -> list[Part]:
    parts: list[Part] = []
    for (kind, _), (words, signature, data) in found.items():
        if kind == "reasoning.encrypted":
            parts.append(HiddenReasoning(data))
        elif words or signature:
            parts.append(Reasoning(words, signature))
    if text and not any(isinstance(part, Reasoning) and part.text for part in parts):
        signature = next((part.signature for part in parts if isinstance(part, Reasoning)), None)
        parts = [Reasoning(text, signature), *(part for part in parts if not isinstance(part, Reasoning))]
    return parts


def tools_of(tools: Iterable[Fields], extra: list[str]) -> tuple[Tool, ...]:
    """The functions. Raises BadRequest for tools of another kind."""
    found: list[Tool] = []
    for tool in tools:
        kind = tool.text("type") or "function"
        function = tool.inner("function")
        if kind != "function" or function is None:
            raise tool.fault("type", f"cannot be {kind[:40]!r}: only functions can be translated")
        found.append(
            Tool(
                name=function.needed("name"),
                description=function.text("description"),
                parameters=function.json("parameters"),
                strict=function.flag("strict"),
                cache=tool.json("cache_control"),
            )
        )
        extra += (*tool.rest_names(), *function.rest_names())
    return tuple(found)


def arguments_of(text: str) -> bytes | None:
    """Arguments as a JSON object, as they were written; `None` where they are none."""
    raw = text.strip().encode() or _NO_ARGUMENTS
    try:
        _IS_OBJECT.decode(raw)
        msgspec.json.decode(raw)
    except (ValueError, RecursionError):
        return None
    return raw


def _call(call: Fields, extra: list[str]) -> ToolCall:
    kind = call.text("type") or "function"
    function = call.inner("function")
    if kind != "function" or function is None:
        raise call.fault("type", f"cannot be {kind[:40]!r}: only calls of functions can be translated")
    arguments = arguments_of(function.text("arguments") or "")
    if arguments is None:
        raise function.fault("arguments", "is not a JSON object")
    call.skip("index")
    found = ToolCall(call.needed("id"), function.needed("name"), arguments, call.json("cache_control"))
    extra += (*call.rest_names(), *function.rest_names())
    return found


def _result(message: Fields, extra: list[str]) -> ToolResult:
    parts = _content(message, extra)
    given = tuple(part for part in parts if isinstance(part, Text | Image | Document))
    if len(given) != len(parts):
        raise message.fault("content", "holds something that a tool's result cannot hold")
    return ToolResult(message.needed("tool_call_id"), given, cache=message.json("cache_control"))


def _content(message: Fields, extra: list[str]) -> list[Part]:
    raw = message.raw("content")
    if raw is None:
        return []
    where, label = f"{message.where}.content", f"{message.label}.content"
    if is_text(raw):
        return [Text(as_text(raw, where), message.json("cache_control"))]
    parts: list[Part] = []
    for part in items_of(raw, where, label):
        parts.append(_part(part, extra))
        extra += part.rest_names()
    return parts


def _part(part: Fields, extra: list[str]) -> Part:
    kind = part.needed("type")
    if kind == "text":
        return Text(part.needed("text"), part.json("cache_control"))
    if kind == "image_url":
        return _image(part, extra)
    if kind == "file":
        return _file(part, extra)
    if kind == "refusal":
        return Refusal(part.needed("refusal"))
    sound = part.inner("input_audio")
    if kind == "input_audio" and sound is not None:
        return Audio(sound.needed("data"), sound.text("format") or "")
    raise part.fault("type", f"cannot be {kind[:40]!r}: the model that was found speaks another dialect")


def _image(part: Fields, extra: list[str]) -> Image:
    raw = part.peek("image_url")
    if raw is not None and is_text(raw):
        # Not OpenAI's way, but that of several libraries.
        url, place = part.needed("image_url"), part.where
    else:
        inner = part.inner("image_url")
        if inner is None:
            raise part.fault("image_url", "is missing")
        url, place = inner.needed("url"), inner.where
        extra += inner.rest_names()
    cache = part.json("cache_control")
    if not url.startswith("data:"):
        return Image(url=url, cache=cache)
    media_type, data = _base64_of(url, place)
    return Image(media_type=media_type, data=data, cache=cache)


def _file(part: Fields, extra: list[str]) -> Document:
    inner = part.inner("file")
    if inner is None:
        raise part.fault("file", "is missing")
    if "file_id" in inner:
        raise inner.fault("file_id", "names a file that only its own vendor has; send the file itself in `file_data`")
    url, title = inner.needed("file_data"), inner.text("filename")
    cache = part.json("cache_control")
    extra += inner.rest_names()
    if url.startswith(("http://", "https://")):
        return Document(url=url, title=title, cache=cache)
    if not url.startswith("data:"):
        # OpenAI's examples also show the bare base64 of a PDF.
        return Document(media_type="application/pdf", data=url, title=title, cache=cache)
    media_type, data = _base64_of(url, inner.where)
    return Document(media_type=media_type, data=data, title=title, cache=cache)


def _base64_of(url: str, place: str) -> tuple[str, str]:
    """Type and payload of a `data:` address. Raises BadRequest for one that is not base64."""
    head, comma, data = url[len("data:") :].partition(",")
    media_type, *parameters = head.split(";")
    if not comma or "base64" not in parameters:
        raise BadRequest(f"`{place}`: a data address must be base64.", details={"param": place})
    return media_type, data


def is_json_object(raw: bytes, where: str) -> None:
    """Raises BadRequest when a value is not a JSON object."""
    parsed(_IS_OBJECT, raw, where)
