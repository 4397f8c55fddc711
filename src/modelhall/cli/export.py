"""`modelhall export`: the configuration as text."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from modelhall.cli.client import CONTROL
from modelhall.cli.options import USUAL, Common
from modelhall.cli.out import say, show_json, tell
from modelhall.cli.reach import house


def export(
    *,
    output: Annotated[Path | None, Parameter(help="The file to write; otherwise it is printed.")] = None,
    common: Common = USUAL,
) -> None:
    """Print the configuration as TOML: profiles, models, prices and keys, without ids, times and secrets."""
    with house(common) as client, client.stream("GET", f"{CONTROL}/export") as reply:
        text = b"".join(reply.chunks).decode()
    if output is not None:
        output.write_text(text, encoding="utf-8")
        tell(f"Written to {output}.")
    elif common.json:
        show_json({"toml": text})
    else:
        say(text.rstrip("\n"))
