"""What every client's program shares: the hall it is pointed at, what it asks, and how it tells what came back."""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Facts = dict[str, Any]

LOCAL = "local/smollm2-135m-instruct"
HELLO = "Say hello."
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "people": {"type": "integer"}},
    "required": ["city", "people"],
    "additionalProperties": False,
}
CITY: Mapping[str, Any] = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


@dataclass(frozen=True, slots=True)
class Hall:
    """Where to call and with which keys."""

    address: str
    client: str
    """Which program this is: models that fail are its own."""
    key: str
    poor_key: str
    """One whose budget is spent."""

    def own(self, name: str) -> str:
        """The model of that name that nobody else calls; `{}` stands for the profile."""
        return f"{{}}/{name}.{self.client}"

    @property
    def failures(self) -> dict[int, tuple[str, str]]:
        """For each status the model and the key that bring it; `{}` stands for the profile."""
        return {
            400: (self.own("status-400"), self.key),
            401: ("{}/talk", "mh_no-such-key"),
            402: ("{}/talk", self.poor_key),
            403: ("{}/asleep", self.key),
            404: ("{}/nothing-by-that-name", self.key),
            429: (self.own("status-429"), self.key),
            502: (self.own("status-500"), self.key),
            503: ("{}-keyless/talk", self.key),
            504: (self.own("status-504"), self.key),
        }

    def raised(self, profile: str, ask: Callable[[str, str], object]) -> Facts:
        """What is raised at each status by `ask(model, key)`."""
        return {
            str(status): caught(lambda model=model, key=key: ask(model.format(profile), key))
            for status, (model, key) in self.failures.items()
        }


def main(facts_of: Callable[[Hall], Facts]) -> None:
    """Reads the hall from standard input, and tells the facts on standard output."""
    print(json.dumps(facts_of(Hall(**json.load(sys.stdin)))))


def caught(ask: Callable[[], object]) -> Facts:
    """The exception that a call ends in, as a program would see it."""
    try:
        got = ask()
    except Exception as error:  # noqa: BLE001 - which exception it is, is the question
        return {"raised": type(error).__name__, "status": getattr(error, "status_code", None), "words": str(error)}
    return {"raised": None, "got": repr(got)}


def usage(prompt: int, cached: int, written: int) -> Facts:
    """Usage in one shape for all clients: `prompt` counts the cached tokens too."""
    return {"prompt": prompt, "cached": cached, "written": written}
