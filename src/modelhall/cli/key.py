"""`modelhall key`: keys by which programs call models."""

from datetime import UTC, datetime
from typing import Annotated, Literal
from urllib.parse import quote

from cyclopts import App, Parameter

from modelhall.cli.client import Object
from modelhall.cli.options import USUAL, Common, agreed, dollars, listed, moment
from modelhall.cli.out import say, show_facts, show_json, show_table, tell, usd
from modelhall.cli.reach import house

app = App(name="key", help="Keys by which programs call models.")

Which = Annotated[str, Parameter(name="KEY", help="Its id, or its name when no other key is called so.")]


@app.command
def create(
    name: Annotated[str, Parameter(name="NAME", help="What it is for, for people.")],
    /,
    *,
    models: Annotated[
        str | None,
        Parameter(help="The models it may call, with commas between; left out, every active one; empty, none."),
    ] = None,
    project: Annotated[str | None, Parameter(help="The project its use counts for.")] = None,
    owner: Annotated[str | None, Parameter(help="The member whose key it is; otherwise yours.")] = None,
    budget_usd: Annotated[
        str | None, Parameter(help="What it may cost in all, in US dollars: a hard cap that is never passed.")
    ] = None,
    role: Annotated[
        Literal["admin", "member", "viewer"] | None,
        Parameter(help="Makes a service key that may also use the control API with this role."),
    ] = None,
    expires: Annotated[
        str | None, Parameter(help="When it ends: a date, a time, or a distance such as 30d or 12h.")
    ] = None,
    common: Common = USUAL,
) -> None:
    """Make a key. It is shown this once and can never be shown again."""
    told: Object = {
        "name": name,
        "models": listed(models),
        "project": project,
        "owner": owner,
        "budget_usd": dollars(budget_usd, "--budget-usd"),
        "role": role,
        "expires": moment(expires, "--expires", datetime.now(UTC), "ahead"),
    }
    with house(common) as client:
        made = client.send("POST", "/keys", {field: value for field, value in told.items() if value is not None})
        address = client.door.address
    if common.json:
        show_json(made)
        return
    say(str(made["key"]))
    tell("This is the key; it is not shown again. Try it:\n")
    tell(curl_line(address or "http://127.0.0.1:8400", str(made["key"])))


@app.command(name="list")
def list_(*, common: Common = USUAL) -> None:
    """List the keys."""
    with house(common) as client:
        keys = client.items("/keys")
    if common.json:
        show_json({"items": keys})
        return
    show_table(
        ("name", "key", "models", "role", "owner", "spent", "budget", "expires", "id"),
        [
            (
                row["name"],
                row["shown"],
                "all active" if row["models"] is None else row["models"],
                row["role"],
                row["owner"],
                *budget_words(row.get("budget")),
                row["expires_at"],
                row["id"],
            )
            for row in keys
        ],
        empty="No keys yet. Make one: modelhall key create NAME",
    )


@app.command
def show(key: Which, /, *, common: Common = USUAL) -> None:
    """Show what a key may do and what it has left; never the key itself."""
    with house(common) as client:
        found = client.get(key_path(key))
    if common.json:
        show_json(found)
        return
    spent, limit = budget_words(found.get("budget"))
    told: Object = {
        **found,
        "budget": limit,
        "spent": spent,
        "models": "all active" if found["models"] is None else found["models"],
    }
    show_facts((field.replace("_", " "), value) for field, value in told.items())


@app.command
def delete(key: Which, /, *, common: Common = USUAL) -> None:
    """Delete a key: calls with it are refused from now on. What it used stays in the ledger."""
    if not agreed(f"Delete the key {key}? Programs that use it will be refused."):
        tell("Nothing was deleted.")
        return
    with house(common) as client:
        client.send("DELETE", key_path(key))
    if common.json:
        show_json({"key": key, "deleted": True})
    else:
        say(f"Key {key} is deleted.")


def key_path(key: str) -> str:
    """Where a key is in the control API."""
    return f"/keys/{quote(key, safe='')}"


def budget_words(budget: Object | None) -> tuple[str | None, str | None]:
    """What is spent, and of how much."""
    return (usd(budget["spent"]), usd(budget["limit"])) if budget else (None, None)


def curl_line(address: str, key: str) -> str:
    """A command that calls the default model with this key."""
    return (
        f"curl -N {address}/v1/chat/completions \\\n"
        f'  -H "Authorization: Bearer {key}" -H "Content-Type: application/json" \\\n'
        '  -d \'{"stream": true, "messages": [{"role": "user", "content": "Say hello."}]}\''
    )
