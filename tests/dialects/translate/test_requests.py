"""What a request becomes in the other dialect, what is dropped and named, and what is refused with its place."""

from __future__ import annotations

import json
from typing import Any

import pytest

from modelhall.dialects import anthropic_messages, openai_chat
from modelhall.dialects.dialect import Change
from modelhall.dialects.parameters import ParameterFacts
from modelhall.dialects.translate.bridge import Translated, bridge, translate_request
from modelhall.domain.errors import BadRequest

USER = {"role": "user", "content": "Hi"}
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
OWN_TOOL = {"name": "f", "input_schema": {"type": "object"}}
CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
UNKNOWN = ParameterFacts()


def to_anthropic(facts: ParameterFacts = UNKNOWN, **fields: Any) -> Translated:
    """A request of OpenAI's in Anthropic's words."""
    way = bridge(openai_chat, anthropic_messages)
    assert way is not None
    return way.request(json.dumps({"model": "x", "messages": [USER], **fields}).encode(), Change("claude"), facts)


def to_openai(facts: ParameterFacts = UNKNOWN, change: Change = Change("gpt"), **fields: Any) -> Translated:  # noqa: B008
    """A request of Anthropic's in OpenAI's words."""
    way = bridge(anthropic_messages, openai_chat)
    assert way is not None
    body = {"model": "x", "max_tokens": 64_000, "messages": [USER], **fields}
    return way.request(json.dumps(body).encode(), change, facts)


def body_of(translated: Translated) -> dict[str, Any]:
    return json.loads(translated.body)


def test_there_is_a_way_between_the_two_and_no_other() -> None:
    assert bridge(openai_chat, openai_chat) is None
    assert translate_request(b"{}", openai_chat, openai_chat, Change("m"), UNKNOWN) is None


def test_the_example_of_anthropics_tool_use_page() -> None:
    """The weather tool of platform.claude.com, tool use, read 2026-11, asked in OpenAI's words."""
    schema = {
        "type": "object",
        "properties": {"location": {"type": "string", "description": "The city and state, e.g. San Francisco, CA"}},
        "required": ["location"],
    }
    function = {
        "name": "get_weather",
        "description": "Get the current weather in a given location",
        "parameters": schema,
    }
    arguments = '{"location": "San Francisco, CA"}'
    messages = [
        {"role": "user", "content": "What is the weather like in San Francisco?"},
        {
            "role": "assistant",
            "content": "I'll check the current weather in San Francisco for you.",
            "tool_calls": [
                {"id": "toolu_01A", "type": "function", "function": {"name": "get_weather", "arguments": arguments}}
            ],
        },
        {"role": "tool", "tool_call_id": "toolu_01A", "content": "15 degrees"},
    ]
    asked = to_anthropic(max_tokens=1024, tools=[{"type": "function", "function": function}], messages=messages)
    assert body_of(asked) == {
        "model": "claude",
        "max_tokens": 1024,
        "tools": [{"name": "get_weather", "description": function["description"], "input_schema": schema}],
        "messages": [
            messages[0],
            {
                "role": "assistant",
                "content": [
                    {"type": "text", "text": "I'll check the current weather in San Francisco for you."},
                    {
                        "type": "tool_use",
                        "id": "toolu_01A",
                        "name": "get_weather",
                        "input": {"location": "San Francisco, CA"},
                    },
                ],
            },
            {
                "role": "user",
                "content": [{"type": "tool_result", "tool_use_id": "toolu_01A", "content": "15 degrees"}],
            },
        ],
    }
    assert (asked.dropped, asked.changes) == ((), {})


def test_schemas_and_arguments_keep_their_numbers_and_their_order() -> None:
    schema = '{"type":"object","properties":{"z":{"maximum":1e400},"a":{"const":12345678901234567890123}}}'
    tool = '{"type":"function","function":{"name":"f","parameters":' + schema + "}}"
    body = '{"messages":[{"role":"user","content":"Hi"}],"tools":[' + tool + "]}"
    translated = translate_request(body.encode(), openai_chat, anthropic_messages, Change("m"), UNKNOWN)
    assert translated is not None
    assert b'"input_schema":' + schema.encode() in translated.body


