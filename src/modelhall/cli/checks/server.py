"""The server that runs, or could run, on the data directory."""

import socket
from collections.abc import Mapping
from pathlib import Path

from modelhall.cli.checks.finding import Finding
from modelhall.cli.client import Client, Object
from modelhall.cli.loopback import Loopback
from modelhall.cli.place import Running, is_alive, written_by_server
from modelhall.cli.status import engine_words
from modelhall.domain.errors import ModelhallError
from modelhall.services.local.folder import engine_folder, is_installed


def run_file(data: Path, holder: str | None) -> tuple[Finding, Running | None]:
    """Whether a server runs here; the server when it does. `holder`: the process that holds the data directory."""
    try:
        written = written_by_server(data)
    except ModelhallError as error:
        return Finding("server", "bad", error.message), None
    if holder is not None and (written is None or not is_alive(written.pid)):
        told = f"process {holder} holds the data directory, but does not listen (yet)"
        return Finding("server", "warn", told, "If it is not just starting or stopping, stop it."), None
    if written is None:
        return Finding("server", "ok", "none runs; `modelhall serve` starts it"), None
    if not is_alive(written.pid):
        told = f"the last one (process {written.pid}) ended without tidying up"
        return Finding(
            "server", "warn", told, "Nothing to do: the next `modelhall serve` tidies up and loses no usage."
        ), None
    return Finding("server", "ok", f"runs at {written.address} (process {written.pid})"), written


def asked(server: Running) -> tuple[list[Finding], Object]:
    """What the running server says of itself; its whole answer too."""
    try:
        told = Client(Loopback(server)).get("/status")
    except ModelhallError as error:
        mend = "See its log. If it hangs, stop it and start it again: no usage is lost."
        return [Finding("answer", "bad", error.message, mend)], {}
    parts: Mapping[str, object] = told.get("parts", {})
    findings = [
        Finding(
            name,
            "ok" if state in {"ok", "ready", True} else "bad",
            str(state),
            "" if state in {"ok", "ready", True} else "See the server's log.",
        )
        for name, state in parts.items()
    ]
    findings += [Finding("warning", "warn", str(warning)) for warning in told.get("warnings", [])]
    return findings, told


def port_free(host: str, port: int) -> Finding:
    """Whether a server could listen."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host, port))
    except OSError as error:
        return Finding(
            "port",
            "bad",
            f"{host}:{port} cannot be used: {error.strerror}",
            "Take another: modelhall serve --port PORT",
        )
    return Finding("port", "ok", f"{host}:{port} is free")


def profile_keys(status: Object) -> list[Finding]:
    """Profiles that cannot be called, for want of a key that works."""
    mends = {
        "missing": "Set its environment variable and start the server again, or: modelhall profile edit {id} --key -",
        "refused": "The provider does not take the key. Give it a new one: modelhall profile edit {id} --key -",
    }
    return [
        Finding(f"profile {row['id']}", "warn", f"key {row['key']}", mends[row["key"]].format(id=row["id"]))
        for row in status.get("profiles", [])
        if row["key"] in mends
    ]


def environment_keys(found: Mapping[str, str]) -> Finding:
    """Which provider keys this environment holds."""
    if not found:
        return Finding("provider keys", "ok", "none in this environment; the built-in model needs none")
    return Finding("provider keys", "ok", ", ".join(f"{name} ({variable})" for name, variable in found.items()))


def engine(data: Path, status: Object) -> Finding:
    """How the built-in model is."""
    told: Object = status.get("engine") or {}
    if told:
        state = str(told.get("state"))
        mend = "modelhall local install" if state in {"missing", "failed"} else ""
        return Finding("built-in model", "warn" if mend else "ok", engine_words(told), mend)
    folder = engine_folder(data)
    if is_installed(folder):
        return Finding("built-in model", "ok", f"installed in {folder}")
    return Finding("built-in model", "warn", "not installed", "If you want it: modelhall local install")
