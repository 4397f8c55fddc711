"""What is asked of a model to see what it can do, and how its answer is read."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from modelhall.domain.errors import ProviderRefused
from modelhall.services.calls.make_call import Heard, Object

RED = (
    "iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAIAAAAlC+aJAAAAS0lEQVR42u3PQQkAAAgAsetfWiP4FgYrsKZeS0BAQE"
    "BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEDgsqnc8OJg6Ln3AAAAAElFTkSuQmCC"
)
"""A red square of 64 by 64 pixels, as PNG."""
Verdict = tuple[bool | None, str]
"""Seen, seen to be missing, or nothing to go by; and why."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One small request."""

    capability: str
    body: Object
    reads: Callable[[Heard], Verdict]

    def verdict(self, heard: Heard) -> Verdict:
        """What the answer says. A failure that is not a refusal of the request says nothing of the model."""
        if isinstance(heard.error, ProviderRefused):
            return False, f"refused: {heard.error.message}"
        if heard.error is not None:
            return None, heard.error.message
        return self.reads(heard)


def _asks(text: str, most: int, **more: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}], "max_tokens": most, **more}


def _streamed(heard: Heard) -> Verdict:
    if heard.first_token_ms is None:
        return None, "a stream without any content"
    return True, f"first content after {heard.first_token_ms:,} ms"


def _called(heard: Heard) -> Verdict:
    if heard.tools:
        return True, f"called {heard.tools[0]}"
    return None, "answered without calling the tool"


def _in_form(heard: Heard) -> Verdict:
    if heard.finish_reason == "length":
        return None, "the answer was cut"
    try:
        told: object = json.loads(heard.text)
    except ValueError:
        return False, "answered in another form"
    colour = cast("Mapping[str, object]", told).get("colour") if isinstance(told, dict) else None
    if colour in COLOURS:
        return True, "answered in the form that was asked for"
    return False, "answered in another form"


def _saw(heard: Heard) -> Verdict:
    if "red" in heard.text.casefold():
        return True, "named the colour of the picture"
    return None, "answered, but did not name the colour of the picture"


def _thought(heard: Heard) -> Verdict:
    tokens = sum(row.usage.get("reasoning", 0) for row in heard.row.attempts) if heard.row else 0
    if tokens or heard.thought:
        return True, f"thought for {tokens:,} tokens" if tokens else "showed its thinking"
    return None, "answered without any thinking that shows"


COLOURS = ("red", "green", "blue")
FORM = {
    "type": "object",
    "properties": {"colour": {"type": "string", "enum": list(COLOURS)}},
    "required": ["colour"],
    "additionalProperties": False,
}
CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOL = {"type": "function", "function": {"name": "get_time", "description": "The time in a city.", "parameters": CITY}}
PICTURE = [
    {"type": "text", "text": "Which colour has this picture? Answer with one word."},
    {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{RED}"}},
]
STREAMING = Probe("streaming", _asks("Say: ok", 64, stream=True), _streamed)
PROBES: Mapping[str, Probe] = {
    probe.capability: probe
    for probe in (
        STREAMING,
        Probe("tools", _asks("What time is it in Oslo? Use the tool.", 256, tools=[TOOL]), _called),
        Probe(
            "json_schema",
            _asks(
                "Which colour has grass?",
                256,
                response_format={
                    "type": "json_schema",
                    "json_schema": {"name": "answer", "strict": True, "schema": FORM},
                },
            ),
            _in_form,
        ),
        Probe("vision", {"messages": [{"role": "user", "content": PICTURE}], "max_tokens": 64}, _saw),
        Probe("reasoning", _asks("How many r are in strawberry?", 1024, reasoning_effort="low"), _thought),
    )
}
"""By capability, in the order in which they are tried."""
