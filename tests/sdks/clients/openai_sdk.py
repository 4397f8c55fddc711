"""The official `openai` SDK, unmodified."""
# pyright: reportMissingImports=false

import json
from typing import Any

import openai

from tests.sdks.clients.facts import CITY, HELLO, LOCAL, PNG, SCHEMA, Facts, Hall, caught, main, usage

FORMAT: Any = {"type": "json_schema", "json_schema": {"name": "place", "schema": SCHEMA, "strict": True}}
TOOLS: Any = [{"type": "function", "function": {"name": "weather", "description": "Tells it", "parameters": CITY}}]
ASK: Any = {"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": HELLO}]}
USAGE: Any = {"stream": True, "stream_options": {"include_usage": True}}


def facts(hall: Hall) -> Facts:
    client = openai.OpenAI(base_url=f"{hall.address}/v1", api_key=hall.key, max_retries=0)
    return {
        "models": [model.id for model in client.models.list()],
        "model": client.models.retrieve("gpt/talk").id,
        "gpt": on_profile(hall, client, "gpt"),
        "claude": on_profile(hall, client, "claude"),
        "local": on_local(client),
        "embedded": [row.embedding for row in client.embeddings.create(model="gpt/talk", input=["a", "b"]).data],
        "retried": retried(hall),
    }


def on_profile(hall: Hall, client: Any, profile: str) -> Facts:
    create = client.chat.completions.create
    talk = create(model=f"{profile}/talk", **ASK)
    streamed, streamed_usage = read(create(model=f"{profile}/talk", **ASK, **USAGE))
    without, no_usage = read(create(model=f"{profile}/talk", **ASK, stream=True))
    schema = create(model=f"{profile}/json", **ASK, response_format=FORMAT)
    return {
        "text": talk.choices[0].message.content,
        "usage": counted(talk.usage),
        "streamed": streamed,
        "streamed_usage": counted(streamed_usage),
        "streamed_without_usage": [without, no_usage],
        "schema": json.loads(schema.choices[0].message.content),
        "tools": calls(client, f"{profile}/tools"),
        "parallel": calls(client, f"{profile}/parallel"),
        "streamed_parallel": streamed_calls(client, f"{profile}/parallel"),
        "after_tools": after_tools(client, f"{profile}/parallel"),
        "picture": create(model=f"{profile}/image", messages=with_picture()).choices[0].message.content,
        "cut": cut(client, hall.own("cut").format(profile)),
        "errors": hall.raised(
            profile, lambda model, key: client.with_options(api_key=key).chat.completions.create(model=model, **ASK)
        ),
    }


def on_local(client: Any) -> Facts:
    create = client.chat.completions.create
    steady: Any = {"model": LOCAL, **ASK, "temperature": 0, "max_tokens": 12}
    whole = create(**steady)
    streamed, told = read(create(**steady, **USAGE))
    without, no_usage = read(create(**steady, stream=True))
    schema = create(model=LOCAL, **ASK, temperature=0, max_tokens=200, response_format=FORMAT)
    return {
        "text": whole.choices[0].message.content,
        "usage": counted(whole.usage),
        "streamed": streamed,
        "streamed_usage": counted(told),
        "streamed_without_usage": [without, no_usage],
        "schema": json.loads(schema.choices[0].message.content),
        "embedded": [len(row.embedding) for row in client.embeddings.create(model=LOCAL, input=["a", "b"]).data],
    }


def read(stream: Any) -> tuple[str, Any]:
    """The text of a stream and the usage at its end."""
    chunks = list(stream)
    text = "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
    return text, chunks[-1].usage


def counted(told: Any) -> Facts:
    details = told.prompt_tokens_details
    return usage(told.prompt_tokens, (details and details.cached_tokens) or 0, told.completion_tokens)


def calls(client: Any, model: str) -> Any:
    message = client.chat.completions.create(model=model, **ASK, tools=TOOLS).choices[0].message
    return [[call.function.name, json.loads(call.function.arguments)] for call in message.tool_calls]


def streamed_calls(client: Any, model: str) -> Any:
    with client.chat.completions.stream(model=model, **ASK, tools=TOOLS) as stream:
        message = stream.get_final_completion().choices[0].message
    return [[call.function.name, json.loads(call.function.arguments)] for call in message.tool_calls]


def after_tools(client: Any, model: str) -> str:
    """What the model says when the results of its calls were sent back."""
    message = client.chat.completions.create(model=model, **ASK, tools=TOOLS).choices[0].message
    results = [
        {"role": "tool", "tool_call_id": call.id, "content": f"{number} degrees"}
        for number, call in enumerate(message.tool_calls, 20)
    ]
    messages = [*ASK["messages"], message, *results]
    return client.chat.completions.create(model=model, messages=messages, tools=TOOLS).choices[0].message.content


def with_picture() -> Any:
    picture = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}
    return [{"role": "user", "content": [{"type": "text", "text": "What is it?"}, picture]}]


def cut(client: Any, model: str) -> Facts:
    seen: list[str] = []

    def ask() -> None:
        for chunk in client.chat.completions.create(model=model, **ASK, stream=True):
            seen.extend(choice.delta.content or "" for choice in chunk.choices)

    return {**caught(ask), "before": "".join(seen)}


def retried(hall: Hall) -> Facts:
    """With the SDK's own retries: a busy vendor is asked again, an empty budget is not."""
    client = openai.OpenAI(base_url=f"{hall.address}/v1", api_key=hall.key, max_retries=2)
    busy = client.chat.completions.create(model="gpt/busy-openai", **ASK)
    sent: list[Any] = []
    poor = openai.OpenAI(base_url=f"{hall.address}/v1", api_key=hall.poor_key, max_retries=2)
    poor._client.event_hooks["request"].append(sent.append)
    refused = caught(lambda: poor.chat.completions.create(model="gpt/talk", **ASK))
    return {"busy": busy.choices[0].message.content, "poor": refused["status"], "asked": len(sent)}


if __name__ == "__main__":
    main(facts)
