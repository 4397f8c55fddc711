"""Slows down who guesses passwords: by login and by address, the same for logins that do not exist."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

from modelhall.domain.errors import TooManyGuesses
from modelhall.services.connection import Connection
from modelhall.services.house import House
from modelhall.storage import guesses

FREE_BY_LOGIN, FREE_BY_ADDRESS = 5, 50
"""So many wrong ones cost no wait; an address may be that of a whole office."""
LONGEST_BY_LOGIN, LONGEST_BY_ADDRESS = timedelta(minutes=15), timedelta(minutes=1)


async def guess(house: House, login: str, address: str | None) -> None:
    """Counts a password that is about to be compared. Raises TooManyGuesses while one has to wait."""
    now = house.clock()
    subjects = {_by_login(login): _wait(now, FREE_BY_LOGIN, LONGEST_BY_LOGIN)}
    if address is not None:
        subjects[_by_address(address)] = _wait(now, FREE_BY_ADDRESS, LONGEST_BY_ADDRESS)

    async def noted(connection: Connection) -> datetime | None:
        return await guesses.note_guess(connection, subjects, now)

    until = await house.database.retried(noted)
    if until is not None:
        wait = int((until - now).total_seconds()) + 1
        raise TooManyGuesses(f"too many wrong passwords; try again in {wait} seconds", retry_after_s=wait)


async def guessed_right(connection: Connection, login: str, address: str | None) -> None:
    """The password was right: it counts against nobody."""
    await forgive_login(connection, login)
    if address is not None:
        await guesses.take_back(connection, _by_address(address))


async def forgive_login(connection: Connection, login: str) -> None:
    """All that was guessed for a login is forgotten."""
    await guesses.forgive(connection, _by_login(login))


def _wait(now: datetime, free: int, longest: timedelta) -> Callable[[int], datetime]:
    """Until when to wait after so many: twice as long each time."""

    def until(count: int) -> datetime:
        doublings = min(count - free, 20)
        return now if doublings < 0 else now + min(timedelta(seconds=2**doublings), longest)

    return until


def _by_login(login: str) -> bytes:
    return hashlib.sha256(b"login\0" + login.encode("utf-8", "replace")).digest()


def _by_address(address: str) -> bytes:
    return hashlib.sha256(b"address\0" + address.encode()).digest()
