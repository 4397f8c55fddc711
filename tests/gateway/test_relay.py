"""The way of a call: what goes out, what comes back, what is written, through real sockets."""

import json

from aiohttp import web

from tests.gateway.hall import Hall
from tests.gateway.upstream import DONE, ROLE, USAGE, Sent, chat, cut_after, event, streamed
from tests.storage.ledger_seeds import rows

ASK = {"model": "mock/small", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 100}
CHAT = "/v1/chat/completions"


async def test_a_call_is_answered_priced_and_written(hall: Hall) -> None:
    await hall.model("small", {"input": "1", "output": "1000"})
    answer = await hall.call(CHAT, ASK | {"x_unknown": [1, 2]}, await hall.key())
    assert answer.status == 200, answer.body
    assert answer.json == chat()
    assert answer.headers["x-modelhall-model"] == "mock/small"
    assert answer.headers["x-modelhall-cost"] == "0.10001"
    (sent,) = hall.provider.sent
    assert (sent.path, sent.json) == ("/v1/chat/completions", ASK | {"model": "small", "x_unknown": [1, 2]})
    await hall.settled()
    (row,) = await rows(hall.database)
    assert (row["status"], row["input"], row["output"], row["cost"]) == ("ok", 10, 100, 100_010_000)
    assert (row["call_id"], row["asked"]) == (answer.headers["x-modelhall-call"], "mock/small")
    assert json.loads(row["vendor_usage"])["total_tokens"] == 110


async def test_the_virtual_key_never_reaches_the_provider(hall: Hall) -> None:
    await hall.model("small")
    key = await hall.key()
    await hall.call(CHAT, ASK, key, **{"x-custom": "mine", "anthropic-beta": "b1"})
    (sent,) = hall.provider.sent
    assert key not in repr(sent)
    assert "x-custom" not in {name.lower() for name in sent.headers}
    assert sent.headers["anthropic-beta"] == "b1"


async def test_a_stream_passes_as_it_came_without_the_usage_nobody_asked_for(small_hall: Hall) -> None:
    await small_hall.model("small", {"input": "1", "output": "1"})
    answer = await small_hall.call(CHAT, ASK | {"stream": True}, await small_hall.key())
    assert answer.body == ROLE + event("Hel") + event("lo") + event(finish="stop") + DONE
    assert small_hall.provider.sent[0].json["stream_options"] == {"include_usage": True}
    await small_hall.settled()
    (row,) = await rows(small_hall.database)
    assert (row["status"], row["input"], row["output"], row["estimated"]) == ("ok", 10, 3, False)
    assert row["receipt"]["usage"].startswith("asked for")


async def test_usage_that_was_asked_for_goes_out(small_hall: Hall) -> None:
    await small_hall.model("small")
    ask = ASK | {"stream": True, "stream_options": {"include_usage": True}}
    answer = await small_hall.call(CHAT, ask, await small_hall.key())
    assert answer.body.endswith(USAGE + DONE)


async def test_a_stream_that_is_cut_says_so_and_is_metered(small_hall: Hall) -> None:
    await small_hall.model("small", {"input": "1", "output": "1"})
    small_hall.provider.script = cut_after([ROLE, event("Hel"), event("lo")])
    answer = await small_hall.call(CHAT, ASK | {"stream": True}, await small_hall.key())
    assert answer.status == 200
    assert b"[DONE]" not in answer.body
    assert answer.body.startswith(ROLE + event("Hel"))
    last = json.loads(answer.body.rstrip().rpartition(b"data: ")[2])
    assert last["error"]["code"] == "provider_cut"
    await small_hall.settled()
    (row,) = await rows(small_hall.database)
    assert (row["status"], row["output"], row["estimated"]) == ("cut", 2, True)
    assert row["cost"] > 0


async def test_a_stream_cut_before_its_first_content_is_a_plain_error(small_hall: Hall) -> None:
    await small_hall.model("small")
    small_hall.provider.script = cut_after([ROLE])
    answer = await small_hall.call(CHAT, ASK | {"stream": True}, await small_hall.key())
    assert answer.status == 502
    assert answer.json["error"]["code"] == "provider_cut"


