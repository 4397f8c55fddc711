"""The database, its master key and the journal, while no server runs."""

from modelhall.cli.checks.finding import Finding
from modelhall.services.inspection.inspect_journal import JournalReport
from modelhall.services.inspection.inspect_store import KeyState, StoreReport

KEY_WORDS: dict[KeyState, tuple[str, str]] = {
    "missing": (
        "there is no master key, but the database was written with one",
        "Put the right master.key into the data directory, or set MODELHALL_MASTER_KEY.",
    ),
    "other": (
        "the master key at hand is not the one the database was written with",
        "Put the right one into master.key in the data directory, or into MODELHALL_MASTER_KEY.",
    ),
    "unreadable": (
        "the master key at hand cannot be read",
        "It is 32 bytes in base64 or hex. Put the right one into master.key or MODELHALL_MASTER_KEY.",
    ),
}


def database(report: StoreReport) -> Finding:
    """Whether it answers and is at the right revision."""
    if report.trouble:
        mend = (
            "Start it, or correct DATABASE_URL." if report.kind == "postgresql" else "Look at the rights and the disk."
        )
        return Finding("database", "bad", report.trouble, mend)
    if report.revision is None:
        return Finding("database", "ok", f"{report.kind}, new; the first start fills it")
    if report.revision > report.wanted_revision:
        return Finding(
            "database",
            "bad",
            f"a newer version wrote it (schema {report.revision})",
            "Install that version, or restore an older backup.",
        )
    if report.revision != report.wanted_revision:
        return Finding(
            "database",
            "ok",
            f"{report.kind}, schema {report.revision}; the next start renews it to {report.wanted_revision}",
        )
    return Finding("database", "ok", f"{report.kind}, schema {report.revision}")


def master_key(report: StoreReport) -> Finding:
    """Whether it is this database's."""
    if report.master_key in KEY_WORDS:
        what, mend = KEY_WORDS[report.master_key]
        return Finding("master key", "bad", what, mend)
    return Finding(
        "master key", "ok", "fits the database" if report.master_key == "fits" else "made at the first start"
    )


def journal(report: JournalReport) -> Finding:
    """What dead processes left."""
    if report.abandoned:
        told = f"{report.abandoned} left by dead processes, {report.abandoned_bytes:,} bytes not in the database yet"
        return Finding("journal", "warn", told, "Start the server: it brings them in. Never delete them.")
    return Finding("journal", "ok", "nothing waits")
