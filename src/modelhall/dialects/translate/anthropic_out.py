"""Writes a request in the words of Anthropic's messages."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from modelhall.dialects.parameters import ParameterFacts
from modelhall.dialects.translate.anthropic_blocks import Blocks, with_cache
from modelhall.dialects.translate.efforts import budget_of, taken_level
from modelhall.dialects.translate.notes import Notes
from modelhall.dialects.translate.order import check_order, merged
from modelhall.domain.errors import BadRequest
from modelhall.domain.messages import (
    Conversation,
    OutputFormat,
    Reasoning,
    Sampling,
    Text,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
    Turn,
)

RANGES: Mapping[str, tuple[int, int]] = {"temperature": (0, 1)}
"""What every model of the dialect takes at most (Anthropic, OpenAI SDK compatibility, read 2026-11)."""

JSON_TOOL = "answer"
"""The tool that stands for a JSON answer where the dialect has no other way to demand one."""

# Without these the answer would be another one than was asked for.
_REFUSED = ("functions", "function_call", "modalities", "audio", "web_search_options", "moderation")
_TIERS = {"auto": "auto", "default": "standard_only"}
_LEVELS = ("low", "medium", "high", "xhigh", "max")
_NO_PARAMETERS = b'{"type":"object","properties":{}}'
_JSON_HINT = "Give the answer by calling this tool: its input is the answer, one JSON object."


@dataclass(frozen=True, slots=True)
class Written:
    """A body, and what the answer to it holds that must be turned back."""

    body: bytes
    json_tool: str | None


def write_request(asked: Conversation, model: str, output_limit: int, facts: ParameterFacts, notes: Notes) -> Written:
    """The request for a model with that limit of output tokens. Raises BadRequest for what would change its meaning."""
    _refuse(asked)
    limit = asked.output_limit or output_limit
    turns = _gathered(asked, notes)
    check_order(turns, prefill=facts.prefill)
    blocks = Blocks(notes)
    body: dict[str, Any] = {"model": model, "max_tokens": limit, "messages": [blocks.message(turn) for turn in turns]}
    if system := _system(asked):
        body["system"] = system
    tools, choice, json_tool = _tools(asked, facts)
    if tools:
        body["tools"] = tools
    if choice is not None:
        body["tool_choice"] = choice
    config = _format(asked.output, notes) if asked.output is not None and json_tool is None else {}
    forced = choice is not None and choice["type"] in ("any", "tool")
    thinks = _effort(asked, turns, limit, forced, facts, body, config, notes)
    if config:
        body["output_config"] = config
    _sampling(asked.sampling, thinks, body, notes)
    _rest(asked, body, notes)
    return Written(msgspec.json.encode(body), json_tool)


def _refuse(asked: Conversation) -> None:
    sampling = asked.sampling
    if (sampling.choices or 1) != 1:
        raise _fault("n", "must be 1: the model that was found gives one answer to one question")
    if sampling.probabilities:
        raise _fault("logprobs", "cannot be told by the model that was found")
    if sampling.bias is not None:
        raise _fault("logit_bias", "counts words by the numbers of another tokeniser than the found model's")
    for name in _REFUSED:
        value = asked.extras.get(name)
        if value is not None and value != b'["text"]':
            raise _fault(name, "cannot be asked of the model that was found")
    if blank := [word for word in sampling.stop if not word.strip()]:
        raise _fault("stop", f"cannot be blank ({blank[0]!r}) for the model that was found")


def _gathered(asked: Conversation, notes: Notes) -> list[Turn]:
    """The turns without the system's, whose words go in front."""
    if any(turn.role == "system" for turn in asked.turns):
        notes.change("messages", "later words of the system stand with the first ones")
    turns = merged(turn for turn in asked.turns if turn.role != "system")
    turns = [turn for turn in turns if not all(isinstance(part, Text) and not part.text for part in turn.parts)]
    if not turns:
        raise _fault("messages", "must hold a message of the user")
    return turns


def _system(asked: Conversation) -> str | list[dict[str, Any]] | None:
    later = [part for turn in asked.turns if turn.role == "system" for part in turn.parts if isinstance(part, Text)]
    words = [text for text in (*asked.system, *later) if text.text]
    if len(words) == 1 and words[0].cache is None:
        return words[0].text
    return [with_cache({"type": "text", "text": text.text}, text.cache) for text in words] or None


def _tools(
    asked: Conversation, facts: ParameterFacts
) -> tuple[list[dict[str, Any]], dict[str, Any] | None, str | None]:
    """Tools, the choice among them, and the name of the one that stands for a JSON answer."""
    output = asked.output
    if output is not None and (output.kind == "object" or facts.json_by_tool):
        if asked.tools:
            raise _fault("response_format", "cannot go together with tools for the model that was found")
        schema = output.schema or b'{"type":"object"}'
        tool = Tool(JSON_TOOL, output.description or _JSON_HINT, schema)
        return [_tool(tool)], {"type": "tool", "name": JSON_TOOL, "disable_parallel_tool_use": True}, JSON_TOOL
    if not asked.tools:
        if asked.tool_choice is not None and asked.tool_choice.mode in ("any", "named"):
            raise _fault("tool_choice", "demands a tool, and there is none in `tools`")
        return [], None, None
    return [_tool(tool) for tool in asked.tools], _choice(asked.tool_choice, asked.parallel), None


