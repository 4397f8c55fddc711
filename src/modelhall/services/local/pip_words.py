"""Reads what pip says: how far it is, and why it gave up. Pure functions over its lines."""

import re
from dataclasses import dataclass
from typing import Literal

FailReason = Literal["pip_missing", "disk_full", "hash_mismatch", "no_network", "no_wheel", "not_writable", "unknown"]

_PROGRESS = re.compile(r"Progress (\d+) of (\d+)")

_SIGNS: tuple[tuple[FailReason, re.Pattern[str]], ...] = (
    ("pip_missing", re.compile(r"No module named '?pip\b")),
    ("disk_full", re.compile(r"No space left on device|Disk quota exceeded|\[Errno (28|122)\]")),
    ("hash_mismatch", re.compile(r"DO NOT MATCH THE HASHES|Hashes are required")),
    ("not_writable", re.compile(r"Permission denied|Read-only file system")),
    (
        "no_network",
        re.compile(
            r"Retrying \(|NewConnectionError|ConnectionError|ProxyError|SSLError|timed out|IncompleteRead"
            r"|Temporary failure in name resolution|Could not fetch URL|ConnectionResetError|Connection broken"
        ),
    ),
    ("no_wheel", re.compile(r"No matching distribution found|is not a supported wheel")),
)

ADVICE: dict[FailReason, str] = {
    "pip_missing": "pip is missing in this Python; run `python -m ensurepip` with it, then `modelhall local install`",
    "disk_full": "the disk is full; make 400 MB of room, then run `modelhall local install`",
    "hash_mismatch": "the package index gave other files than the ones we know, so nothing was installed; "
    "look at pip's index settings, then run `modelhall local install`",
    "not_writable": "the folder may not be written; give this user the right to it, then run `modelhall local install`",
    "no_network": "the package index cannot be reached; look at the network, or at pip's index and proxy settings, "
    "then run `modelhall local install`",
    "no_wheel": "the package index has no engine for this machine; it exists for Linux with glibc (x86_64, aarch64) "
    "and macOS 13 or newer; use a provider's key or Ollama instead",
    "unknown": "pip failed; its own words follow",
}


@dataclass(slots=True)
class Download:
    """Adds up the progress lines of files that come one after the other.

    `last_bytes` is the size of the last file, known beforehand, so that the sum is right from the first line on.
    """

    last_bytes: int
    fetched_bytes: int = 0
    total_bytes: int | None = None
    _finished: int = 0
    _file_done: int = 0
    _file_size: int = 0

    def heard(self, line: str) -> bool:
        """Take one line; True when it was progress."""
        found = _PROGRESS.fullmatch(line.strip())
        if found is None:
            return False
        done, size = int(found[1]), int(found[2])
        if size != self._file_size or done < self._file_done:
            self._finished += self._file_size
        self._file_done, self._file_size = done, size
        self.fetched_bytes = self._finished + done
        rest = 0 if self.last_bytes == size or self._finished else self.last_bytes
        self.total_bytes = self._finished + size + rest
        return True


def why_it_failed(words: str) -> FailReason:
    """The likeliest reason behind pip's last lines; the order of the signs matters (a full disk breaks downloads)."""
    for reason, sign in _SIGNS:
        if sign.search(words):
            return reason
    return "unknown"
