"""Made-up secrets that a test plants, and a look at the end whether one of them came out."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote


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

    def found_in_any_form(self, data: bytes) -> list[str]:
        """What was planted and is in the bytes: as it is, in hex, in base64, escaped for an address, or backwards."""
        return [what for secret, what in self.planted.items() if any(form in data for form in forms_of(secret))]


def forms_of(secret: str) -> Iterator[bytes]:
    """How a secret may stand somewhere; in base64 it has three looks, by what stands before it."""
    raw = secret.encode()
    yield raw
    yield raw[::-1]
    yield raw.hex().encode()
    yield quote(secret, safe="").encode()
    for before in range(3):
        inner = base64.b64encode(b"x" * before + raw)[4 if before else 0 : -4]
        yield inner
        yield inner.translate(bytes.maketrans(b"+/", b"-_"))