def _tool(tool: Tool) -> dict[str, Any]:
    written: dict[str, Any] = {"name": tool.name}
    if tool.description is not None:
        written["description"] = tool.description
    written["input_schema"] = msgspec.Raw(tool.parameters or _NO_PARAMETERS)
    if tool.strict is not None:
        written["strict"] = tool.strict
    return with_cache(written, tool.cache)


def _choice(choice: ToolChoice | None, parallel: bool | None) -> dict[str, Any] | None:
    if choice is None and parallel is None:
        return None
    mode = "auto" if choice is None else choice.mode
    if mode == "none":
        return {"type": "none"}
    written: dict[str, Any] = {"type": "tool" if mode == "named" else mode}
    if choice is not None and choice.name is not None:
        written["name"] = choice.name
    if parallel is not None:
        written["disable_parallel_tool_use"] = not parallel
    return written


def _format(output: OutputFormat, notes: Notes) -> dict[str, Any]:
    """Structured outputs as Anthropic documents them: `output_config.format` (platform.claude.com, read 2026-11)."""
    if output.schema is None:
        raise _fault("response_format.json_schema.schema", "is missing")
    if output.name is not None:
        notes.drop("response_format.json_schema.name")
    if output.description is not None:
        notes.drop("response_format.json_schema.description")
    if output.strict is False:
        notes.change("response_format", "the model always keeps to the schema, as with strict")
    return {"format": {"type": "json_schema", "schema": msgspec.Raw(output.schema)}}


def _effort(
    asked: Conversation,
    turns: list[Turn],
    limit: int,
    forced: bool,
    facts: ParameterFacts,
    body: dict[str, Any],
    config: dict[str, Any],
    notes: Notes,
) -> bool:
    """Puts in how much to think, and says whether the model thinks. A tool that must be called excludes thinking."""
    level = asked.effort.level if asked.effort is not None else None
    if level is None:
        return False
    if level == "none":
        if facts.thinking != "never":
            body["thinking"] = {"type": "disabled"}
        return False
    if facts.thinking == "adaptive":
        wanted = "low" if level == "minimal" else level
        taken = taken_level(wanted, facts, notes, "reasoning_effort")
        if taken in _LEVELS:
            config["effort"] = taken
        if not forced:
            body["thinking"] = {"type": "adaptive"}
        return not forced
    budget = budget_of(level, min(limit, facts.max_output or limit))
    if facts.thinking == "never" or forced or budget is None or _lacks_thoughts(turns):
        notes.drop("reasoning_effort")
        return False
    body["thinking"] = {"type": "enabled", "budget_tokens": budget}
    notes.change("reasoning_effort", f"{level} → at most {budget} tokens of thinking")
    return True


def _lacks_thoughts(turns: list[Turn]) -> bool:
    """Whether the model waits for tools that it asked for with thoughts that were not sent back, or without any.

    A request that then asks for thinking is refused (Anthropic, extended thinking with tool use, read 2026-11).
    """
    last = next((turn for turn in reversed(turns) if turn.role == "assistant"), None)
    waits = any(isinstance(part, ToolResult) for part in turns[-1].parts)
    if last is None or not waits or not any(isinstance(part, ToolCall) for part in last.parts):
        return False
    return not any(isinstance(part, Reasoning) and part.signature for part in last.parts)


def _sampling(sampling: Sampling, thinks: bool, body: dict[str, Any], notes: Notes) -> None:
    picks = {"temperature": sampling.temperature, "top_p": sampling.top_p, "top_k": sampling.top_k}
    for name, value in picks.items():
        if value is None:
            continue
        if thinks:
            # Thinking goes with the model's own settings only (Anthropic, extended thinking, read 2026-11).
            notes.drop(name)
        else:
            body[name] = value
    if sampling.stop:
        body["stop_sequences"] = sampling.stop
    for name in ("frequency_penalty", "presence_penalty", "seed"):
        if getattr(sampling, name) is not None:
            notes.drop(name)


def _rest(asked: Conversation, body: dict[str, Any], notes: Notes) -> None:
    if asked.user is not None:
        body["metadata"] = {"user_id": asked.user}
    if asked.service_tier in _TIERS:
        body["service_tier"] = _TIERS[asked.service_tier]
    elif asked.service_tier is not None:
        notes.drop("service_tier")
    if asked.parallel is not None and not asked.tools:
        notes.drop("parallel_tool_calls")
    if asked.stream is not None:
        body["stream"] = asked.stream
    notes.drop(*(name for name in asked.extras if name not in _REFUSED), *asked.extra_names)


def _fault(name: str, why: str) -> BadRequest:
    return BadRequest(f"`{name}` {why}.", details={"param": name})
