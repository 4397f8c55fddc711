"""Made-up secrets that a test plants, and a look at the end whether one of them came out."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True)
class Canaries:
    """The secrets planted in one test."""

    planted: dict[str, str] = field(default_factory=dict)

    def plant(self, what: str, prefix: str = "sk-") -> str:
        """A new secret; `what` is how a failure names it."""
        secret = f"{prefix}canary{secrets.token_hex(16)}"
        self.planted[secret] = what
        return secret

    def also(self, what: str, secret: str) -> str:
        """Watch a secret that the program itself made, such as a new key."""
        self.planted[secret] = what
        return secret

    def found_in(self, text: str) -> list[str]:
        """What was planted and can be read in the text."""
        return [what for secret, what in self.planted.items() if secret in text]

    def found_in_file(self, file: Path) -> list[str]:
        """What was planted and can be read in the file."""
        return self.found_in(file.read_bytes().decode("utf-8", "replace"))
