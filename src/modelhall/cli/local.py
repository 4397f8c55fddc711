"""`modelhall local`: the model that runs inside."""

import asyncio

from cyclopts import App

from modelhall.cli.client import Client, Object
from modelhall.cli.engine_progress import progress_bar, wait_for_engine
from modelhall.cli.loopback import Loopback
from modelhall.cli.options import USUAL, Common
from modelhall.cli.out import say, show_facts, show_json
from modelhall.cli.place import running_server
from modelhall.cli.reach import data_of
from modelhall.services.local.folder import engine_folder, is_installed
from modelhall.services.local.install import install_engine
from modelhall.services.local.status import MODEL, InstallProgress

app = App(name="local", help="The model that runs inside.")

STEPS = {"waiting": "waiting for another installer", "fetching": "fetching", "unpacking": "unpacking"}


@app.command
def status(*, common: Common = USUAL) -> None:
    """Say whether the built-in model is installed and what it is doing."""
    data = data_of(common)
    server = running_server(data)
    folder = engine_folder(data)
    told: Object = {
        "installed": is_installed(folder),
        "folder": str(folder),
        "model": f"local/{MODEL}",
        "running": server is not None,
    }
    if server is not None:
        told |= {name: value for name, value in Client(Loopback(server)).get("/local").items() if name != "model"}
    if common.json:
        show_json(told)
    else:
        show_facts((name.replace("_", " "), value) for name, value in told.items())


@app.command
def install(*, common: Common = USUAL) -> None:
    """Fetch the engine and the model (127 MB), if they are not there yet; a running server starts them at once."""
    data = data_of(common)
    folder = engine_folder(data)
    with progress_bar() as told:

        def progress(now: InstallProgress) -> None:
            told(STEPS[now.step], now.fetched_bytes, now.total_bytes)

        asyncio.run(install_engine(folder, progress))
    server = running_server(data)
    if server is not None:
        client = Client(Loopback(server))
        client.send("POST", "/local/install", {})
        wait_for_engine(client)
    if common.json:
        show_json({"installed": True, "folder": str(folder), "model": f"local/{MODEL}"})
    else:
        say(f"The built-in model is in {folder}. " + ("It answers." if server else "`modelhall serve` starts it."))
