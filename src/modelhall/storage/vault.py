"""The vault: the master key of this process, and what is sealed and digested with it."""

import hmac
import os
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from modelhall.domain.errors import MasterKeyMismatch
from modelhall.storage import key_files
from modelhall.storage.database import Database, hold_changes
from modelhall.storage.sealing import (
    KEY_BYTES,
    MasterKey,
    Place,
    digest_with,
    new_master_key,
    parse_master_key,
    version_of,
)
from modelhall.storage.tables.system import vault

CHECK, PEPPER = "check", "pepper"
_VERSION_BYTES = 4


async def open_vault(database: Database, data: Path, given: str | None = None) -> "Vault":
    """The vault of a migrated database, with the key given (MODELHALL_MASTER_KEY) or that in `<data>/master.key`.

    A key is made only for a database that never had one. With a wrong or missing key the vault is locked: nothing is
    written, and everything but what needs the key goes on. Raises SetupError for a key that cannot be one.
    """
    opened = Vault(database, data, None if given is None else parse_master_key(given))
    await opened.refresh()
    database.sign = opened.sign
    return opened


@dataclass(slots=True, eq=False)
class Vault:
    """The keys of this process. It keeps older versions while it lives, so that a change of key disturbs no call."""

    _database: Database
    data: Path
    _given: bytes | None = field(repr=False)
    _keys: dict[int, MasterKey] = field(default_factory=dict[int, MasterKey], repr=False)
    _pepper: bytes = field(default=b"", repr=False)
    version: int = 0
    """Of the key that seals now; 0 while locked."""
    locked_because: str = ""

    @property
    def locked(self) -> bool:
        """Whether the master key is missing or not this database's."""
        return bool(self.locked_because)

    @property
    def is_given(self) -> bool:
        """Whether the key comes from the environment, not from a file."""
        return self._given is not None

    def digest(self, text: str) -> bytes:
        """What is stored of a virtual key or a session. Raises MasterKeyMismatch while locked."""
        self._refuse_if_locked()
        return digest_with(self._pepper, text)

    def sign(self, told: bytes) -> bytes | None:
        """What only a process with the master key can make, the same after its change; `None` while locked."""
        return None if self.locked or not self._pepper else hmac.digest(self._pepper, b"audit\0" + told, "sha256")

    def seal_provider_key(self, secret_id: str, origin: str, text: str) -> bytes:
        """A provider's key, sealed for its row and the origin it may go to. Raises MasterKeyMismatch while locked."""
        return self.current().seal(provider_key_place(secret_id, origin), text.encode())

    def open_provider_key(self, secret_id: str, origin: str, sealed: bytes) -> str:
        """The provider's key. Raises MasterKeyMismatch while locked, or when sealed for another row or origin."""
        self._refuse_if_locked()
        key = self._keys.get(version_of(sealed)) or self.current()
        return key.open(provider_key_place(secret_id, origin), sealed).decode()

    def seal_answer(self, row: str, body: bytes) -> bytes:
        """An answer that is kept to be repeated: it may hold a key. Raises MasterKeyMismatch while locked."""
        return self.current().seal(_answer_place(row), body)

    def open_answer(self, row: str, sealed: bytes) -> bytes:
        """The answer. Raises MasterKeyMismatch while locked, or when the master key was changed elsewhere since."""
        self._refuse_if_locked()
        return (self._keys.get(version_of(sealed)) or self.current()).open(_answer_place(row), sealed)

    def current(self) -> MasterKey:
        """The key that seals now. Raises MasterKeyMismatch while locked."""
        self._refuse_if_locked()
        return self._keys[self.version]

    def adopt(self, key: MasterKey, pepper: bytes | None = None) -> None:
        """Seal with this key from now on, and go on opening with the older ones."""
        self._keys[key.version] = key
        self.version, self.locked_because = key.version, ""
        self._pepper = self._pepper if pepper is None else pepper

    async def refresh(self) -> None:
        """Look again whether the key at hand is the database's: at start, and when the stored version is another."""
        stored = await self._stored()
        if await self._adopted(stored):
            return
        # Another process may have changed the key between the look at the database and the look at the files.
        stored = await self._stored()
        if not await self._adopted(stored):
            self.locked_because = self._why_not(stored)

    async def _stored(self) -> "Stored":
        async with self._database.read() as connection:
            stored = await read_stored(connection)
        return stored or await self._begin()

    async def _adopted(self, stored: "Stored") -> bool:
        if stored.version == self.version and not self.locked:
            return True
        key = await self._find(stored)
        if key is not None:
            self.adopt(key, key.open(PEPPER_PLACE, stored.pepper))
        return key is not None

    async def _find(self, stored: "Stored") -> MasterKey | None:
        """The key that fits the check value; files that a change of key left behind are settled on the way."""
        if self._given is not None:
            return stored.fitting(self._given)
        for name in (key_files.NAME, key_files.NEXT):
            key = stored.fitting(key_files.read_key(self.data, name))
            if key is not None:
                await self._settle_files(key, name)
                return key
        return None

    async def _settle_files(self, key: MasterKey, name: str) -> None:
        if not (self.data / key_files.NEXT).exists():
            return
        with key_files.sole_hand_on_keys(self.data) as alone:
            if not alone:
                return
            async with self._database.write() as connection:
                # Waits for a commit still on its way from a process that died: then it is known which key holds.
                await hold_changes(connection)
                stored = await read_stored(connection)
            if stored is None or stored.version != key.version:
                return
            if name == key_files.NEXT:
                key_files.put_next_in_place(self.data, key.secret)
            else:
                key_files.drop_next(self.data)

    async def _begin(self) -> "Stored":
        """Give a new database its key and pepper; what is stored afterwards, whoever wrote it."""
        async with self._database.write() as connection:
            await hold_changes(connection)
            stored = await read_stored(connection)
            if stored is not None:
                return stored
            secret = self._given or key_files.read_key(self.data)
            if secret is None:
                secret = new_master_key()
                # Before the check value: a key without one is used at the next start, the other way round all is lost.
                key_files.write_key(self.data, key_files.NAME, secret)
            key = MasterKey(1, secret)
            pepper = key.seal(PEPPER_PLACE, os.urandom(KEY_BYTES))
            await write_check(connection, key)
            await connection.execute(vault.insert().values(name=PEPPER, value=pepper))
            return Stored(key.version, key.check_value(), pepper)

    def _why_not(self, stored: "Stored") -> str:
        file = self.data / key_files.NAME
        if self._given is None:
            if not file.exists():
                return f"There is no {file}. Copy it from where this database was made, or set MODELHALL_MASTER_KEY."
            return f"The key in {file} is not the one this database was written with. Put the right file there."
        if stored.fitting(key_files.read_key(self.data)) is not None:
            return (
                f"MODELHALL_MASTER_KEY is not this database's key, but {file} is. Unset the variable or set that key."
            )
        return "MODELHALL_MASTER_KEY is not the key this database was written with. Set the right one and start again."

    def _refuse_if_locked(self) -> None:
        if self.locked_because:
            raise MasterKeyMismatch(self.locked_because)


