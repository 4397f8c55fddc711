"""What lies in the journal folder: how many processes write, and what dead ones left to be folded."""

from dataclasses import dataclass
from pathlib import Path

from modelhall.storage.journal import abandoned


@dataclass(frozen=True, slots=True)
class JournalReport:
    """The journal folders of a data directory."""

    folders: int
    abandoned: int
    """Folders whose process is gone; the next start folds them."""
    abandoned_bytes: int


async def inspect_journal(data: Path) -> JournalReport:
    """Look at the journal of a data directory; what a dead process left is not touched."""
    root = data / "journal"
    folders = [folder for folder in root.iterdir() if not folder.name.startswith(".")] if root.is_dir() else []
    async with abandoned(root) as left:
        size = sum(file.stat().st_size for folder in left for file in folder.glob("*.log"))
        return JournalReport(len(folders), len(left), size)
