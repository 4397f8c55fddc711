"""What is asked of a LangChain chat model, whichever vendor it was written for."""
# pyright: reportMissingImports=false

from collections.abc import Callable
from typing import Any

from langchain_core.messages import HumanMessage, SystemMessage, ToolMessage

from tests.sdks.clients.facts import CITY, HELLO, PNG, SCHEMA, Facts, Hall, caught, usage

Chat = Callable[..., Any]
ASK: Any = [SystemMessage("Be brief."), HumanMessage(HELLO)]
TOOL: Any = {"name": "weather", "description": "Tells it", "parameters": CITY}
PICTURE: Any = [
    {"type": "text", "text": "What is it?"},
    {"type": "image", "base64": PNG, "mime_type": "image/png"},
]


def on_profile(hall: Hall, chat: Chat, profile: str) -> Facts:
    talk = chat(f"{profile}/talk").invoke(ASK)
    streamed = summed(chat(f"{profile}/talk").stream(ASK))
    parallel = chat(f"{profile}/parallel").bind_tools([TOOL])
    schema = {"title": "place", "description": "A place", **SCHEMA}
    return {
        "text": said(talk),
        "usage": counted(talk),
        "streamed": said(streamed),
        "streamed_usage": counted(streamed),
        "schema": chat(f"{profile}/json").with_structured_output(schema, method="json_schema").invoke(ASK),
        "tools": calls(chat(f"{profile}/tools").bind_tools([TOOL]).invoke(ASK)),
        "parallel": calls(parallel.invoke(ASK)),
        "streamed_parallel": calls(summed(parallel.stream(ASK))),
        "after_tools": after_tools(parallel),
        "picture": said(chat(f"{profile}/image").invoke([HumanMessage(PICTURE)])),
        "cut": cut(chat(hall.own("cut").format(profile))),
        "errors": hall.raised(profile, lambda model, key: chat(model, key).invoke(ASK)),
    }


def said(message: Any) -> str:
    content = message.content
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


def summed(stream: Any) -> Any:
    """The pieces of a stream, added up the way LangChain does it."""
    first, *more = stream
    for piece in more:
        first += piece
    return first


def counted(message: Any) -> Facts:
    told = message.usage_metadata
    return usage(
        told["input_tokens"], told.get("input_token_details", {}).get("cache_read") or 0, told["output_tokens"]
    )


def calls(message: Any) -> Any:
    return [[call["name"], call["args"]] for call in message.tool_calls]


def after_tools(model: Any) -> str:
    """What the model says when the results of its calls were sent back."""
    message = model.invoke(ASK)
    results = [
        ToolMessage(f"{number} degrees", tool_call_id=call["id"]) for number, call in enumerate(message.tool_calls, 20)
    ]
    return said(model.invoke([*ASK, message, *results]))


def cut(model: Any) -> Facts:
    seen: list[str] = []

    def ask() -> None:
        seen.extend(said(piece) for piece in model.stream(ASK))

    return {**caught(ask), "before": "".join(seen)}