def test_the_words_of_the_system_stand_in_front() -> None:
    messages = [{"role": "system", "content": "A"}, USER, {"role": "developer", "content": "B"}, USER]
    asked = to_anthropic(messages=messages)
    assert body_of(asked)["system"] == [{"type": "text", "text": "A"}, {"type": "text", "text": "B"}]
    assert [message["role"] for message in body_of(asked)["messages"]] == ["user"]
    assert "messages" in asked.changes


def test_the_limit_is_the_callers_else_the_one_that_is_given() -> None:
    assert body_of(to_anthropic(max_tokens=5))["max_tokens"] == 5
    assert body_of(to_anthropic(max_tokens=5, max_completion_tokens=7))["max_tokens"] == 7
    assert body_of(to_anthropic())["max_tokens"] == 4096
    known = to_anthropic(ParameterFacts(max_output=8000))
    assert body_of(known)["max_tokens"] == 8000
    assert known.changes == {"max_tokens": "8000: the target's dialect requires one"}


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"n": 2}, "n"),
        ({"logprobs": True}, "logprobs"),
        ({"top_logprobs": 3}, "logprobs"),
        ({"logit_bias": {"50256": -100}}, "logit_bias"),
        ({"modalities": ["text", "audio"]}, "modalities"),
        ({"web_search_options": {"search_context_size": "low"}}, "web_search_options"),
        ({"moderation": {"model": "m"}}, "moderation"),
        ({"functions": [{"name": "f"}]}, "functions"),
        ({"stop": ["\n"]}, "stop"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "user", "content": ""}]}, "messages"),
        ({"messages": [USER, {"role": "assistant", "content": "It is ("}]}, "messages"),
        ({"messages": [{"role": "tool", "tool_call_id": "c1", "content": "r"}]}, "messages"),
        ({"messages": [USER, {"role": "assistant", "tool_calls": [CALL]}, USER]}, "messages"),
        ({"messages": [{"role": "function", "name": "f", "content": "r"}]}, "messages[0].role"),
        ({"messages": [{"role": "user", "content": 5}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": [{"type": "video"}]}]}, "messages[0].content[0].type"),
        (
            {"messages": [{"role": "user", "content": [{"type": "input_audio", "input_audio": {"data": "AA"}}]}]},
            "messages",
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "file", "file": {"file_id": "file-1"}}]}]},
            "messages[0].content[0].file.file_id",
        ),
        (
            {
                "messages": [
                    {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png,x"}}]}
                ]
            },
            "messages[0].content[0].image_url",
        ),
        ({"tools": [{"type": "custom", "custom": {"name": "f"}}]}, "tools[0].type"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"tool_choice": {"type": "custom", "custom": {"name": "f"}}}, "tool_choice"),
        ({"response_format": {"type": "json_object"}, "tools": [TOOL]}, "response_format"),
        (
            {"response_format": {"type": "json_schema", "json_schema": {"name": "a"}}},
            "response_format.json_schema.schema",
        ),
        ({"response_format": {"type": "grammar"}}, "response_format.type"),
        ({"temperature": "hot"}, "temperature"),
    ],
)
def test_what_would_mean_something_else_at_anthropic_is_refused_with_its_place(
    fields: dict[str, Any], place: str
) -> None:
    with pytest.raises(BadRequest) as caught:
        to_anthropic(**fields)
    assert caught.value.details["param"] == place


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"mcp_servers": [{"url": "https://example.com"}]}, "mcp_servers"),
        ({"container": "c"}, "container"),
        ({"inference_geo": "eu"}, "inference_geo"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"tools": [{"type": "web_search_20250305", "name": "web_search"}]}, "tools[0].type"),
        ({"tool_choice": {"type": "any"}}, "tool_choice"),
        ({"messages": [USER, {"role": "assistant", "content": "It is ("}]}, "messages"),
        (
            {"messages": [{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": "r"}]}]},
            "messages",
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "search_result", "source": "s"}]}]},
            "messages[0].content[0].type",
        ),
        (
            {
                "messages": [
                    {"role": "user", "content": [{"type": "image", "source": {"type": "file", "file_id": "f"}}]}
                ]
            },
            "messages[0].content[0].source.type",
        ),
        (
            {
                "messages": [
                    {"role": "user", "content": [{"type": "document", "source": {"type": "url", "url": "https://a.b"}}]}
                ]
            },
            "messages",
        ),
        (
            {
                "messages": [
                    {
                        "role": "user",
                        "content": [
                            {
                                "type": "document",
                                "source": {"type": "text", "data": "x"},
                                "citations": {"enabled": True},
                            }
                        ],
                    }
                ]
            },
            "messages[0].content[0].citations",
        ),
    ],
)
def test_what_would_mean_something_else_at_openai_is_refused_with_its_place(fields: dict[str, Any], place: str) -> None:
    with pytest.raises(BadRequest) as caught:
        to_openai(**fields)
    assert caught.value.details["param"] == place


