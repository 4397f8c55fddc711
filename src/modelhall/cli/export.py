"""`modelhall export`: the configuration as text."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from modelhall.cli.client import CONTROL
from modelhall.cli.options import USUAL, Common, secret
from modelhall.cli.out import say, show_json, tell
from modelhall.cli.reach import house


def export(
    *,
    output: Annotated[Path | None, Parameter(help="The file to write; otherwise it is printed.")] = None,
    format: Annotated[Literal["toml", "yaml"] | None, Parameter(help="Otherwise as the file's name ends.")] = None,
    with_secrets: Annotated[
        bool, Parameter(negative="", help="Ask for a passphrase and put the secrets in, sealed with it.")
    ] = False,
    common: Common = USUAL,
) -> None:
    """Print the configuration: organisation, profiles, models, prices, names and projects, without ids and times."""
    form = format or ("yaml" if output is not None and output.suffix in (".yaml", ".yml") else "toml")
    method, target, body = "GET", f"{CONTROL}/export?format={form}", None
    if with_secrets:
        method, target = "POST", f"{CONTROL}/export"
        body = {"format": form, "passphrase": secret("-", "passphrase")}
    with house(common) as client, client.stream(method, target, body) as reply:
        text = b"".join(reply.chunks).decode()
    if output is not None:
        output.write_text(text, encoding="utf-8")
        tell(f"Written to {output}.")
    elif common.json:
        show_json({form: text})
    else:
        say(text.rstrip("\n"))
