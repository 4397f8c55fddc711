"""Whoever may not call any more is cut within a second, in whatever phase a call is; a cut stream never looks whole."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from modelhall.domain.people import Role
from modelhall.storage import keys, members
from tests.gateway.crowd import connected
from tests.gateway.faulty import Faulty
from tests.gateway.hall import Hall
from tests.gateway.listening import CHAT, MESSAGES, WAYS, ask, heard
from tests.gateway.test_client_gone import (
    floods,
    half_an_answer,
    has_rows,
    nothing_held,
    request,
    silent,
    talkative,
    until,
)

PROMPT_S = 1.0


async def delete_its_key(hall: Hall) -> None:
    async with hall.database.change(hall.actor) as change:
        for key in await keys.list_keys(change.connection, hall.organisation.id):
            await keys.delete_key(change.connection, key.id)
            await change.audit("key.delete", "key", key.id, key.name)


async def remove_its_member(hall: Hall) -> None:
    async with hall.database.change(hall.actor) as change:
        await members.remove_member(change.connection, hall.owner.id)
        await change.audit("member.remove", "member", hall.owner.id, "owner")


async def disable_its_person(hall: Hall) -> None:
    async with hall.database.change(hall.actor) as change:
        await members.set_disabled(change.connection, hall.owner.account_id, datetime.now(UTC))
        await change.audit("account.disable", "account", hall.owner.account_id, "owner")


Revoke = Callable[[Hall], Awaitable[None]]


@pytest.mark.parametrize(
    ("way", "revoke"),
    [*((way, delete_its_key) for way in WAYS), ("openai", remove_its_member), ("openai", disable_its_person)],
)
async def test_an_open_stream_ends_in_an_error_and_is_settled(
    small_hall: Hall, provider: Faulty, way: str, revoke: Revoke
) -> None:
    path, profile = WAYS[way]
    key = await small_hall.key(budget="1000")
    provider.scripts["talk"] = talkative
    async with connected(small_hall.address) as (reader, writer):
        writer.write(request(path, key, ask(f"{profile}/small", "talk", stream=True)))
        begun = await reader.readuntil(b"word2")
        (wire,) = provider.wires
        await revoke(small_hall)
        gone = time.monotonic()
        rest = await asyncio.wait_for(reader.readuntil(b"\r\n0\r\n\r\n"), PROMPT_S)
        assert b"may not call any more" in rest
        said = heard(_body(begun + rest))
        assert (said.ended, said.errors, said.error_is_last) == (False, 1, True)
        await until(lambda: wire.left is not None)
        assert (wire.left or 0) - gone <= PROMPT_S
    (row,) = await has_rows(small_hall, 1)
    assert (row["status"], row["error"]) == ("cancelled", "access_ended")
    assert row["cost"] > 0
    await nothing_held(small_hall)
    assert len(provider.wires) == 1, "nobody else is asked"


@pytest.mark.parametrize(
    ("script", "stream"),
    [(silent, True), (silent, False), (half_an_answer, False)],
    ids=["before the first byte", "before the head of a whole answer", "in the middle of a whole answer"],
)
async def test_a_call_that_waits_is_refused(
    small_hall: Hall, provider: Faulty, script: Callable[..., Awaitable[None]], stream: bool
) -> None:
    key = await small_hall.key(budget="1000")
    provider.scripts["wait"] = script
    call = asyncio.create_task(small_hall.call(CHAT, ask("gpt/small", "wait", stream=stream), key))
    await until(lambda: provider.wires)
    await asyncio.sleep(0.1)
    await delete_its_key(small_hall)
    answer = await asyncio.wait_for(call, PROMPT_S)
    assert (answer.status, answer.json["error"]["code"]) == (401, "access_ended")
    await nothing_held(small_hall)


async def test_a_client_that_takes_nothing_keeps_no_provider(small_hall: Hall, provider: Faulty) -> None:
    key = await small_hall.key(budget="1000")
    provider.scripts["flood"] = floods
    async with connected(small_hall.address) as (_, writer):
        writer.write(request(MESSAGES, key, ask("claude/small", "flood", stream=True)))
        await until(lambda: provider.wires)
        (wire,) = provider.wires
        await asyncio.sleep(0.3)
        await delete_its_key(small_hall)
        await until(lambda: wire.left is not None, PROMPT_S)


async def test_a_change_of_another_process_cuts_too(small_hall: Hall, provider: Faulty) -> None:
    key = await small_hall.key()
    provider.scripts["talk"] = talkative
    async with connected(small_hall.address) as (reader, writer):
        writer.write(request(CHAT, key, ask("gpt/small", "talk", stream=True)))
        await reader.readuntil(b"word2")
        small_hall.database._listeners.clear()  # pyright: ignore[reportPrivateUsage] - as if it were elsewhere
        await delete_its_key(small_hall)
        assert b"access_ended" in await asyncio.wait_for(reader.readuntil(b"\r\n0\r\n\r\n"), PROMPT_S)


async def test_the_calls_of_others_go_on(small_hall: Hall, provider: Faulty) -> None:
    first = await small_hall.key()
    provider.scripts["talk"] = talkative
    async with connected(small_hall.address) as (reader, writer):
        writer.write(request(CHAT, first, ask("gpt/small", "talk", stream=True)))
        await reader.readuntil(b"word2")
        await small_hall.key()
        async with small_hall.database.change(small_hall.actor) as change:
            other = await members.insert_account(change.connection, login="other", name="Other")
            member = await members.insert_member(
                change.connection, organisation_id=small_hall.organisation.id, account=other, role=Role.ADMIN
            )
            await members.remove_member(change.connection, member.id)
            await change.audit("member.remove", "member", member.id, member.id)
        for _ in range(3):
            assert b"access_ended" not in await asyncio.wait_for(reader.read(1000), PROMPT_S)


@pytest.mark.full
async def test_nothing_is_admitted_after_a_key_was_deleted(
    small_hall: Hall, provider: Faulty, how_many: Callable[[int, int], int]
) -> None:
    for _ in range(how_many(5, 300)):
        key, deleted = await small_hall.key(), asyncio.Event()

        async def after(key: str = key, deleted: asyncio.Event = deleted) -> None:
            while not deleted.is_set():
                await small_hall.call(CHAT, ask("gpt/small", "well", stream=False), key)
            assert (await small_hall.call(CHAT, ask("gpt/small", "well", stream=False), key)).status == 401

        callers = [asyncio.create_task(after()) for _ in range(4)]
        await asyncio.sleep(0.02)
        await delete_its_key(small_hall)
        deleted.set()
        await asyncio.gather(*callers)


def _body(raw: bytes) -> bytes:
    """What the chunks of an answer hold; each of them has whole lines."""
    _, _, chunked = raw.partition(b"\r\n\r\n")
    body = b""
    while chunked:
        size, _, chunked = chunked.partition(b"\r\n")
        length = int(size, 16)
        body += chunked[:length]
        chunked = chunked[length + 2 :]
    return body