def test_what_only_tunes_is_dropped_and_named() -> None:
    asked = to_anthropic(
        seed=1,
        frequency_penalty=0.5,
        presence_penalty=0,
        verbosity="low",
        store=True,
        metadata={"a": "b"},
        prediction={"type": "content", "content": "x"},
        prompt_cache_key="k",
        service_tier="flex",
        n=1,
        logprobs=False,
        logit_bias={},
        modalities=["text"],
        messages=[{**USER, "name": "Ada"}],
    )
    assert set(asked.dropped) == {
        "frequency_penalty",
        "presence_penalty",
        "seed",
        "service_tier",
        "verbosity",
        "store",
        "metadata",
        "prediction",
        "prompt_cache_key",
        "messages.name",
    }
    assert body_of(asked).keys() == {"model", "max_tokens", "messages"}


def test_what_openai_has_no_word_for_is_dropped_and_named() -> None:
    marked = {"type": "text", "text": "Hi", "cache_control": {"type": "ephemeral"}}
    thought = {"type": "thinking", "thinking": "Hm", "signature": "c2ln"}
    messages = [{"role": "user", "content": [marked]}, {"role": "assistant", "content": [thought, marked]}, USER]
    asked = to_openai(
        messages=messages, top_k=5, speed="fast", context_management={"edits": [1]}, thinking={"type": "disabled"}
    )
    assert set(asked.dropped) == {
        "messages.thinking",
        "top_k",
        "speed",
        "context_management",
        "thinking",
        "cache_control",
    }
    assert body_of(asked)["messages"] == [USER, {"role": "assistant", "content": "Hi"}, USER]


def test_names_that_strangers_made_up_are_safe_in_a_header() -> None:
    names = {f"x{at}\r\nset-cookie: a=b\u2028": 1 for at in range(50)}
    asked = to_anthropic(UNKNOWN, **names)
    assert len(asked.dropped) == 33
    assert asked.dropped[-1] == "and-18-more"
    assert all(name.isascii() and name.replace("-", "").replace("_", "").isalnum() for name in asked.dropped)


def test_a_marked_cache_reaches_anthropic() -> None:
    mark = {"type": "ephemeral"}
    asked = to_anthropic(
        messages=[{"role": "user", "content": [{"type": "text", "text": "Hi", "cache_control": mark}]}]
    )
    assert body_of(asked)["messages"][0]["content"] == [{"type": "text", "text": "Hi", "cache_control": mark}]
    assert asked.dropped == ()


def test_ids_that_anthropic_does_not_take_are_put_right_and_stay_apart() -> None:
    calls = [{**CALL, "id": "f:0"}, {**CALL, "id": "f.0"}]
    results = [{"role": "tool", "tool_call_id": call["id"], "content": call["id"]} for call in calls]
    asked = to_anthropic(tools=[TOOL], messages=[USER, {"role": "assistant", "tool_calls": calls}, *results])
    _, called, given = body_of(asked)["messages"]
    assert [block["id"] for block in called["content"]] == ["f_0", "f_0_"]
    assert [(block["tool_use_id"], block["content"]) for block in given["content"]] == [("f_0", "f:0"), ("f_0_", "f.0")]


