"""Reads a request of OpenAI's chat completions into the domain's words."""

from modelhall.dialects.translate.fields import Fields, is_text
from modelhall.dialects.translate.openai_parts import tools_of, turns_of
from modelhall.domain.messages import Conversation, Effort, OutputFormat, Sampling, Text, Tool, ToolChoice, Turn

_CHOICES = {"auto": ToolChoice("auto"), "none": ToolChoice("none"), "required": ToolChoice("any")}


def read_request(body: bytes) -> Conversation:
    """The request. Raises BadRequest with the field at fault."""
    asked = Fields(body)
    extra: list[str] = []
    turns = turns_of(asked.items("messages"), extra)
    tools = tools_of(asked.items("tools"), extra)
    choice, tools = _tool_choice(asked, tools)
    level = asked.text("reasoning_effort")
    system, turns = _leading(turns)
    limit = asked.whole("max_completion_tokens")
    older_limit = asked.whole("max_tokens")
    # How it is sent is the house's business, not the model's.
    asked.skip("model", "stream_options")
    return Conversation(
        system=system,
        turns=tuple(turns),
        tools=tools,
        tool_choice=choice,
        parallel=asked.flag("parallel_tool_calls"),
        output=_output(asked),
        sampling=_sampling(asked),
        output_limit=older_limit if limit is None else limit,
        effort=None if level is None else Effort(level=level),
        user=_user(asked),
        service_tier=asked.text("service_tier"),
        stream=asked.flag("stream"),
        extras=asked.rest(),
        extra_names=tuple(extra),
    )


def _leading(turns: list[Turn]) -> tuple[tuple[Text, ...], list[Turn]]:
    """The system's words before anybody else's; later ones stay where they are."""
    system: list[Text] = []
    for at, turn in enumerate(turns):
        if turn.role != "system":
            return tuple(system), turns[at:]
        system += [part for part in turn.parts if isinstance(part, Text)]
    return tuple(system), []


def _user(asked: Fields) -> str | None:
    """`safety_identifier` has taken the place of `user` (openai 3.51.0)."""
    older, newer = asked.text("user"), asked.text("safety_identifier")
    return newer or older


def _sampling(asked: Fields) -> Sampling:
    logprobs = asked.flag("logprobs")
    top_logprobs = asked.whole("top_logprobs")
    bias = asked.json("logit_bias")
    return Sampling(
        temperature=asked.number("temperature"),
        top_p=asked.number("top_p"),
        top_k=asked.whole("top_k"),
        stop=asked.texts("stop"),
        frequency_penalty=asked.number("frequency_penalty"),
        presence_penalty=asked.number("presence_penalty"),
        seed=asked.whole("seed"),
        choices=asked.whole("n"),
        probabilities=bool(logprobs or top_logprobs),
        bias=None if bias == b"{}" else bias,
    )


def _output(asked: Fields) -> OutputFormat | None:
    wanted = asked.inner("response_format")
    if wanted is None:
        return None
    kind = wanted.needed("type")
    if kind == "text":
        return None
    if kind == "json_object":
        return OutputFormat("object")
    schema = wanted.inner("json_schema")
    if kind != "json_schema" or schema is None:
        raise wanted.fault("type", f"cannot be {kind[:40]!r}: it can be text, json_object or json_schema")
    return OutputFormat(
        "schema",
        schema=schema.json("schema"),
        name=schema.text("name"),
        description=schema.text("description"),
        strict=schema.flag("strict"),
    )


def _tool_choice(asked: Fields, tools: tuple[Tool, ...]) -> tuple[ToolChoice | None, tuple[Tool, ...]]:
    """The choice, and the tools that it leaves: an allow-list says the same as a shorter list of tools."""
    raw = asked.peek("tool_choice")
    if raw is None:
        return None, tools
    if is_text(raw):
        word = asked.needed("tool_choice")
        if word not in _CHOICES:
            raise asked.fault("tool_choice", f"cannot be {word[:40]!r}: it can be none, auto, required or a function")
        return _CHOICES[word], tools
    choice = asked.inner("tool_choice")
    kind = choice.text("type") if choice is not None else None
    if choice is not None and kind == "function" and (function := choice.inner("function")) is not None:
        return ToolChoice("named", function.needed("name")), tools
    allowed = choice.inner("allowed_tools") if choice is not None else None
    if allowed is None:
        raise asked.fault("tool_choice", "cannot be translated for the model that was found")
    mode = allowed.text("mode") or "auto"
    names = {function.needed("name") for tool in allowed.items("tools") if (function := tool.inner("function"))}
    return _CHOICES.get(mode, _CHOICES["auto"]), tuple(tool for tool in tools if tool.name in names)
