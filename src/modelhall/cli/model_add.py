"""`modelhall model add` and `modelhall model import`: models that you describe yourself."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any, cast

from cyclopts import Parameter

from modelhall.cli.client import Object, list_in, object_in
from modelhall.cli.main import REFUSED
from modelhall.cli.options import USUAL, Common, dollars, wrong
from modelhall.cli.out import say, show_json, show_table, tell, usd
from modelhall.cli.reach import house
from modelhall.domain.errors import ModelhallError

Price = Annotated[str | None, Parameter(help="US dollars in the unit of --unit.")]
UNITS = {"million": "per_mtok", "thousand": "per_1k", "token": "per_token"}


def add(
    profile: Annotated[str, Parameter(name="PROFILE", help="The id of the profile that serves it.")],
    model_id: Annotated[str, Parameter(name="MODEL_ID", help="The provider's own name of it.")],
    /,
    *,
    title: Annotated[str | None, Parameter(help="Its name for people.")] = None,
    kind: Annotated[str | None, Parameter(help="chat, embedding, image, …; otherwise chat.")] = None,
    context_window: Annotated[int | None, Parameter(help="Tokens, input and output together.")] = None,
    max_input: Annotated[int | None, Parameter(help="The most tokens that may go in.")] = None,
    max_output: Annotated[int | None, Parameter(help="The most tokens that come out.")] = None,
    can: Annotated[tuple[str, ...], Parameter(negative="", help="A capability, such as vision or tools.")] = (),
    cannot: Annotated[tuple[str, ...], Parameter(negative="", help="One that it does not have.")] = (),
    input_price: Price = None,
    output_price: Price = None,
    cache_read_price: Price = None,
    unit: Annotated[str, Parameter(help="What the prices are for: a million, thousand or token.")] = "million",
    activate: Annotated[bool, Parameter(negative="", help="Also switch it on.")] = False,
    hidden: Annotated[bool, Parameter(negative="", help="Leave it out of lists.")] = False,
    common: Common = USUAL,
) -> None:
    """Add a model that discovery misses: a deployment, a fine-tune, a new one. What you leave out, the catalog says."""
    given = {"input": input_price, "output": output_price, "cache_read": cache_read_price}
    wishes: Object = {
        "profile": profile,
        "model_id": model_id,
        "title": title,
        "kind": kind,
        "context_window": context_window,
        "max_input": max_input,
        "max_output": max_output,
        "prices": prices(given, unit),
        "capabilities": dict.fromkeys(can, True) | dict.fromkeys(cannot, False),
        "active": activate,
        "hidden": hidden,
    }
    with house(common) as client:
        model = client.send("POST", "/models", {name: value for name, value in wishes.items() if value is not None})
    if common.json:
        show_json(model)
    else:
        say(words_of(model))
        warn(model)


def import_(
    file: Annotated[Path, Parameter(name="FILE", help="JSON: one model, a list, or {models: […]}; `-` reads it.")],
    /,
    *,
    common: Common = USUAL,
) -> int:
    """Add models that a file describes, in any of the three forms that the control API takes."""
    results: list[Object] = []
    with house(common) as client:
        for number, model in enumerate(described(file), 1):
            name = str(model.get("model_id") or model.get("modelId") or f"number {number}")
            try:
                taken = client.send("POST", "/models", model)
                results.append({"model": taken["name"], "status": "added", "warnings": taken["warnings"]})
            except ModelhallError as error:
                results.append({"model": name, "status": "error", "reason": error.message})
    if common.json:
        show_json({"results": results})
    else:
        rows = [(row["model"], row["status"], row.get("reason", "")) for row in results]
        show_table(("model", "state", "reason"), rows, empty="The file describes no models.")
        for row in results:
            warn({"warnings": [f"{row['model']}: {words}" for words in row.get("warnings", [])]})
    return REFUSED if any(row["status"] == "error" for row in results) else 0


def described(file: Path) -> list[Object]:
    """The models in the file. Raises CycloptsError that says where it is wrong."""
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text("utf-8")
        told: object = json.loads(text)
    except OSError as error:
        raise wrong(f"{file} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise wrong(f"{file} is no JSON: {error}.") from None
    whole = object_in(told)
    listed: object = told if whole is None else whole["models"] if set(whole) == {"models"} else [whole]
    models = [object_in(each) for each in list_in(listed)]
    if None in models or not isinstance(listed, list):
        raise wrong(f"{file} holds something that is no model: each is a JSON object.")
    return cast("list[Object]", models)


def prices(given: dict[str, str | None], unit: str) -> dict[str, Any] | None:
    """Prices as the control API takes them. Raises CycloptsError."""
    if unit not in UNITS:
        raise wrong(f"--unit is {', '.join(UNITS)}, not {unit!r}.")
    told = {
        f"{name}_{UNITS[unit]}": dollars(text, f"--{name.replace('_', '-')}-price")
        for name, text in given.items()
        if text is not None
    }
    return told or None


def words_of(model: Object) -> str:
    """What was added, with its prices in all three units."""
    price: Object = model.get("price") or {}
    lines = [f"{model['name']}: {'active' if model['active'] else 'off'}"]
    for rate in price.get("rates", []):
        if rate["context_over"] == 0 and rate["service_tier"] == "standard" and rate["utc_hours"] is None:
            units = (usd(rate["usd_per_million"]), usd(rate["usd_per_1k"]), usd(rate["usd_per_token"]))
            lines.append(f"  {rate['usage_class']}: {units[0]} a million, {units[1]} a thousand, {units[2]} a token")
    return "\n".join(lines if price else [*lines, "  price: unknown"])


def warn(model: Object) -> None:
    """What deserves a second look, on standard error."""
    for words in model.get("warnings", []):
        tell(f"Warning: {words}")
