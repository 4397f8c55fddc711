"""Who is measured: a direct call, nginx, and Modelhall set up as a user would set it up."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bench.instruments import MODEL, Place, Target
from bench.processes import BenchError, clean_environment, free_port

ROOT = Path(__file__).resolve().parents[1]
COMMAND_S = 60


@dataclass(frozen=True, slots=True)
class Launch:
    """A candidate that is set up: how it is started, and where it then answers."""

    name: str
    command: tuple[str, ...]
    """Empty: there is nothing to start."""
    target: Target
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Candidate:
    """One row of the table."""

    name: str
    prepare: Callable[[Place], Launch]
    title: Callable[[Launch], str]
    proof: Callable[[Launch, int], str] | None = None
    """What its own books say, after so many calls were answered."""


def prepare_direct(place: Place) -> Launch:
    """No gateway: what upstream and generator can do by themselves."""
    return Launch("direct", (), Target(place.upstream, (), MODEL), place.work)


NGINX_CONFIGURATION = """
{user}
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    client_body_buffer_size 256k;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream provider {{
        server 127.0.0.1:{upstream};
        keepalive 128;
        keepalive_requests 1000000000;
    }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://provider;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_buffering off;
        }}
    }}
}}
"""


def prepare_nginx(place: Place) -> Launch:
    """nginx as a plain reverse proxy: one worker, connections kept on both sides, nothing buffered, nothing logged."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        raise BenchError("there is no nginx; install nginx-light, or leave it out with --only direct,modelhall")
    folder, port = new_folder(place, "nginx"), free_port()
    # A worker that root starts changes to a user who cannot reach the folder, unless it is told not to.
    user = "user root;" if os.geteuid() == 0 else ""
    configuration = folder / "nginx.conf"
    configuration.write_text(
        NGINX_CONFIGURATION.format(user=user, folder=folder, upstream=place.upstream, port=port), encoding="utf-8"
    )
    command = (program, "-e", str(folder / "error.log"), "-c", str(configuration))
    return Launch("nginx", command, Target(port, (), MODEL), folder)


def nginx_title(launch: Launch) -> str:
    """Its name with its version."""
    said = subprocess.run([launch.command[0], "-v"], capture_output=True, text=True, check=False).stderr
    return f"nginx {said.strip().rpartition('/')[2]} (plain reverse proxy)"


def modelhall_of(checkout: Path, name: str) -> Candidate:
    """Modelhall from a checkout, with every feature on and default settings."""
    return Candidate(
        name,
        lambda place: prepare_modelhall(place, checkout, name),
        lambda launch: modelhall_title(launch, checkout),
        modelhall_proof,
    )


def prepare_modelhall(place: Place, checkout: Path, name: str) -> Launch:
    """A data directory with a profile, a priced model, and a key under a hard budget, made by the commands."""
    package = checkout / "src"
    if not (package / "modelhall").is_dir():
        raise BenchError(f"{checkout.name} is no checkout of Modelhall: it has no src/modelhall")
    folder, port = new_folder(place, name), free_port()
    # The built-in model would work beside the gateway on its core and fetch itself from the network.
    environment = {"MODELHALL_ENGINE": "false", "MODELHALL_DATA": str(folder / "data"), "PYTHONPATH": str(package)}
    serve = (*modelhall_command(), "serve", "--port", str(port))
    bare = Launch(name, serve, Target(port, (), f"bench/{MODEL}"), folder, environment)
    address = f"http://127.0.0.1:{place.upstream}/v1"
    profile = ("--provider", "openai-compatible", "--base-url", address, "--key", "x", "--allow-private")
    ask(bare, "profile", "add", "bench", *profile)
    ask(bare, "model", "sync", "bench", MODEL, "--activate")
    ask(bare, "model", "price", f"bench/{MODEL}", "--input-per-mtok", "0.15", "--output-per-mtok", "0.60")
    made = json.loads(ask(bare, "key", "create", "bench", "--budget-usd", "1000000", "--json"))
    header = f"Authorization: Bearer {made['key']}"
    return Launch(name, serve, Target(port, (header,), bare.target.model), folder, environment)


def modelhall_command() -> tuple[str, ...]:
    """The command that a user has after `make setup`. Raises BenchError."""
    command = Path(sys.executable).with_name("modelhall")
    if not command.exists():
        raise BenchError("there is no command modelhall beside this Python; run `make setup`, then this again")
    return (str(command),)


def ask(launch: Launch, *words: str) -> str:
    """What a command of Modelhall answers. Raises BenchError with what it said when it fails."""
    command = [launch.command[0], *words]
    environment = clean_environment(launch.folder) | dict(launch.environment)
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=COMMAND_S, env=environment, cwd=launch.folder, check=False
    )
    if done.returncode:
        raise BenchError(f"`modelhall {' '.join(words[:2])}` failed ({done.returncode}):\n{done.stderr.strip()}")
    return done.stdout


def modelhall_title(launch: Launch, checkout: Path) -> str:
    """Its name with version and commit; a plus sign stands for changes that are not committed."""
    version = ask(launch, "--version").strip().rpartition(" ")[2]
    git = ["git", "-C", str(checkout)]
    commit = subprocess.run([*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    changed = subprocess.run([*git, "status", "--porcelain", "src"], capture_output=True, text=True, check=False)
    mark = f", {commit.stdout.strip()}{'+' if changed.stdout.strip() else ''}" if commit.returncode == 0 else ""
    return f"{launch.name} {version}{mark}"


def modelhall_proof(launch: Launch, answered: int) -> str:
    """Whether every answered call stands in the ledger: a gateway that forgets is not fast."""
    total = json.loads(ask(launch, "usage", "--limit", "1", "--json"))["total"]
    booked = int(total["attempts"])
    verdict = "every call is in its ledger" if booked == answered else "NOT EVERY CALL IS IN ITS LEDGER"
    return f"{launch.name}: {answered:,} calls answered, {booked:,} attempts booked, {total['cost']} USD: {verdict}"


def new_folder(place: Place, name: str) -> Path:
    """A folder for this candidate's files."""
    folder = place.work / name
    folder.mkdir()
    return folder


DIRECT = Candidate("direct", prepare_direct, lambda launch: "no gateway")
NGINX = Candidate("nginx", prepare_nginx, nginx_title)
MODELHALL = modelhall_of(ROOT, "modelhall")