async def test_a_stream_that_ends_in_peace_without_done_is_whole(small_hall: Hall) -> None:
    await small_hall.model("small")

    async def no_done(sent: Sent, request: web.Request) -> web.StreamResponse:
        return await streamed(request, [ROLE, event("Hel"), event(finish="stop")])

    small_hall.provider.script = no_done
    answer = await small_hall.call(CHAT, ASK | {"stream": True}, await small_hall.key())
    assert answer.body == ROLE + event("Hel") + event(finish="stop")


async def test_refusals_of_the_provider_are_told_apart(small_hall: Hall) -> None:
    key = await small_hall.key()
    for theirs, ours, code in (
        (400, 400, "provider_refused"),
        (401, 502, "provider_refused_key"),
        (404, 502, "provider_lacks_model"),
        (429, 429, "provider_busy"),
        (500, 502, "provider_broke"),
        (503, 502, "provider_broke"),
    ):

        async def refuse(sent: Sent, request: web.Request, status: int = theirs) -> web.StreamResponse:
            return web.json_response({"error": {"message": "their words"}}, status=status, headers={"retry-after": "7"})

        small_hall.provider.script = refuse
        await small_hall.model(f"small-{theirs}")  # each its own: a provider that asks for a pause is given it
        answer = await small_hall.call(CHAT, ASK | {"model": f"mock/small-{theirs}"}, key)
        assert (answer.status, answer.json["error"]["code"]) == (ours, code)
        assert ("their words" in answer.json["error"]["message"]) == (theirs == 400)
        assert (answer.headers.get("retry-after") == "7") == (theirs in {429, 500, 503})
    await small_hall.settled()
    written = await rows(small_hall.database)
    assert [row["status"] for row in written] == ["refused", "refused", "refused", "busy", "failed", "failed"]
    assert [row["cost"] for row in written] == [0, 0, 0, 0, 0, 0]


async def test_a_page_of_html_with_200_is_no_answer(small_hall: Hall) -> None:
    await small_hall.model("small")

    async def page(sent: Sent, request: web.Request) -> web.StreamResponse:
        return web.Response(text="<html>Welcome</html>", content_type="text/html")

    small_hall.provider.script = page
    answer = await small_hall.call(CHAT, ASK, await small_hall.key())
    assert (answer.status, answer.json["error"]["code"]) == (502, "provider_broke")


async def test_usage_that_cannot_be_is_not_believed_and_the_answer_still_goes_out(small_hall: Hall) -> None:
    await small_hall.model("small", {"input": "1", "output": "1"})

    async def absurd(sent: Sent, request: web.Request) -> web.StreamResponse:
        return web.json_response(chat(prompt=-1))

    small_hall.provider.script = absurd
    answer = await small_hall.call(CHAT, ASK, await small_hall.key())
    assert answer.status == 200
    await small_hall.settled()
    (row,) = await rows(small_hall.database)
    assert (row["flaw"], row["estimated"]) == ("impossible_usage", True)


async def test_a_model_without_a_price_is_written_as_unpriced(small_hall: Hall) -> None:
    await small_hall.model("small")
    answer = await small_hall.call(CHAT, ASK, await small_hall.key())
    assert "x-modelhall-cost" not in answer.headers
    await small_hall.settled()
    (row,) = await rows(small_hall.database)
    assert (row["cost"], row["charge"], row["unconfirmed"], row["input"]) == (None, None, None, 10)


async def test_anthropic_messages_pass_in_their_own_shape(small_hall: Hall) -> None:
    await small_hall.model("small", {"input": "1", "output": "1", "cache_read": "0.1", "cache_write_5m": "1.25"})

    async def message(sent: Sent, request: web.Request) -> web.StreamResponse:
        usage = {"input_tokens": 7, "output_tokens": 9, "cache_read_input_tokens": 5, "cache_creation_input_tokens": 0}
        return web.json_response(
            {
                "type": "message",
                "role": "assistant",
                "content": [{"type": "text", "text": "Hi"}],
                "stop_reason": "end_turn",
                "usage": usage,
            }
        )

    small_hall.provider.script = message
    answer = await small_hall.call("/v1/messages", ASK, "", **{"x-api-key": await small_hall.key()})
    assert answer.status == 200, answer.body
    assert small_hall.provider.sent[0].path == "/v1/messages"
    await small_hall.settled()
    (row,) = await rows(small_hall.database)
    assert (row["input"], row["cache_read"], row["output"], row["cost"]) == (7, 5, 9, 16_500)
