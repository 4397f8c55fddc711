"""Remembers requests by their `Idempotency-Key`, so that the same one is done once and answered the same each time."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from modelhall.domain.errors import Conflict, MasterKeyMismatch
from modelhall.domain.people import Actor
from modelhall.services.house import House
from modelhall.services.words import wrong
from modelhall.storage import idempotency
from modelhall.storage.idempotency import Answer

REPEATED_FOR = timedelta(hours=24)
GIVEN_UP_AFTER = timedelta(minutes=2)
"""Nothing in the control API takes longer; whoever claimed a request and has not answered by then is dead."""
LONGEST_KEY = 255


@dataclass(frozen=True, slots=True)
class KnownAnswer:
    """What the request was answered the first time."""

    status: int
    body: bytes = field(repr=False)


async def claim(house: House, actor: Actor, key: str, request: Sequence[bytes]) -> KnownAnswer | None:
    """`None`: do it now, then call `keep` or `drop`. Otherwise the answer it had.

    `request`: what makes it the same request. Raises BadRequest, Conflict while it is being done, OtherRequest.
    """
    if not 1 <= len(key) <= LONGEST_KEY or not key.isprintable():
        raise wrong("Idempotency-Key", f"must be 1 to {LONGEST_KEY} printable characters")
    digest = hashlib.sha256(b"".join(len(part).to_bytes(8, "big") + part for part in request)).digest()
    now = house.clock()
    async with house.database.write() as connection:
        await idempotency.forget_requests(connection, now - REPEATED_FOR)
        stale = now - GIVEN_UP_AFTER
        known = await idempotency.claim_request(connection, actor.member_id, key, digest, stale_before=stale)
    if known is None:
        return None
    try:
        return KnownAnswer(known.status, house.vault.open_answer(_row(actor, key), known.body))
    except MasterKeyMismatch as error:
        raise Conflict("This request was done; its answer cannot be repeated, the master key was changed.") from error


async def keep(house: House, actor: Actor, key: str, answer: KnownAnswer) -> None:
    """Keep the answer, sealed: it may hold a new key."""
    sealed = house.vault.seal_answer(_row(actor, key), answer.body)
    async with house.database.write() as connection:
        await idempotency.answer_request(connection, actor.member_id, key, Answer(answer.status, sealed))


async def drop(house: House, actor: Actor, key: str) -> None:
    """The request failed and changed nothing: it may be sent again."""
    async with house.database.write() as connection:
        await idempotency.drop_claim(connection, actor.member_id, key)


def _row(actor: Actor, key: str) -> str:
    return f"{actor.member_id} {key}"
