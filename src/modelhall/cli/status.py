"""`modelhall status`: how the running server is doing."""

from typing import Annotated

from cyclopts import Parameter

from modelhall.cli.client import Client, Object
from modelhall.cli.loopback import Loopback
from modelhall.cli.main import UNREACHABLE
from modelhall.cli.options import USUAL, Common
from modelhall.cli.out import say, show_facts, show_json, show_table, tell
from modelhall.cli.place import running_server
from modelhall.cli.reach import data_of


def status(
    *,
    link: Annotated[
        bool, Parameter(negative="", help="Also make a new sign-in link, good for 15 minutes and one use.")
    ] = False,
    common: Common = USUAL,
) -> int:
    """Say how the running server is doing. Ends with 3 when none runs on this data directory."""
    data = data_of(common)
    server = running_server(data)
    if server is None:
        if common.json:
            show_json({"running": False, "data": str(data)})
        tell(f"No server runs on {data}. Start it with `modelhall serve`.")
        return UNREACHABLE
    client = Client(Loopback(server))
    told: Object = {"running": True, "address": server.address, "pid": server.pid, **client.get("/status")}
    if link:
        told["link"] = f"{server.page or server.address}/#link={client.send('POST', '/links')['link']}"
    if common.json:
        show_json(told)
    else:
        show(told)
    return 0


def show(told: Object) -> None:
    """The status for people."""
    counts: Object = told.get("counts") or {}
    show_facts(
        [
            ("address", told["address"]),
            ("version", told.get("version")),
            ("running since", told.get("started_at")),
            ("state", "ready" if told.get("ready") else not_ready(told.get("parts", {}))),
            ("data directory", told.get("data")),
            ("database", told.get("database")),
            ("durability", told.get("durability")),
            ("built-in model", engine_words(told.get("engine") or {})),
            ("models", f"{counts.get('models', 0)}, of them {counts.get('active_models', 0)} active"),
            ("keys", counts.get("keys")),
        ]
    )
    if link := told.get("link"):
        say(f"\nSign in with this link, once, within 15 minutes:\n{link}")
    profiles: list[Object] = told.get("profiles", [])
    show_table(
        ("profile", "provider", "key"),
        [(row["id"], row["provider"], row["key"]) for row in profiles],
        empty="No profiles yet. Add one with `modelhall profile add`.",
    )
    if step := told.get("next"):
        say(f"\nNext: {step['words']}. {step['command']}")
    for warning in told.get("warnings", []):
        tell(f"Warning: {warning}")


def not_ready(parts: Object) -> str:
    """Which parts are not ready yet."""
    waiting = [f"{name}: {state}" for name, state in parts.items() if state not in {"ok", "ready", True}]
    return "not ready" + (f" ({', '.join(waiting)})" if waiting else "")


def engine_words(engine: Object) -> str:
    """What the built-in model is doing, in a few words."""
    state = str(engine.get("state", "unknown"))
    if state == "fetching" and engine.get("total_bytes"):
        return f"fetching, {engine['fetched_bytes'] // 1_000_000} of {engine['total_bytes'] // 1_000_000} MB"
    if state == "missing":
        return "not installed; `modelhall local install` fetches it"
    return f"{state}: {engine['error']}" if engine.get("error") else state