def test_an_allow_list_of_tools_leaves_those_tools() -> None:
    other = {"type": "function", "function": {"name": "g"}}
    allowed = {
        "type": "allowed_tools",
        "allowed_tools": {"mode": "required", "tools": [{"type": "function", "function": {"name": "g"}}]},
    }
    asked = body_of(to_anthropic(tools=[TOOL, other], tool_choice=allowed))
    assert asked["tools"] == [{"name": "g", "input_schema": {"type": "object", "properties": {}}}]
    assert asked["tool_choice"] == {"type": "any"}


def test_a_schema_for_the_answer_goes_the_documented_way() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "required": ["a"],
        "additionalProperties": False,
    }
    wanted = {"type": "json_schema", "json_schema": {"name": "n", "schema": schema, "strict": False}}
    asked = to_anthropic(response_format=wanted)
    assert body_of(asked)["output_config"] == {"format": {"type": "json_schema", "schema": schema}}
    assert asked.dropped == ("response_format.json_schema.name",)
    assert "response_format" in asked.changes
    by_tool = to_anthropic(ParameterFacts(json_by_tool=True), response_format=wanted)
    assert body_of(by_tool)["tools"][0]["input_schema"] == schema
    assert by_tool.expects.json_tool == body_of(by_tool)["tool_choice"]["name"]


def test_any_json_is_asked_for_by_a_tool_that_must_be_called() -> None:
    asked = to_anthropic(response_format={"type": "json_object"})
    assert body_of(asked)["tool_choice"] == {"type": "tool", "name": "answer", "disable_parallel_tool_use": True}
    assert asked.expects.json_tool == "answer"


@pytest.mark.parametrize(
    ("schema", "strict"),
    [
        ({"type": "object", "properties": {"a": {}}, "required": ["a"], "additionalProperties": False}, True),
        ({"type": "object", "properties": {"a": {}}, "required": [], "additionalProperties": False}, False),
        ({"type": "object", "properties": {"a": {}}, "required": ["a"]}, False),
        ({"type": "array", "items": {"type": "object"}}, False),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, True),
        (json.loads('{"items":' * 90 + "{}" + "}" * 90), False),
    ],
)
def test_openais_strict_mode_is_asked_only_for_schemas_that_it_takes(schema: dict[str, Any], strict: bool) -> None:
    asked = to_openai(output_config={"format": {"type": "json_schema", "schema": schema}})
    assert body_of(asked)["response_format"]["json_schema"] == {"name": "answer", "strict": strict, "schema": schema}
    assert ("output_config.format" in asked.changes) is not strict


ADAPTIVE = ParameterFacts(thinking="adaptive")
BUDGET = ParameterFacts(thinking="budget")
NEVER = ParameterFacts(thinking="never")


@pytest.mark.parametrize(
    ("facts", "fields", "thinking", "config"),
    [
        (UNKNOWN, {}, {"type": "enabled", "budget_tokens": 24576}, None),
        (BUDGET, {"reasoning_effort": "low"}, {"type": "enabled", "budget_tokens": 2048}, None),
        (BUDGET, {"max_tokens": 9000}, {"type": "enabled", "budget_tokens": 4500}, None),
        (BUDGET, {"max_tokens": 2000}, None, None),
        (BUDGET, {"tools": [TOOL], "tool_choice": "required"}, None, None),
        (BUDGET, {"reasoning_effort": "none"}, {"type": "disabled"}, None),
        (ADAPTIVE, {}, {"type": "adaptive"}, {"effort": "high"}),
        (ADAPTIVE, {"reasoning_effort": "minimal"}, {"type": "adaptive"}, {"effort": "low"}),
        (ADAPTIVE, {"tools": [TOOL], "tool_choice": "required"}, None, {"effort": "high"}),
        (
            ParameterFacts(thinking="adaptive", efforts=("low", "medium")),
            {},
            {"type": "adaptive"},
            {"effort": "medium"},
        ),
        (NEVER, {}, None, None),
        (NEVER, {"reasoning_effort": "none"}, None, None),
    ],
)
def test_an_effort_becomes_thinking(facts: ParameterFacts, fields: Any, thinking: Any, config: Any) -> None:
    asked = to_anthropic(facts, **{"reasoning_effort": "high", "max_tokens": 64_000, "temperature": 0.5, **fields})
    body = body_of(asked)
    assert (body.get("thinking"), body.get("output_config")) == (thinking, config)
    thinks = thinking is not None and thinking["type"] != "disabled"
    assert ("temperature" in asked.dropped) == thinks
    untold = thinking is None and config is None and fields.get("reasoning_effort") != "none"
    assert ("reasoning_effort" in asked.dropped) == untold


