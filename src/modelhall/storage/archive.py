"""The form of a backup: one zip file with a manifest and each table as JSON lines, the same for every database."""

import asyncio
import base64
import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import AsyncGenerator, Callable, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import msgspec
import sqlalchemy as sa

from modelhall.domain.errors import AlreadyExists, SetupError
from modelhall.storage.tables.columns import Exact, Instant

FORMAT = 1
MANIFEST, KEY = "manifest.json", "master.key"
LINES = 1_000
CHUNK = 1 << 20
# More is slower by far and hardly smaller.
LEVEL = 3


class TableFacts(msgspec.Struct, frozen=True):
    """What the manifest says of one table."""

    columns: tuple[str, ...]
    rows: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds."""

    format: int
    product_version: str
    made_at: datetime
    revision: str
    change_number: int
    tables: dict[str, TableFacts]
    with_key: bool


@dataclass(slots=True)
class ArchiveWriter:
    """A backup while it is being written."""

    zip: zipfile.ZipFile
    tables: dict[str, TableFacts] = field(default_factory=dict[str, TableFacts])

    async def add_table(
        self, name: str, columns: Sequence[str], batches: AsyncGenerator[Sequence[Sequence[Any]]]
    ) -> None:
        """Write one table, batch by batch; compressing happens in a thread, so that a running server goes on."""
        rows, digest = 0, hashlib.sha256()
        with self.zip.open(_member(name), "w", force_zip64=True) as out:
            async for batch in batches:
                rows += len(batch)
                await asyncio.to_thread(_write_lines, out, digest.update, batch)
        self.tables[name] = TableFacts(tuple(columns), rows, digest.hexdigest())

    def add_key(self, text: str) -> None:
        """Write the master key."""
        self.zip.writestr(KEY, text)

    def close_with(self, manifest: Manifest) -> None:
        """Write the manifest, which is what makes the backup whole."""
        self.zip.writestr(MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))


@asynccontextmanager
async def new_archive(file: Path) -> AsyncGenerator[ArchiveWriter]:
    """A new backup that is there, whole and on the disk, only if nothing fails. Raises AlreadyExists, SetupError."""
    if file.exists():
        raise AlreadyExists(f"{file} exists already. Choose another name.")
    part = file.with_name(f"{file.name}.part")
    try:
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise SetupError(f"The backup {file} cannot be written: {error.strerror}.") from error
    try:
        with os.fdopen(descriptor, "r+b") as out:
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as zipped:
                yield ArchiveWriter(zipped)
            out.flush()
            await asyncio.to_thread(os.fsync, descriptor)
        part.rename(file)
    finally:
        part.unlink(missing_ok=True)


@dataclass(slots=True)
class ArchiveReader:
    """A backup that was found to be whole."""

    zip: zipfile.ZipFile
    manifest: Manifest

    def key(self) -> str | None:
        """The master key, if it was put in."""
        return self.zip.read(KEY).decode() if self.manifest.with_key else None

    def batches(self, table: sa.Table) -> Generator[list[list[Any]]]:
        """The rows of a table, some at a time, as the database's own values in the order of the manifest's columns."""
        facts = self.manifest.tables[table.name]
        reads = [_reader_of(table.c[name].type) for name in facts.columns]
        batch: list[list[Any]] = []
        with self.zip.open(_member(table.name)) as lines:
            for line in lines:
                told = msgspec.json.decode(line)
                batch.append([v if v is None or read is None else read(v) for read, v in zip(reads, told, strict=True)])
                if len(batch) == LINES:
                    yield batch
                    batch = []
        if batch:
            yield batch


@contextmanager
def open_archive(file: Path) -> Generator[ArchiveReader]:
    """A backup, every table of it checked before anything else. Raises SetupError when it is damaged or too new."""
    try:
        zipped = zipfile.ZipFile(file)
    except (OSError, zipfile.BadZipFile) as error:
        raise SetupError(f"{file} is not a backup of Modelhall, or it is damaged: {error}.") from error
    with zipped:
        yield ArchiveReader(zipped, _checked(zipped, file))


def _checked(zipped: zipfile.ZipFile, file: Path) -> Manifest:
    try:
        raw = zipped.read(MANIFEST)
        said = json.loads(raw).get("format")
        if said != FORMAT:
            raise SetupError(
                f"{file} has format {said}; this version of Modelhall reads format {FORMAT}. Use a newer one."
            )
        manifest = msgspec.json.decode(raw, type=Manifest)
        damaged = [name for name, facts in manifest.tables.items() if _digest(zipped, _member(name)) != facts.sha256]
    except (KeyError, ValueError, OSError, zipfile.BadZipFile, zlib.error) as error:
        raise SetupError(f"{file} is not a backup of Modelhall, or it is damaged: {error}.") from error
    if damaged:
        raise SetupError(f"{file} is damaged: the checksum of {', '.join(damaged)} is wrong. Use another backup.")
    return manifest


def _digest(zipped: zipfile.ZipFile, member: str) -> str:
    digest = hashlib.sha256()
    with zipped.open(member) as content:
        while chunk := content.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _member(table: str) -> str:
    return f"tables/{table}.jsonl"


def _write_lines(out: IO[bytes], update: Callable[[bytes], None], batch: Sequence[Sequence[Any]]) -> None:
    text = b"".join(msgspec.json.encode(row) + b"\n" for row in batch)
    update(text)
    out.write(text)


READERS: Mapping[type, Callable[[str], object]] = {
    Instant: datetime.fromisoformat,
    Exact: Decimal,
    sa.LargeBinary: base64.b64decode,
}


def _reader_of(kind: sa.types.TypeEngine[Any]) -> Callable[[str], object] | None:
    """How a column's value is read from JSON; `None` when it is there as it is."""
    return READERS.get(type(kind))
