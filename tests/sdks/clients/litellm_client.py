"""LiteLLM as a client, unmodified: as OpenAI's client and as Anthropic's."""
# pyright: reportMissingImports=false

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import litellm

from tests.sdks.clients.facts import CITY, HELLO, PNG, SCHEMA, Facts, Hall, caught, main, usage

ASK: Any = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": HELLO}]
TOOLS: Any = [{"type": "function", "function": {"name": "weather", "description": "Tells it", "parameters": CITY}}]
FORMAT: Any = {"type": "json_schema", "json_schema": {"name": "place", "schema": SCHEMA, "strict": True}}
PICTURE: Any = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}
Complete = Callable[..., Any]


def facts(hall: Hall) -> Facts:
    litellm.suppress_debug_info = True
    told: Facts = {}
    for way, address in (("openai", f"{hall.address}/v1"), ("anthropic", hall.address)):

        def complete(model: str, key: str = hall.key, way: str = way, address: str = address, **more: Any) -> Any:
            ask = {"messages": ASK, "max_tokens": 100} | more
            return litellm.completion(f"{way}/{model}", api_base=address, api_key=key, max_retries=0, **ask)

        own = replace(hall, client=f"{hall.client}-{way}")
        told[way] = {profile: on_profile(own, complete, profile) for profile in ("gpt", "claude")}
    return told


def on_profile(hall: Hall, complete: Complete, profile: str) -> Facts:
    talk = complete(f"{profile}/talk")
    streamed = rebuilt(complete(f"{profile}/talk", stream=True, stream_options={"include_usage": True}))
    picture = [{"role": "user", "content": [{"type": "text", "text": "What is it?"}, PICTURE]}]
    return {
        "text": said(talk),
        "usage": counted(talk),
        "streamed": said(streamed),
        "streamed_usage": counted(streamed),
        "schema": json.loads(said(complete(f"{profile}/json", response_format=FORMAT))),
        "tools": calls(complete(f"{profile}/tools", tools=TOOLS)),
        "parallel": calls(complete(f"{profile}/parallel", tools=TOOLS)),
        "streamed_parallel": calls(rebuilt(complete(f"{profile}/parallel", tools=TOOLS, stream=True))),
        "after_tools": after_tools(complete, f"{profile}/parallel"),
        "picture": said(complete(f"{profile}/image", messages=picture)),
        "cut": cut(complete, hall.own("cut").format(profile)),
        "errors": hall.raised(profile, complete),
    }


def said(answer: Any) -> str:
    return answer.choices[0].message.content


def rebuilt(stream: Any) -> Any:
    """The pieces of a stream, put together the way LiteLLM does it."""
    return litellm.stream_chunk_builder(list(stream))


def counted(answer: Any) -> Facts:
    told = answer.usage
    return usage(told.prompt_tokens, told.prompt_tokens_details.cached_tokens or 0, told.completion_tokens)


def calls(answer: Any) -> Any:
    return [[call.function.name, json.loads(call.function.arguments)] for call in answer.choices[0].message.tool_calls]


def after_tools(complete: Complete, model: str) -> str:
    """What the model says when the results of its calls were sent back."""
    message = complete(model, tools=TOOLS).choices[0].message
    results = [
        {"role": "tool", "tool_call_id": call.id, "content": f"{number} degrees"}
        for number, call in enumerate(message.tool_calls, 20)
    ]
    return said(complete(model, messages=[*ASK, message, *results], tools=TOOLS))


def cut(complete: Complete, model: str) -> Facts:
    seen: list[str] = []

    def ask() -> None:
        for chunk in complete(model, stream=True):
            seen.extend(choice.delta.content or "" for choice in chunk.choices)

    return {**caught(ask), "before": "".join(seen)}


if __name__ == "__main__":
    main(facts)
