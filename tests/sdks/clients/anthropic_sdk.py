"""The official `anthropic` SDK, unmodified."""
# pyright: reportMissingImports=false

import json
from typing import Any

import anthropic

from tests.sdks.clients.facts import CITY, HELLO, LOCAL, PNG, SCHEMA, Facts, Hall, caught, main, usage

FORMAT: Any = {"format": {"type": "json_schema", "schema": SCHEMA}}
TOOLS: Any = [{"name": "weather", "description": "Tells it", "input_schema": CITY}]
ASK: Any = {"max_tokens": 100, "system": "Be brief.", "messages": [{"role": "user", "content": HELLO}]}


def facts(hall: Hall) -> Facts:
    client = anthropic.Anthropic(base_url=hall.address, api_key=hall.key, max_retries=0)
    bearer = anthropic.Anthropic(base_url=hall.address, auth_token=hall.key, max_retries=0)
    return {
        "models": [model.id for model in client.models.list()],
        "model": client.models.retrieve("claude/talk").id,
        "bearer": said(bearer.messages.create(model="claude/talk", **ASK)),
        "gpt": on_profile(hall, client, "gpt"),
        "claude": on_profile(hall, client, "claude"),
        "local": on_local(client),
        "counted": client.messages.count_tokens(model="claude/talk", messages=ASK["messages"]).input_tokens,
        "retried": retried(hall),
    }


def on_profile(hall: Hall, client: Any, profile: str) -> Facts:
    create = client.messages.create
    talk = create(model=f"{profile}/talk", **ASK)
    streamed = read(client, model=f"{profile}/talk", **ASK)
    return {
        "text": said(talk),
        "usage": counted(talk.usage),
        "streamed": streamed[0],
        "streamed_usage": counted(streamed[1]),
        "schema": json.loads(said(create(model=f"{profile}/json", **ASK, output_config=FORMAT))),
        "tools": calls(create(model=f"{profile}/tools", **ASK, tools=TOOLS)),
        "parallel": calls(create(model=f"{profile}/parallel", **ASK, tools=TOOLS)),
        "streamed_parallel": streamed_calls(client, f"{profile}/parallel"),
        "after_tools": after_tools(client, f"{profile}/parallel"),
        "picture": said(create(model=f"{profile}/image", max_tokens=100, messages=with_picture())),
        "cut": cut(client, hall.own("cut").format(profile)),
        "errors": hall.raised(
            profile, lambda model, key: client.with_options(api_key=key).messages.create(model=model, **ASK)
        ),
    }


def on_local(client: Any) -> Facts:
    steady: Any = {**ASK, "model": LOCAL, "max_tokens": 12, "extra_body": {"temperature": 0}}
    whole = client.messages.create(**steady)
    streamed, told = read(client, **steady)
    return {
        "text": said(whole),
        "usage": counted(whole.usage),
        "streamed": streamed,
        "streamed_usage": counted(told),
        "counted": client.messages.count_tokens(
            model=LOCAL, system=ASK["system"], messages=ASK["messages"]
        ).input_tokens,
    }


def said(message: Any) -> str:
    return "".join(block.text for block in message.content if block.type == "text")


def read(client: Any, **ask: Any) -> tuple[str, Any]:
    """The text of a stream, piece by piece, and the usage at its end."""
    with client.messages.stream(**ask) as stream:
        text = "".join(stream.text_stream)
        return text, stream.get_final_message().usage


def counted(told: Any) -> Facts:
    cached = told.cache_read_input_tokens or 0
    return usage(told.input_tokens + cached, cached, told.output_tokens)


def calls(message: Any) -> Any:
    return [[block.name, block.input] for block in message.content if block.type == "tool_use"]


def streamed_calls(client: Any, model: str) -> Any:
    with client.messages.stream(model=model, **ASK, tools=TOOLS) as stream:
        return calls(stream.get_final_message())


def after_tools(client: Any, model: str) -> str:
    """What the model says when the results of its calls were sent back."""
    message = client.messages.create(model=model, **ASK, tools=TOOLS)
    used = [block for block in message.content if block.type == "tool_use"]
    results = [
        {"type": "tool_result", "tool_use_id": block.id, "content": f"{number} degrees"}
        for number, block in enumerate(used, 20)
    ]
    further = [{"role": "assistant", "content": message.content}, {"role": "user", "content": results}]
    ask = {**ASK, "messages": [*ASK["messages"], *further]}
    return said(client.messages.create(model=model, **ask, tools=TOOLS))


def with_picture() -> Any:
    picture = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}}
    return [{"role": "user", "content": [{"type": "text", "text": "What is it?"}, picture]}]


def cut(client: Any, model: str) -> Facts:
    seen: list[str] = []

    def ask() -> None:
        with client.messages.stream(model=model, **ASK) as stream:
            seen.extend(stream.text_stream)

    return {**caught(ask), "before": "".join(seen)}


def retried(hall: Hall) -> Facts:
    """With the SDK's own retries: a busy vendor is asked again, an empty budget is not."""
    client = anthropic.Anthropic(base_url=hall.address, api_key=hall.key, max_retries=2)
    busy = client.messages.create(model="claude/busy-anthropic", **ASK)
    sent: list[Any] = []
    poor = anthropic.Anthropic(base_url=hall.address, api_key=hall.poor_key, max_retries=2)
    poor._client.event_hooks["request"].append(sent.append)
    refused = caught(lambda: poor.messages.create(model="claude/talk", **ASK))
    return {"busy": said(busy), "poor": refused["status"], "asked": len(sent)}


if __name__ == "__main__":
    main(facts)
