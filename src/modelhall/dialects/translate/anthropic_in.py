"""Reads a request of Anthropic's messages into the domain's words."""

from modelhall.dialects.translate.anthropic_parts import content_of, tools_of, turns_of
from modelhall.dialects.translate.fields import Fields
from modelhall.domain.messages import Conversation, Effort, OutputFormat, Sampling, Text, ToolChoice

_MODES = {"auto": ToolChoice("auto"), "none": ToolChoice("none"), "any": ToolChoice("any")}


def read_request(body: bytes) -> Conversation:
    """The request. Raises BadRequest with the field at fault."""
    asked = Fields(body)
    extra: list[str] = []
    system = content_of(asked, extra, "system")
    turns = turns_of(asked.items("messages"), extra)
    tools = tools_of(asked.items("tools"), extra)
    choice, parallel = _tool_choice(asked)
    config = asked.inner("output_config")
    output = _output(config, asked)
    effort = _effort(asked, None if config is None else config.text("effort"))
    metadata = asked.inner("metadata")
    user = None if metadata is None else metadata.text("user_id")
    for part in (config, metadata):
        extra += () if part is None else part.rest_names()
    limit = asked.whole("max_tokens")
    if limit is not None and limit < 1:
        raise asked.fault("max_tokens", "must be at least 1")
    asked.skip("model")
    return Conversation(
        system=tuple(part for part in system if isinstance(part, Text)),
        turns=tuple(turns),
        tools=tools,
        tool_choice=choice,
        parallel=parallel,
        output=output,
        sampling=Sampling(
            temperature=asked.number("temperature"),
            top_p=asked.number("top_p"),
            top_k=asked.whole("top_k"),
            stop=asked.texts("stop_sequences"),
        ),
        output_limit=limit,
        effort=effort,
        user=user,
        service_tier=asked.text("service_tier"),
        stream=asked.flag("stream"),
        extras=asked.rest(),
        extra_names=tuple(extra),
    )


def _tool_choice(asked: Fields) -> tuple[ToolChoice | None, bool | None]:
    choice = asked.inner("tool_choice")
    if choice is None:
        return None, None
    kind = choice.needed("type")
    alone = choice.flag("disable_parallel_tool_use")
    parallel = None if alone is None else not alone
    if kind == "tool":
        return ToolChoice("named", choice.needed("name")), parallel
    if kind not in _MODES:
        raise choice.fault("type", f"cannot be {kind[:40]!r}: it can be auto, any, none or tool")
    return _MODES[kind], parallel


def _output(config: Fields | None, asked: Fields) -> OutputFormat | None:
    """The form of the answer; `output_format` is its older place (Anthropic, structured outputs, read 2026-11)."""
    newer = None if config is None else config.inner("format")
    older = asked.inner("output_format")
    wanted = newer or older
    if wanted is None:
        return None
    kind = wanted.needed("type")
    if kind != "json_schema":
        raise wanted.fault("type", f"cannot be {kind[:40]!r}: it can be json_schema")
    return OutputFormat("schema", schema=wanted.json("schema"))


def _effort(asked: Fields, level: str | None) -> Effort | None:
    thinking = asked.inner("thinking")
    if thinking is None:
        return None if level is None else Effort(level=level)
    kind = thinking.needed("type")
    shown = thinking.text("display") != "omitted"
    if kind == "disabled":
        return Effort(level=level, thinks=False)
    if kind == "enabled":
        return Effort(level=level, budget=thinking.whole("budget_tokens"), thinks=True, shown=shown)
    return Effort(level=level, thinks=True, shown=shown)
