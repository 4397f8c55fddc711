"""Passwords as they are kept: Argon2id, worked out beside the event loop, only a few at once."""

import asyncio
import secrets
from collections.abc import Callable
from functools import cached_property, partial
from importlib import import_module
from typing import TYPE_CHECKING, TypeVar

from modelhall.domain.errors import Overloaded

if TYPE_CHECKING:
    from argon2 import PasswordHasher

T = TypeVar("T")
AT_ONCE = 2
"""Each takes 64 MiB and a core for a tenth of a second: who floods us with passwords gets no more than this."""
MOST_WAITING = 64


class Passwords:
    """Hashes and compares. The defaults are the second choice of RFC 9106: 64 MiB, three passes.

    OWASP asks for less; `is_dated` says when a hash was made with other parameters.
    """

    def __init__(self, hasher: "PasswordHasher | None" = None) -> None:
        self._given = hasher
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0
        self._nobodys: str | None = None

    async def hash(self, password: str) -> str:
        """What is kept of a password. Raises Overloaded."""
        return await self._in_turn(partial(self._hasher.hash, password))

    async def matches(self, kept: str | None, password: str) -> bool:
        """Whether it is the password; with nothing kept it takes as long and is false. Raises Overloaded."""
        if self._nobodys is None:
            self._nobodys = await self.hash(secrets.token_urlsafe(32))
        same = await self._in_turn(partial(self._same, kept or self._nobodys, password))
        return same and kept is not None

    def is_dated(self, kept: str) -> bool:
        """Whether it was hashed with other parameters than today's."""
        return self._hasher.check_needs_rehash(kept)

    @cached_property
    def _hasher(self) -> "PasswordHasher":
        # Loaded with the first password: a server that only serves calls never needs it.
        return self._given or import_module("argon2").PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)

    def _same(self, kept: str, password: str) -> bool:
        faults = import_module("argon2.exceptions")
        try:
            return self._hasher.verify(kept, password)
        except (faults.VerificationError, faults.InvalidHashError):
            return False

    async def _in_turn(self, work: Callable[[], T]) -> T:
        if self._waiting >= MOST_WAITING:
            raise Overloaded("too many people sign in at once; try again in a moment", retry_after_s=2)
        self._waiting += 1
        try:
            async with self._turns:
                return await asyncio.to_thread(work)
        finally:
            self._waiting -= 1
