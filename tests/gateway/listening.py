"""What a client makes of an answer, in either dialect, and a request that both understand."""

import json
from dataclasses import dataclass

from tests.gateway.hall import Answer

CHAT, MESSAGES = "/v1/chat/completions", "/v1/messages"
WAYS = {
    "openai": (CHAT, "gpt"),
    "anthropic": (MESSAGES, "claude"),
    "openai to anthropic": (CHAT, "claude"),
    "anthropic to openai": (MESSAGES, "gpt"),
}
"""Every pair of a caller's and a target's dialect: the caller's path, and a profile that speaks the target's only."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a client makes of a stream."""

    text: str
    ended: bool
    """Whether the dialect's last event came."""
    errors: int
    finish: str | None
    error_is_last: bool


def heard(body: bytes) -> Heard:
    """Reads a stream of either dialect as its clients do: events by the blank line, `data` as JSON."""
    text, ended, errors, finish, last = "", False, 0, None, ""
    for event in body.decode().split("\n\n"):
        data = "\n".join(line[5:].strip() for line in event.split("\n") if line.startswith("data:"))
        if not data:
            continue
        last = "end" if data == "[DONE]" else "said"
        said = {} if data == "[DONE]" else json.loads(data)
        for choice in said.get("choices", ()):
            text += choice["delta"].get("content") or ""
            finish = choice.get("finish_reason") or finish
        text += said.get("delta", {}).get("text", "")
        finish = said.get("delta", {}).get("stop_reason") or finish
        ended = ended or last == "end" or said.get("type") == "message_stop"
        if "error" in said:
            errors, last = errors + 1, "error"
    return Heard(text, ended, errors, finish, last == "error")


def text_of(answer: Answer) -> str:
    """The text of a whole answer in either dialect."""
    said = answer.json
    return said["choices"][0]["message"]["content"] if "choices" in said else said["content"][0]["text"]


def ask(model: str, script: str, *, stream: bool) -> dict[str, object]:
    """A request in both dialects at once, whose script the provider finds in its words."""
    messages = [{"role": "user", "content": f"script {script}."}]
    return {"model": model, "max_tokens": 100, "stream": stream, "messages": messages}