def test_thinking_is_not_asked_in_the_middle_of_a_tools_work_without_the_thoughts_before() -> None:
    messages = [
        USER,
        {"role": "assistant", "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "c1", "content": "r"},
    ]
    asked = to_anthropic(BUDGET, max_tokens=64_000, reasoning_effort="low", tools=[TOOL], messages=messages)
    assert "reasoning_effort" in asked.dropped
    detail = {"type": "reasoning.text", "text": "Hm", "signature": "c2ln"}
    messages[1]["reasoning_details"] = [detail]
    again = to_anthropic(BUDGET, max_tokens=64_000, reasoning_effort="low", tools=[TOOL], messages=messages)
    assert again.dropped == ()
    thought = {"type": "thinking", "thinking": "Hm", "signature": "c2ln"}
    assert body_of(again)["messages"][1]["content"][0] == thought


def test_thoughts_that_anthropic_cannot_check_are_left_out() -> None:
    foreign = {"type": "reasoning.encrypted", "data": "x", "format": "openai-responses-v1"}
    answer = {"role": "assistant", "content": "A", "reasoning_content": "Hm", "reasoning_details": [foreign]}
    asked = to_anthropic(messages=[USER, answer, USER])
    assert body_of(asked)["messages"][1] == {"role": "assistant", "content": [{"type": "text", "text": "A"}]}
    assert set(asked.dropped) == {"messages.reasoning_content", "messages.reasoning_details"}


def test_pieces_of_thoughts_that_a_client_only_collected_are_put_together() -> None:
    pieces = [{"type": "reasoning.text", "text": word, "index": 0} for word in ("So", " it", " is")]
    pieces.insert(1, {"type": "reasoning.text", "signature": "c2ln", "index": 0})
    asked = to_anthropic(messages=[USER, {"role": "assistant", "content": "A", "reasoning_details": pieces}, USER])
    thought = body_of(asked)["messages"][1]["content"][0]
    assert thought == {"type": "thinking", "thinking": "So it is", "signature": "c2ln"}


@pytest.mark.parametrize(
    ("facts", "fields", "effort"),
    [
        (UNKNOWN, {"thinking": {"type": "enabled", "budget_tokens": 1024}}, "low"),
        (UNKNOWN, {"thinking": {"type": "enabled", "budget_tokens": 10_000}}, "medium"),
        (UNKNOWN, {"thinking": {"type": "enabled", "budget_tokens": 32_000}}, "high"),
        (UNKNOWN, {"thinking": {"type": "adaptive"}}, None),
        (UNKNOWN, {"thinking": {"type": "adaptive"}, "output_config": {"effort": "max"}}, "max"),
        (ParameterFacts(efforts=("low", "high")), {"output_config": {"effort": "max"}}, "high"),
        (ParameterFacts(efforts=("none", "low")), {"thinking": {"type": "disabled"}}, "none"),
        (UNKNOWN, {"thinking": {"type": "disabled"}}, None),
        (NEVER, {"thinking": {"type": "enabled", "budget_tokens": 1024}}, None),
    ],
)
def test_thinking_becomes_an_effort(facts: ParameterFacts, fields: Any, effort: str | None) -> None:
    asked = to_openai(facts, **fields)
    assert body_of(asked).get("reasoning_effort") == effort
    silent = facts is NEVER and fields["thinking"]["type"] == "disabled"
    assert bool(asked.dropped or asked.changes or effort in ("max", "none")) is not silent


@pytest.mark.parametrize(
    ("thinking", "shown"),
    [
        (None, False),
        ({"type": "disabled"}, False),
        ({"type": "enabled", "budget_tokens": 2000}, True),
        ({"type": "adaptive", "display": "omitted"}, False),
    ],
)
def test_thoughts_are_shown_to_who_asked_for_thinking(thinking: Any, shown: bool) -> None:
    assert to_openai(thinking=thinking).expects.shows_reasoning is shown


def test_results_of_tools_that_are_more_than_text() -> None:
    picture = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}}
    result = {
        "type": "tool_result",
        "tool_use_id": "c1",
        "is_error": True,
        "content": [{"type": "text", "text": "no file"}, picture],
    }
    messages = [
        USER,
        {"role": "assistant", "content": [{"type": "tool_use", "id": "c1", "name": "f", "input": {}}]},
        {"role": "user", "content": [{"type": "text", "text": "And?"}, result]},
    ]
    asked = to_openai(tools=[OWN_TOOL], messages=messages)
    url = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    said = [{"type": "text", "text": "Of the tool call c1:"}, url, {"type": "text", "text": "And?"}]
    assert body_of(asked)["messages"][2:] == [
        {"role": "tool", "tool_call_id": "c1", "content": "Error: no file"},
        {"role": "user", "content": said},
    ]
    assert asked.changes.keys() == {"messages.is_error", "messages.tool_result"}


