"""A caller speaks its own shape to a target that speaks another: whole and streamed, metered the same."""

import json

from aiohttp import web

from tests.gateway.hall import Hall
from tests.gateway.upstream import ROLE, USAGE, Sent, chat, cut_after, event, streamed
from tests.storage.ledger_seeds import rows

CHAT, MESSAGES = "/v1/chat/completions", "/v1/messages"
ASK = {"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]}
USED = {"input_tokens": 7, "output_tokens": 9, "cache_read_input_tokens": 5, "cache_creation_input_tokens": 0}
MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "small",
    "content": [{"type": "text", "text": "Hello."}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": USED,
}


def told(kind: str, **data: object) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **data})}\n\n".encode()


STREAM = [
    told("message_start", message=MESSAGE | {"content": [], "stop_reason": None, "usage": USED | {"output_tokens": 1}}),
    told("content_block_start", index=0, content_block={"type": "text", "text": ""}),
    told("content_block_delta", index=0, delta={"type": "text_delta", "text": "Hel"}),
    told("content_block_delta", index=0, delta={"type": "text_delta", "text": "lo."}),
    told("content_block_stop", index=0),
    told("message_delta", delta={"stop_reason": "end_turn", "stop_sequence": None}, usage={"output_tokens": 9}),
    told("message_stop"),
]


async def messages(sent: Sent, request: web.Request) -> web.StreamResponse:
    return await streamed(request, STREAM) if sent.json.get("stream") else web.json_response(MESSAGE)


async def test_an_openai_caller_reaches_a_target_that_speaks_anthropic(small_hall: Hall) -> None:
    await small_hall.model("small", {"input": "1", "output": "1", "cache_read": "0.1"}, profile="claude")
    small_hall.provider.script = messages
    answer = await small_hall.call(CHAT, ASK | {"model": "claude/small", "seed": 7}, await small_hall.key())
    assert answer.status == 200, answer.body
    assert answer.json["choices"][0]["message"]["content"] == "Hello."
    assert (answer.json["object"], answer.json["model"]) == ("chat.completion", "claude/small")
    assert answer.json["usage"]["prompt_tokens"] == 12
    assert answer.headers["x-modelhall-dropped"] == "seed"
    (sent,) = small_hall.provider.sent
    assert (sent.path, sent.json["system"], sent.json["max_tokens"]) == ("/v1/messages", "Be brief.", 1_000)
    await small_hall.settled()
    (row,) = await rows(small_hall.database)
    assert (row["status"], row["input"], row["cache_read"], row["output"], row["cost"]) == ("ok", 7, 5, 9, 16_500)
    assert (row["dialect"], row["receipt"]["dialect"], row["receipt"]["seed"]) == (
        "openai_chat",
        "anthropic_messages",
        "dropped",
    )


async def test_its_stream_comes_in_the_callers_shape_and_ends_in_the_callers_way(small_hall: Hall) -> None:
    await small_hall.model("small", profile="claude")
    small_hall.provider.script = messages
    asked = ASK | {"model": "claude/small", "stream": True, "stream_options": {"include_usage": True}}
    answer = await small_hall.call(CHAT, asked, await small_hall.key())
    events = [json.loads(line[6:]) for line in answer.body.decode().splitlines() if line.startswith("data: {")]
    text = "".join(choice["delta"].get("content") or "" for each in events for choice in each["choices"])
    assert (text, events[-1]["usage"]["completion_tokens"]) == ("Hello.", 9)
    assert answer.body.endswith(b"data: [DONE]\n\n")
    await small_hall.settled()
    (row,) = await rows(small_hall.database)
    assert (row["status"], row["output"], row["estimated"]) == ("ok", 9, False)


async def test_an_anthropic_caller_reaches_a_target_that_speaks_openai(small_hall: Hall) -> None:
    await small_hall.model("small", {"input": "1", "output": "1"}, profile="gpt")
    key = await small_hall.key()
    asked = {"model": "gpt/small", "max_tokens": 50, "system": "Be brief.", "messages": ASK["messages"][1:]}
    whole = await small_hall.call(MESSAGES, asked, "", **{"x-api-key": key})
    assert whole.status == 200, whole.body
    assert (whole.json["type"], whole.json["content"][0]["text"]) == (
        "message",
        chat()["choices"][0]["message"]["content"],
    )
    assert whole.json["usage"]["output_tokens"] == 100
    stream = await small_hall.call(MESSAGES, asked | {"stream": True}, "", **{"x-api-key": key})
    kinds = [line[7:] for line in stream.body.decode().splitlines() if line.startswith("event: ")]
    assert (kinds[0], kinds[-1]) == ("message_start", "message_stop")
    assert [sent.path for sent in small_hall.provider.sent] == ["/v1/chat/completions"] * 2
    assert small_hall.provider.sent[1].json["stream_options"] == {"include_usage": True}
    await small_hall.settled()
    written = await rows(small_hall.database)
    assert [(row["status"], row["input"], row["output"]) for row in written] == [("ok", 10, 100), ("ok", 10, 3)]


async def test_a_translated_stream_that_is_cut_never_looks_finished(small_hall: Hall) -> None:
    await small_hall.model("small", profile="claude")
    await small_hall.model("small", profile="gpt")
    key = await small_hall.key()
    small_hall.provider.script = cut_after(STREAM[:4])
    openai = await small_hall.call(CHAT, ASK | {"model": "claude/small", "stream": True}, key)
    assert b"Hello." not in openai.body
    assert b"Hel" in openai.body
    assert b"provider_cut" in openai.body
    assert b"[DONE]" not in openai.body
    assert b'"finish_reason":"stop"' not in openai.body.replace(b" ", b"")
    small_hall.provider.script = cut_after([ROLE, event("Hel"), event("lo"), USAGE])
    asked = {"model": "gpt/small", "max_tokens": 50, "messages": ASK["messages"][1:], "stream": True}
    anthropic = await small_hall.call(MESSAGES, asked, key)
    assert b"event: error" in anthropic.body
    assert b"message_stop" not in anthropic.body
    await small_hall.settled()
    assert [row["status"] for row in await rows(small_hall.database)] == ["cut", "cut"]


async def test_what_would_mean_something_else_there_is_refused_before_anything_is_sent(small_hall: Hall) -> None:
    await small_hall.model("small", profile="claude")
    asked = ASK | {"model": "claude/small", "n": 3}
    answer = await small_hall.call(CHAT, asked, await small_hall.key())
    assert answer.status == 400
    assert "n" in answer.json["error"]["message"]
    assert small_hall.provider.sent == []
    await small_hall.settled()
    assert await rows(small_hall.database) == []


async def test_what_no_translation_carries_is_refused_with_what_is_spoken(small_hall: Hall) -> None:
    await small_hall.model("small", profile="claude")
    answer = await small_hall.call("/v1/embeddings", {"model": "claude/small", "input": "Hi"}, await small_hall.key())
    assert (answer.status, answer.json["error"]["code"]) == (400, "dialect_not_spoken")
    assert "anthropic_messages" in answer.json["error"]["message"]
