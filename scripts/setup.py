"""Makes `.venv` and what each command needs in it; quick when nothing changed. Standard library only.

Usage: setup.py PART…   with PART of: runtime, dev, wheels, build, package, system, bench, engine, sdks, sdks_node.
Nothing unpinned is fetched: every Python package comes from a lock with hashes. Where from is for pip's own settings.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
SDKS = ROOT / ".venv-sdks"
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / "modelhall-stamps"

# Wheels only: a source package would fetch unpinned build tools.
LOCKED = ("--require-hashes", "--no-deps", "--only-binary=:all:", "-r")

# A program, where else it may lie, and the Debian packages that bring it.
System = tuple[tuple[str, ...], str, tuple[str, ...]]
TEST_NEEDS: tuple[System, ...] = (
    (("initdb",), "/usr/lib/postgresql/*/bin/initdb", ("postgresql",)),
    (("chromium", "chromium-browser", "google-chrome"), "", ("chromium",)),
    (("gcc", "cc"), "", ("gcc", "libc6-dev")),
    (("ip",), "/usr/sbin/ip", ("iproute2",)),
    (("unshare",), "", ("util-linux",)),
    (("nginx",), "/usr/sbin/nginx", ("nginx-light",)),
)
ENGINE_NEEDS: tuple[System, ...] = (((), "/usr/lib/*/libgomp.so.1", ("libgomp1",)),)
"""What the built-in model's engine needs of the system; full installations have it, small images do not."""
NODE_NEEDS: tuple[System, ...] = ((("npm",), "", ("nodejs", "npm")),)
BENCH_NEEDS: tuple[System, ...] = (
    (("nginx",), "/usr/sbin/nginx", ("nginx-light",)),
    (("gcc", "cc"), "", ("gcc", "libc6-dev")),
)


def main(parts: list[str]) -> int:
    """Do the named parts in order; 0 when all stand, 1 with a plain message when one cannot."""
    unknown = [part for part in parts if part not in PARTS]
    if unknown or not parts:
        say(f"setup.py knows these parts: {', '.join(PARTS)}")
        return 2
    try:
        for part in parts:
            PARTS[part]()
    except CannotGoOn as stop:
        say(str(stop))
        return 1
    except subprocess.CalledProcessError as failed:
        say(f"This command failed ({failed.returncode}): {' '.join(map(str, failed.cmd))}")
        return 1
    return 0


class CannotGoOn(Exception):
    """A person must do something first; the message says what."""


def runtime() -> None:
    """What the program needs to run."""
    install_lock("requirements.lock")


def dev() -> None:
    """What the program, its checks and its tests need."""
    install_lock("requirements-dev.lock")


def wheels() -> None:
    """The locked packages as files, so that the test of a clean installation needs no network."""
    key = digest((ROOT / "requirements.lock").read_bytes())
    if Stamp("wheels").is_current(key):
        return
    folder = VENV / "wheels"
    shutil.rmtree(folder, ignore_errors=True)
    pip("download", *LOCKED, str(ROOT / "requirements.lock"), "--dest", str(folder))
    Stamp("wheels").set(key)


def build() -> None:
    """What builds the package."""
    install_lock("requirements-build.lock")


def package() -> None:
    """The package itself, editable, and its command `modelhall`."""
    install_lock("requirements-build.lock")
    command = VENV / "bin" / "modelhall"
    key = digest(str(ROOT).encode(), (ROOT / "pyproject.toml").read_bytes())
    if command.exists() and Stamp("package").is_current(key):
        return
    pip("install", "--no-deps", "--no-build-isolation", "--no-index", "--editable", str(ROOT))
    Stamp("package").set(key)


def engine_library() -> None:
    """The system library that the built-in model's engine needs: installed where that is possible, else only named."""
    try:
        need(ENGINE_NEEDS, "The built-in model needs")
    except CannotGoOn as stop:
        say(f"{stop}\nEverything but the built-in model works without it.")


def engine() -> None:
    """The built-in model: its engine and weights."""
    engine_library()
    run([str(VENV / "bin" / "modelhall"), "local", "install"])


def system() -> None:
    """The system programs that tests use."""
    need(TEST_NEEDS, "The tests need")


def bench() -> None:
    """The system programs that the benchmark uses."""
    need(BENCH_NEEDS, "The benchmark needs")


def sdks() -> None:
    """The clients that tests drive, in `.venv-sdks`: an environment of their own, as people have them."""
    lock = ROOT / "requirements-sdks.lock"
    stamp = Stamp(lock.name, SDKS / STAMPS.name)
    if venv_works(SDKS) and stamp.is_current(digest(lock.read_bytes())):
        return
    say(f"Installing {lock.name} …")
    run([str(PYTHON), "-m", "venv", "--clear", str(SDKS)])
    run(
        [
            str(SDKS / "bin" / "python"),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            *LOCKED,
            str(lock),
        ]
    )
    stamp.set(digest(lock.read_bytes()))


