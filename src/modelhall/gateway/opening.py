"""Opens the data plane: journals of the dead folded, own journal begun, snapshot read, housekeeping under way."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from modelhall.domain.ids import new_id
from modelhall.domain.library import Secret
from modelhall.domain.people import Actor
from modelhall.gateway.allowances import Allowances
from modelhall.gateway.credentials import Credentials
from modelhall.gateway.desk import Bounds, Desk
from modelhall.gateway.digests import Digests
from modelhall.gateway.engine import Engine
from modelhall.gateway.health import Health
from modelhall.gateway.housekeeping import Housekeeping
from modelhall.gateway.key_marks import KeyMarks
from modelhall.gateway.lookout import Lookout
from modelhall.gateway.meters import Meters
from modelhall.gateway.prepare import Lines
from modelhall.gateway.revocation import UnderWay, cut_revoked
from modelhall.gateway.secret_files import SecretFiles
from modelhall.gateway.snapshot import Snapshot
from modelhall.gateway.upstream import Upstream
from modelhall.providers.provider import Provider
from modelhall.storage.database import Database
from modelhall.storage.fold import Folder, fold_abandoned
from modelhall.storage.journal import open_journal
from modelhall.storage.vault import Vault

LEASE_MARGIN_S = 60.0
"""An allowance is charged as lost this long after the longest call could have ended."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What the operator of this process decided about its data plane."""

    journal_root: Path
    bounds: Callable[[], Bounds]
    environment: Mapping[str, str]
    private_addresses: tuple[str, ...] = ()
    secrets_dir: Path | None = None
    ca_file: Path | None = None
    synchronous: bool = False
    stale_limit_s: float = 900.0
    alone: bool = False
    """Whether no other process can work with this database."""
    public: bool = False
    """Whether others than this machine can reach the server."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """The open data plane."""

    desk: Desk
    lookout: Lookout
    housekeeping: Housekeeping
    credentials: Credentials

    def parts(self) -> Mapping[str, str]:
        """What has to be right for calls to be served, by name: `ok`, or what is wrong."""
        unfolded = self.desk.journal.unfolded
        return {
            "database": "ok" if self.lookout.answered_lately else "does not answer; calls are served from memory",
            "journal": "ok" if unfolded < MANY_UNFOLDED else f"{unfolded:,} records wait for the database",
            "snapshot": "ok" if self.lookout.ready else "none yet, or too old to serve from",
            "master_key": self.desk.master_key_state(),
            "serving": "stopping" if self.desk.draining else "ok",
        }

    async def counted(self) -> Meters:
        """What this process counted until now."""
        self.desk.meters.unfolded = self.desk.journal.unfolded
        return self.desk.meters


MANY_UNFOLDED = 100_000


@asynccontextmanager
async def open_gateway(
    database: Database,
    vault: Vault,
    providers: Mapping[str, Provider],
    engine: Engine,
    operator: Callable[[str], Actor | None],
    terms: Terms,
) -> AsyncGenerator[Gateway]:
    """Opens it for as long as the context lasts. The database is migrated and has its organisation."""
    process_id = new_id()
    lease = timedelta(seconds=terms.bounds().deadlines.total + LEASE_MARGIN_S)
    async with AsyncExitStack() as stack:
        await fold_abandoned(database, terms.journal_root)
        journal = await stack.enter_async_context(open_journal(terms.journal_root, process_id))
        upstream = await stack.enter_async_context(Upstream.open(ca_file=str(terms.ca_file) if terms.ca_file else None))
        allowances = Allowances(database, process_id, lease, alone=terms.alone)
        folder = Folder(database, journal, process_id, allowances.fell_short)
        credentials = Credentials(_opener(vault), terms.environment, SecretFiles(terms.secrets_dir))
        lines = Lines(credentials, engine, terms.private_addresses)
        under_way = set[UnderWay]()
        health, key_marks, digests = Health(), KeyMarks(database), Digests(vault.digest)

        def keep_only(snapshot: Snapshot) -> None:
            digests.forget()
            lines.keep_only(snapshot)
            health.keep_only(snapshot.model_ids)
            cut_revoked(under_way, snapshot)

        lookout = Lookout(database, providers, vault, terms.stale_limit_s, keep_only)
        desk = Desk(
            journal=journal,
            allowances=allowances,
            upstream=upstream,
            lines=lines,
            handed_on=frozenset(name.encode() for each in providers.values() for name in each.passes_headers),
            meters=Meters(),
            health=health,
            key_marks=key_marks,
            digest=digests,
            operator=operator,
            look=lookout.current,
            refuse=folder.refuse,
            settings=terms.bounds,
            master_key_state=lambda: vault.locked_because or "ok",
            synchronous=terms.synchronous,
            under_way=under_way,
            public=terms.public,
        )
        housekeeping = Housekeeping(
            database, journal, terms.journal_root, folder, allowances, lookout, desk.meters, process_id, lease
        )
        await lookout.poll()
        await stack.enter_async_context(key_marks.run())
        await stack.enter_async_context(credentials.files.watched(lines.forget))
        database.on_change(lookout.changed)
        await stack.enter_async_context(housekeeping.run())
        stack.push_async_callback(desk.drains.close)
        yield Gateway(desk, lookout, housekeeping, credentials)


def _opener(vault: Vault) -> Callable[[Secret], str]:
    def open_sealed(secret: Secret) -> str:
        return vault.open_provider_key(secret.id, secret.address or "", secret.sealed or b"")

    return open_sealed
