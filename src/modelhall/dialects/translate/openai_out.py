"""Writes a request in the words of OpenAI's chat completions."""

from typing import Any, cast

import msgspec

from modelhall.dialects.parameters import ParameterFacts
from modelhall.dialects.translate.efforts import level_of, taken_level
from modelhall.dialects.translate.notes import Notes
from modelhall.dialects.translate.openai_messages import Messages, cache_marks
from modelhall.dialects.translate.order import check_order, merged
from modelhall.domain.errors import BadRequest
from modelhall.domain.messages import Conversation, Effort, OutputFormat, Sampling, Tool, ToolChoice

# Without these the answer would be another one than was asked for, or given in another place.
_REFUSED = ("mcp_servers", "container", "inference_geo")
_TIERS = {"auto": "auto", "standard_only": "default"}
_MODES = {"auto": "auto", "none": "none", "any": "required"}
_FORMAT_NAME = "answer"
_DEEPEST = 40


def write_request(
    asked: Conversation, model: str, output_limit: int | None, facts: ParameterFacts, notes: Notes, *, usage: bool
) -> bytes:
    """The request for a model. `usage`: whether a stream must be asked to tell it. Raises BadRequest."""
    for name in _REFUSED:
        if name in asked.extras:
            raise _fault(name, "cannot be asked of the model that was found")
    turns = merged(asked.turns)
    if not turns:
        raise _fault("messages", "must hold a message of the user")
    check_order(turns, prefill=facts.prefill)
    messages = Messages(facts, notes)
    messages.system(asked.system)
    for turn in turns:
        messages.turn(turn)
    body: dict[str, Any] = {"model": model, "messages": messages.written}
    limit = asked.output_limit or output_limit
    if limit is not None:
        body["max_tokens"] = limit
    _tools(asked, facts, body)
    if asked.output is not None:
        body["response_format"] = _format(asked.output, notes)
    _sampling(asked.sampling, facts, body, notes)
    if asked.effort is not None and (level := _effort(asked.effort, facts, notes)) is not None:
        body["reasoning_effort"] = level
    _rest(asked, body, notes, usage)
    if "cache_control" not in facts.takes and cache_marks(asked):
        notes.drop("cache_control")
    return msgspec.json.encode(body)


def _tools(asked: Conversation, facts: ParameterFacts, body: dict[str, Any]) -> None:
    if not asked.tools:
        if asked.tool_choice is not None and asked.tool_choice.mode in ("any", "named"):
            raise _fault("tool_choice", "demands a tool, and there is none in `tools`")
        return
    body["tools"] = [_tool(tool, facts) for tool in asked.tools]
    if asked.tool_choice is not None:
        body["tool_choice"] = _choice(asked.tool_choice)
    if asked.parallel is not None:
        body["parallel_tool_calls"] = asked.parallel


def _tool(tool: Tool, facts: ParameterFacts) -> dict[str, Any]:
    function: dict[str, Any] = {"name": tool.name}
    if tool.description is not None:
        function["description"] = tool.description
    if tool.parameters is not None:
        function["parameters"] = msgspec.Raw(tool.parameters)
    if tool.strict is not None:
        function["strict"] = tool.strict
    written: dict[str, Any] = {"type": "function", "function": function}
    if tool.cache is not None and "cache_control" in facts.takes:
        written["cache_control"] = msgspec.Raw(tool.cache)
    return written


def _choice(choice: ToolChoice) -> str | dict[str, Any]:
    if choice.mode == "named":
        return {"type": "function", "function": {"name": choice.name}}
    return _MODES[choice.mode]


def _format(output: OutputFormat, notes: Notes) -> dict[str, Any]:
    if output.schema is None:
        return {"type": "json_object"}
    strict = all_required(msgspec.json.decode(output.schema))
    if not strict:
        notes.change("output_config.format", "the schema has optional fields, which the target does not enforce")
    schema = {"name": output.name or _FORMAT_NAME, "strict": strict, "schema": msgspec.Raw(output.schema)}
    return {"type": "json_schema", "json_schema": schema}


def all_required(schema: object, depth: int = 0) -> bool:
    """Whether OpenAI's strict mode takes a schema: each object closed and without optional fields.

    OpenAI, structured outputs, supported schemas, read 2026-11.
    """
    if depth > _DEEPEST:
        return False
    if isinstance(schema, list):
        return all(all_required(each, depth + 1) for each in cast("list[object]", schema))
    if not isinstance(schema, dict):
        return True
    found = cast("dict[str, Any]", schema)
    properties = found.get("properties")
    if isinstance(properties, dict) or found.get("type") == "object":
        needed = found.get("required")
        names = {str(name) for name in cast("list[object]", needed)} if isinstance(needed, list) else set[str]()
        if names != set(cast("dict[str, Any]", properties or {})) or found.get("additionalProperties") is not False:
            return False
    return all(all_required(value, depth + 1) for value in found.values())


def _sampling(sampling: Sampling, facts: ParameterFacts, body: dict[str, Any], notes: Notes) -> None:
    if sampling.temperature is not None:
        body["temperature"] = sampling.temperature
    if sampling.top_p is not None:
        body["top_p"] = sampling.top_p
    if sampling.top_k is not None:
        if "top_k" in facts.takes:
            body["top_k"] = sampling.top_k
        else:
            notes.drop("top_k")
    if sampling.stop:
        body["stop"] = sampling.stop


def _effort(effort: Effort, facts: ParameterFacts, notes: Notes) -> str | None:
    """The level for a wish to think: the caller's own word, else the one for its budget."""
    if effort.thinks is False:
        if facts.efforts is not None and "none" in facts.efforts:
            return "none"
        if facts.thinking != "never":
            notes.drop("thinking")
        return None
    if facts.thinking == "never":
        notes.drop("thinking")
        return None
    if effort.level is not None:
        return taken_level(effort.level, facts, notes, "output_config.effort")
    if effort.budget is not None:
        level = level_of(effort.budget)
        notes.change("thinking", f"at most {effort.budget} tokens → effort {level}")
        return taken_level(level, facts, notes, "thinking")
    notes.change("thinking", "as much as the model does by itself")
    return None


def _rest(asked: Conversation, body: dict[str, Any], notes: Notes, usage: bool) -> None:
    if asked.user is not None:
        body["user"] = asked.user
    if asked.service_tier in _TIERS:
        body["service_tier"] = _TIERS[asked.service_tier]
    elif asked.service_tier is not None:
        notes.drop("service_tier")
    if asked.stream is not None:
        body["stream"] = asked.stream
    if asked.stream and usage:
        body["stream_options"] = {"include_usage": True}
    notes.drop(*asked.extras, *asked.extra_names)


def _fault(name: str, why: str) -> BadRequest:
    return BadRequest(f"`{name}` {why}.", details={"param": name})