PEPPER_PLACE = Place("vault", PEPPER, "value", "pepper")


def _answer_place(row: str) -> Place:
    return Place("idempotency", row, "body", "idempotency")


def provider_key_place(secret_id: str, origin: str) -> Place:
    """Where a provider's key lives."""
    return Place("secrets", secret_id, "sealed", "provider-key", origin)


@dataclass(frozen=True, slots=True)
class Stored:
    """What the database knows of its master key."""

    version: int
    check_value: bytes
    pepper: bytes
    """Sealed."""

    def fitting(self, secret: bytes | None) -> MasterKey | None:
        """The secret as this database's master key; `None` when it is not."""
        key = None if secret is None else MasterKey(self.version, secret)
        return key if key is not None and key.fits(self.check_value) else None


async def read_stored(connection: AsyncConnection) -> Stored | None:
    """What is stored of the master key; `None` in a database that never had one."""
    rows = await connection.execute(sa.select(vault.c.name, vault.c.value))
    found: dict[str, bytes] = {row.name: row.value for row in rows}
    if CHECK not in found:
        return None
    check = found[CHECK]
    return Stored(int.from_bytes(check[:_VERSION_BYTES], "big"), check[_VERSION_BYTES:], found[PEPPER])


async def write_check(connection: AsyncConnection, key: MasterKey) -> None:
    """Have the database know this key, and no other, as its own."""
    value = key.version.to_bytes(_VERSION_BYTES, "big") + key.check_value()
    await connection.execute(sa.delete(vault).where(vault.c.name == CHECK))
    await connection.execute(vault.insert().values(name=CHECK, value=value))
