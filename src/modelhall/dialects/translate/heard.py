"""What is heard of an answer as it comes, piece by piece."""

from typing import Protocol

from modelhall.domain.messages import Stop
from modelhall.domain.usage import Usage


class Heard(Protocol):
    """Takes the pieces of one answer and writes them down in a dialect."""

    def begin(self, id: str | None, model: str | None, created: int | None) -> None:
        """The answer begins; only the first time counts."""
        ...

    def part(self) -> None:
        """What follows is another part than what was before, even of the same kind."""
        ...

    def text(self, words: str) -> None: ...

    def reasoning(self, words: str) -> None: ...

    def signature(self, proof: str) -> None:
        """The proof of the thoughts before it."""
        ...

    def hidden(self, data: str) -> None:
        """Thoughts that only their vendor can read."""
        ...

    def refusal(self, words: str) -> None: ...

    def call(self, id: str, name: str) -> None:
        """A call of a tool; its arguments follow."""
        ...

    def arguments(self, piece: str) -> None:
        """A piece of the last call's arguments. Raises ProviderBroke when another part has begun since."""
        ...

    def stop(self, stop: Stop | None, sequence: str | None, why_refused: str | None) -> None:
        """Why the answer ended; kept until `end`."""
        ...

    def take(self) -> bytes:
        """Events that were written since the last time."""
        ...

    def end(self, usage: Usage | None) -> bytes:
        """The events that end the answer in peace."""
        ...