def test_documents_of_words_go_as_words() -> None:
    def document(**source: Any) -> dict[str, Any]:
        return {"type": "document", "source": source, "title": "Law", "context": "Old"}

    inner = {"type": "text", "text": "inner"}
    documents = [document(type="text", data="words"), document(type="content", content=[inner])]
    asked = to_openai(messages=[{"role": "user", "content": documents}])
    told = ["Law\n\nOld\n\nwords", "Law", "Old", "inner"]
    assert [part["text"] for part in body_of(asked)["messages"][0]["content"]] == told


def test_a_stream_asks_for_usage_where_the_provider_wants_to_be_asked() -> None:
    assert "stream_options" not in body_of(to_openai(stream=True))
    asked = to_openai(change=Change("gpt", usage_option=True), stream=True)
    assert body_of(asked)["stream_options"] == {"include_usage": True}
    assert "stream_options" not in body_of(to_openai(change=Change("gpt", usage_option=True)))


def test_facts_of_the_model_hold_for_what_was_translated() -> None:
    facts = ParameterFacts(
        ranges={"temperature": (1, 1)}, renames={"max_tokens": "max_completion_tokens"}, unsupported=frozenset({"stop"})
    )
    asked = to_openai(facts, temperature=0.2, stop_sequences=["X"])
    assert body_of(asked) == {"model": "gpt", "messages": [USER], "max_completion_tokens": 64_000, "temperature": 1}
    assert asked.dropped == ("stop",)
    assert asked.changes == {
        "temperature": "0.2 → 1: the model takes 1 only",
        "max_tokens": "sent as max_completion_tokens",
    }
    hot = to_anthropic(temperature=1.5)
    assert (body_of(hot)["temperature"], hot.changes["temperature"]) == (1, "1.5 → 1: the model takes 0 to 1")


def test_an_answer_that_was_begun_goes_to_models_that_continue_it() -> None:
    begun = {"role": "assistant", "content": "It is ("}
    asked = to_openai(ParameterFacts(prefill=True), messages=[USER, begun])
    assert body_of(asked)["messages"] == [USER, begun]


def test_results_of_tools_stand_before_what_the_user_says() -> None:
    result = {"role": "tool", "tool_call_id": "c1", "content": "r"}
    asked = to_anthropic(tools=[TOOL], messages=[USER, {"role": "assistant", "tool_calls": [CALL]}, USER, result])
    assert [block["type"] for block in body_of(asked)["messages"][2]["content"]] == ["tool_result", "text"]


def test_the_older_place_of_a_schema_is_known_too() -> None:
    asked = to_openai(output_format={"type": "json_schema", "schema": {"type": "string"}})
    assert body_of(asked)["response_format"]["json_schema"]["schema"] == {"type": "string"}
    assert asked.dropped == ()
