"""`modelhall backup` and `modelhall restore`."""

import asyncio
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO

from cyclopts import Parameter

from modelhall.cli.client import CONTROL, query_of
from modelhall.cli.options import USUAL, Common
from modelhall.cli.out import say, show_json, tell
from modelhall.cli.place import running_server
from modelhall.cli.reach import data_of, house
from modelhall.domain.errors import AlreadyExists, Conflict, NotFound, SetupError
from modelhall.services.backup.restore_backup import restore_backup
from modelhall.settings import load_settings


def backup(
    file: Annotated[Path, Parameter(name="FILE", help="The file to write; it must not exist yet.")],
    /,
    *,
    with_key: Annotated[
        bool, Parameter(negative="", help="Put the master key into it: keep such a file like a password.")
    ] = False,
    common: Common = USUAL,
) -> None:
    """Write everything into one file, while the server runs; without the master key unless you ask for it."""
    size = 0
    target = f"{CONTROL}/backup{query_of({'with_key': with_key})}"
    with house(common) as client, client.stream("POST", target) as reply, whole_or_nothing(file) as out:
        for chunk in reply.chunks:
            size += out.write(chunk)
    if common.json:
        show_json({"file": str(file), "bytes": size, "with_key": with_key})
        return
    say(f"Everything is in {file} ({size:,} bytes).")
    if with_key:
        tell("The master key is in it: who has the file can read your provider keys.")
    else:
        tell("The master key is not in it: keep master.key from the data directory, apart from this file.")


def restore(
    file: Annotated[Path, Parameter(name="FILE", help="The backup.")],
    /,
    *,
    common: Common = USUAL,
) -> None:
    """Bring a backup back into an empty data directory (or an empty database), while no server runs."""
    data = data_of(common)
    if not file.is_file():
        raise NotFound(f"There is no file {file}.")
    server = running_server(data)
    if server is not None:
        raise Conflict(
            f"A server runs on {data}: stop it (process {server.pid}), or restore into another --data directory."
        )
    settings = load_settings(os.environ, data=data)
    made = asyncio.run(restore_backup(file, database_url=settings.database_url, data=data))
    rows = sum(table.rows for table in made.manifest.tables.values())
    if common.json:
        show_json(
            {
                "data": str(data),
                "rows": rows,
                "made_at": made.manifest.made_at.isoformat(),
                "with_key": made.key_restored,
            }
        )
        return
    say(f"{rows:,} rows are back in {data}, as of {made.manifest.made_at:%Y-%m-%d %H:%M} UTC.")
    if not made.key_restored and settings.master_key is None:
        tell(f"The backup holds no master key: put yours into {data / 'master.key'} before you start the server.")


@contextmanager
def whole_or_nothing(file: Path) -> Generator[BinaryIO]:
    """A new file for its owner only that gets its name when everything is in it. Raises AlreadyExists, SetupError."""
    if file.exists():
        raise AlreadyExists(f"{file} is there already; take another name or remove it.")
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        part.rename(file)
    except OSError as error:
        raise SetupError(f"{file} cannot be written: {error.strerror or error}.") from error
    finally:
        part.unlink(missing_ok=True)
