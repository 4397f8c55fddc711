"""Runs the schema's steps with Alembic, inside the caller's transaction."""

from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext, MigrationStep
from alembic.script import ScriptDirectory

from modelhall.domain.errors import SetupError
from modelhall.storage.migrate import HEAD, revision_in

SCRIPTS = Path(__file__).parent / "migrations"


def upgrade(connection: sa.Connection, to: str) -> None:
    """Bring the schema to the revision `to`. Raises SetupError for a database that a newer program wrote."""
    scripts = ScriptDirectory(str(SCRIPTS))
    known = {script.revision for script in scripts.walk_revisions()}
    _refuse_unknown("The database", revision_in(connection), known)
    _refuse_unknown("The backup", to, known)

    def steps(revision: Sequence[str], _context: MigrationContext) -> list[MigrationStep]:
        return scripts._upgrade_revs(to, revision)  # pyright: ignore[reportPrivateUsage, reportArgumentType, reportReturnType]

    context = MigrationContext.configure(connection, opts={"fn": steps, "transactional_ddl": True})
    with Operations.context(context):
        context.run_migrations()


def _refuse_unknown(what: str, revision: str | None, known: set[str]) -> None:
    if revision is not None and revision not in known:
        raise SetupError(
            f"{what} was written by a newer version of Modelhall (schema {revision}, this one knows {HEAD}). "
            "Install that version, or use a backup made before the upgrade."
        )
