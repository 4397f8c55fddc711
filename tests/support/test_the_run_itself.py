"""The rules of a test run hold: databases are real and fresh, the network is closed, the environment empty."""

from __future__ import annotations

import os
import socket
import sqlite3

import asyncpg
import pytest

from tests.support.canaries import Canaries
from tests.support.network import NetworkClosed
from tests.support.postgres import Postgres


@pytest.mark.parametrize("time", ["first", "second"])
async def test_each_test_gets_an_empty_postgresql_of_its_own(postgres_url: str, time: str) -> None:
    connection = await asyncpg.connect(postgres_url)
    try:
        await connection.execute("CREATE TABLE mine (n int)")
        assert await connection.fetchval("SELECT count(*) FROM pg_tables WHERE tablename = 'mine'") == 1
    finally:
        await connection.close()


async def test_postgresql_asks_for_the_password(postgres: Postgres) -> None:
    wrong = postgres.url("postgres").replace("only-for-tests", "wrong")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(wrong)


def test_storage_tests_run_on_both_databases(database_url: str) -> None:
    scheme, _, place = database_url.partition("://")
    assert scheme in {"sqlite", "postgresql"}
    if scheme == "sqlite":
        sqlite3.connect(place.removeprefix("/")).close()


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "10.0.0.1"])
def test_a_test_cannot_connect_to_another_machine(host: str) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as leaving, pytest.raises(NetworkClosed):
        leaving.connect((host, 80))


def test_a_test_cannot_ask_a_name_server() -> None:
    with pytest.raises(NetworkClosed):
        socket.getaddrinfo("models.example", 443)


def test_loopback_stays_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as caller:
        assert caller.getpeername() == server.getsockname()


def test_no_key_of_this_machine_reaches_a_test() -> None:
    assert not [name for name in os.environ if name.endswith("_API_KEY") or name.startswith("MODELHALL_")]


def test_a_planted_secret_is_found_and_named() -> None:
    planted = Canaries()
    secret = planted.plant("provider key")
    assert planted.found_in(f"calling with {secret}") == ["provider key"]
    assert planted.found_in("calling with a key") == []