def sdks_node() -> None:
    """The clients for Node that the long tests drive; none of their packages runs anything of its own here."""
    need(NODE_NEEDS, "The clients for Node need")
    folder = ROOT / "tests" / "sdks" / "node"
    stamp = Stamp("package-lock.json", folder / "node_modules")
    key = digest((folder / "package-lock.json").read_bytes())
    if stamp.is_current(key):
        return
    run(["npm", "ci", "--prefix", str(folder), "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
    stamp.set(key)


PARTS: dict[str, Callable[[], None]] = {
    part.__name__: part
    for part in (
        runtime,
        dev,
        wheels,
        build,
        package,
        system,
        bench,
        engine_library,
        engine,
        sdks,
        sdks_node,
    )
}


def install_lock(name: str) -> None:
    """Bring `.venv` to what the lock says, unless a stamp tells that it is so already."""
    make_venv()
    lock = ROOT / name
    key = digest(lock.read_bytes())
    if Stamp(name).is_current(key):
        return
    say(f"Installing {name} …")
    pip("install", *LOCKED, str(lock))
    Stamp(name).set(key)


def make_venv() -> None:
    """Create `.venv` if it is missing or no longer works (moved, or its Python was removed)."""
    if venv_works():
        return
    if VENV.exists():
        say("The old .venv does not work any more; making a new one.")
        shutil.rmtree(VENV)
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        apt((f"python{version}-venv",), "Making the virtual environment needs Python's venv module.")
    say(f"Making .venv with {sys.executable} …")
    run([sys.executable, "-m", "venv", str(VENV)])


def venv_works(venv: Path = VENV) -> bool:
    """Whether `.venv` runs, has pip, and lies where it was made."""
    python = venv / "bin" / "python"
    if not python.exists():
        return False
    probe = "import pip, sys; raise SystemExit(sys.version_info < (3, 11))"
    if subprocess.run([str(python), "-c", probe], capture_output=True, check=False).returncode:
        return False
    # Its commands name the place where they were installed; in a copied checkout they would run the other one.
    script = venv / "bin" / "pip"
    return script.exists() and str(venv) in script.read_text()[:200]


def need(needs: tuple[System, ...], who: str, *, root: bool | None = None) -> None:
    """Have every program, by installing its Debian packages where this is possible."""
    missing = [packages for programs, place, packages in needs if not found(programs, place)]
    wanted = tuple(package for packages in missing for package in packages)
    if wanted:
        apt(wanted, f"{who} system packages that are not there.", root=root)


def found(programs: tuple[str, ...], place: str) -> bool:
    """Whether one of the programs is on the path or at the place (an absolute glob)."""
    if any(shutil.which(program) for program in programs):
        return True
    return bool(place) and any(Path("/").glob(place.lstrip("/")))


def apt(packages: tuple[str, ...], why: str, *, root: bool | None = None) -> None:
    """Install Debian packages as root; otherwise stop and say which command a person must run."""
    command = f"apt-get install {' '.join(packages)}"
    if shutil.which("apt-get") is None:
        raise CannotGoOn(f"{why}\nInstall what your system calls: {' '.join(packages)}; then run make again.")
    if not (os.geteuid() == 0 if root is None else root):
        raise CannotGoOn(f"{why}\nRun this, then make again:  sudo {command}")
    say(f"{why} Installing: {' '.join(packages)} …")
    update_package_lists()
    apt_get("install", "-y", "-qq", "--no-install-recommends", *packages)


@functools.cache
def update_package_lists() -> None:
    """Ask once per run which Debian packages there are."""
    apt_get("update", "-qq")


def apt_get(*words: str) -> None:
    """Call apt-get, which asks nothing; what it says is shown only when it fails."""
    command = ["apt-get", *words]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if said.returncode:
        say(f"{said.stdout}{said.stderr}")
        raise subprocess.CalledProcessError(said.returncode, command)


def pip(*arguments: str) -> None:
    """Call the pip of `.venv`; it looks where this machine's configuration says."""
    run([str(PYTHON), "-m", "pip", arguments[0], "--quiet", "--disable-pip-version-check", *arguments[1:]])


def run(command: list[str]) -> None:
    """Run a command and stop when it fails."""
    subprocess.run(command, check=True, cwd=ROOT)


class Stamp:
    """Remembers for which input a part was last done."""

    def __init__(self, name: str, folder: Path = STAMPS) -> None:
        self.file = folder / name

    def is_current(self, key: str) -> bool:
        """Whether the part was done for this very input."""
        return self.file.exists() and self.file.read_text() == key

    def set(self, key: str) -> None:
        """Remember that the part is done for this input."""
        self.file.parent.mkdir(exist_ok=True)
        self.file.write_text(key)


def digest(*contents: bytes) -> str:
    """One name for these contents in this `.venv`."""
    return hashlib.sha256(b"\0".join(((VENV / "pyvenv.cfg").read_bytes(), *contents))).hexdigest()


def say(text: str) -> None:
    """Tell the person at the terminal."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
