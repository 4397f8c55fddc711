"""`modelhall model`: the models of your library."""

from typing import Annotated

from cyclopts import App, Parameter

from modelhall.cli.batch import DryRun, act, needed
from modelhall.cli.client import Client, Object, in_path, list_in, object_in
from modelhall.cli.main import REFUSED
from modelhall.cli.options import USUAL, Common, agreed, dollars, wrong
from modelhall.cli.out import say, show_facts, show_json, show_table, tell, usd
from modelhall.cli.reach import house

app = App(name="model", help="The models of your library: sync, activate, price, default.")
app.command(
    "modelhall.cli.model_parameters:parameters", name="parameters", help="What a model takes, and your own word on it."
)
app.command("modelhall.cli.model_search:search", name="search", help="Search your models, lists and the catalog.")
app.command("modelhall.cli.model_lists:discover", name="discover", help="What a provider lists, and how old that is.")
app.command("modelhall.cli.model_lists:changes", name="changes", help="What became of providers' lists.")

app.command("modelhall.cli.model_add:add", name="add", help="Add a model that discovery misses.")
app.command("modelhall.cli.model_add:import_", name="import", help="Add models that a file describes.")
app.command("modelhall.cli.model_facts:facts", name="facts", help="What is known of a model, and your word on it.")
app.command("modelhall.cli.model_trials:try_", name="test", help="Try a model with a prompt.")
app.command("modelhall.cli.model_verdicts:rate", name="rate", help="Say what you think of an answer.")
app.command("modelhall.cli.model_verdicts:verdicts", name="verdicts", help="What people said of a model's answers.")
app.command("modelhall.cli.model_trials:probe", name="probe", help="See what a model can do, with small calls.")
app.command("modelhall.cli.model_recommend:recommend", name="recommend", help="Which model for which use, and why.")
app.command("modelhall.cli.model_populate:populate", name="populate", help="Add the usual models of older programs.")

One = Annotated[str, Parameter(name="MODEL", help="Its name: profile/model-id.")]
Many = Annotated[str, Parameter(name="MODELS", negative="", help="Their names: profile/model-id, or collection:NAME.")]
for _name, _words in (
    ("history", "Who changed what of a model, and when."),
    ("undo", "Take a change of a model back."),
    ("deleted", "List the models that were removed and can come back."),
    ("restore", "Take removed models back into the library."),
    ("quarantine", "Hold models back for a reason: no call goes to them."),
    ("release", "Let models go that were held back."),
    ("successor", "Say which model is to follow another one day."),
    ("tag", "Put tags on models."),
    ("untag", "Take tags off models."),
    ("categorize", "Put models into a category of your own."),
    ("labels", "List tags and categories."),
    ("hints", "Say which models deserve a look, and what to do."),
    ("settings", "Show or change how the library is kept."),
):
    app.command(f"modelhall.cli.model_life:{_name}", name=_name, help=_words)

PerMtok = Annotated[str | None, Parameter(help="US dollars per million tokens.")]


@app.command(name="list")
def list_(
    *,
    profile: Annotated[str | None, Parameter(help="Only those of this profile.")] = None,
    active: Annotated[bool | None, Parameter(help="Only those that are switched on, or off.")] = None,
    search: Annotated[str | None, Parameter(help="Only those whose name or title holds this.")] = None,
    hidden: Annotated[bool | None, Parameter(help="Only those that are hidden, or not.")] = None,
    category: Annotated[str | None, Parameter(help="Only those of this category.")] = None,
    tag: Annotated[str | None, Parameter(help="Only those with this tag.")] = None,
    collection: Annotated[str | None, Parameter(help="Only those of this collection.")] = None,
    common: Common = USUAL,
) -> None:
    """List the models of the library."""
    with house(common) as client:
        models = client.items(
            "/models",
            profile=profile,
            active=active,
            q=search,
            hidden=hidden,
            category=category,
            tag=tag,
            collection=collection,
        )
    if common.json:
        show_json({"items": models})
        return
    show_table(
        ("model", "state", "kind", "context", "input $/M", "output $/M", "health"),
        [
            (row["name"], state_of(row), row["kind"], row["context_window"], *prices_of(row), health_of(row))
            for row in models
        ],
        empty="No models. Fetch a profile's models: modelhall model sync PROFILE --activate",
    )


@app.command
def show(name: One, /, *, common: Common = USUAL) -> None:
    """Show one model: limits, prices, capabilities, and where each fact is from."""
    with house(common) as client:
        model = client.get(model_path(name))
    if common.json:
        show_json(model)
        return
    show_facts((field.replace("_", " "), fact_words(field, value)) for field, value in model.items())


@app.command
def sync(
    profile: Annotated[str, Parameter(name="PROFILE", help="The profile's id.")],
    /,
    *models: Annotated[
        str, Parameter(name="MODELS", help="Model ids as the provider calls them; without any, all it offers.")
    ],
    activate: Annotated[
        bool | None, Parameter(help="Also switch them on; otherwise as `modelhall model settings` says.")
    ] = None,
    common: Common = USUAL,
) -> int:
    """Bring a profile's models into the library. A named model is taken as it is, without asking the provider."""
    body: Object = {} if activate is None else {"activate": activate}
    if models:
        body["models"] = list(models)
    with house(common) as client:
        told = client.send("POST", f"/profiles/{in_path(profile)}/sync", body)
    if common.json:
        show_json(told)
    else:
        show_table(
            ("model", "state", "reason"),
            [(row["model"], row["status"], row.get("reason") or "") for row in told["results"]],
            empty="The provider offers no models.",
        )
        say(f"{told['created']} new, {told['skipped']} there already, {told['errors']} with errors.")
    return REFUSED if told["errors"] else 0


@app.command
def activate(*names: Many, dry_run: DryRun = False, common: Common = USUAL) -> int:
    """Switch models on: keys may call them."""
    return act(names, {"action": "activate"}, "switched on", common, dry_run=dry_run)


@app.command
def deactivate(*names: Many, dry_run: DryRun = False, common: Common = USUAL) -> int:
    """Switch models off: calls to them are refused, all else is kept. The default stays on."""
    return act(names, {"action": "deactivate"}, "switched off", common, dry_run=dry_run)


@app.command
def hide(*names: Many, dry_run: DryRun = False, common: Common = USUAL) -> int:
    """Leave models out of lists; they can still be called."""
    return act(names, {"action": "hide"}, "hidden", common, dry_run=dry_run)


@app.command(alias="show-again")
def unhide(*names: Many, dry_run: DryRun = False, common: Common = USUAL) -> int:
    """Show hidden models in lists again."""
    return act(names, {"action": "show"}, "shown again", common, dry_run=dry_run)


@app.command
def price(
    name: One,
    /,
    *,
    input_per_mtok: PerMtok = None,
    output_per_mtok: PerMtok = None,
    cache_read_per_mtok: PerMtok = None,
    cache_write_5m_per_mtok: PerMtok = None,
    cache_write_1h_per_mtok: PerMtok = None,
    reasoning_per_mtok: PerMtok = None,
    common: Common = USUAL,
) -> None:
    """Set a model's price. It holds from now on; what was used before keeps its price."""
    amounts = {
        "input_per_mtok": input_per_mtok,
        "output_per_mtok": output_per_mtok,
        "cache_read_per_mtok": cache_read_per_mtok,
        "cache_write_5m_per_mtok": cache_write_5m_per_mtok,
        "cache_write_1h_per_mtok": cache_write_1h_per_mtok,
        "reasoning_per_mtok": reasoning_per_mtok,
    }
    body: Object = {
        field: dollars(text, "--" + field.replace("_", "-")) for field, text in amounts.items() if text is not None
    }
    if not body:
        raise wrong("Say the price, for example --input-per-mtok 2.50 --output-per-mtok 10.")
    with house(common) as client:
        model = client.send("PUT", f"/prices/{in_path(name)}", body)
    if common.json:
        show_json(model)
    else:
        given, made = prices_of(model)
        say(f"{model['name']}: {given} for a million tokens in, {made} for a million out.")
        for words in model.get("warnings", []):
            tell(f"Warning: {words}")


@app.command
def default(
    name: Annotated[
        str | None, Parameter(name="MODEL", help="The new default; left out, the present one is shown.")
    ] = None,
    /,
    *,
    common: Common = USUAL,
) -> int:
    """Show or set the model that answers when a call names none."""
    with house(common) as client:
        model = client.send("PUT", "/default-model", {"model": name}) if name else present_default(client)
    if model is None:
        tell("No default is set. Set one: modelhall model default MODEL")
        return REFUSED
    if common.json:
        show_json(model)
    else:
        say(f"{model['name']} is now the default." if name else str(model["name"]))
    return 0


@app.command
def remove(
    *names: Many,
    successor: Annotated[str | None, Parameter(help="Takes their place in aliases, keys and defaults.")] = None,
    force: Annotated[
        bool, Parameter(negative="", help="Also what a key, an alias or another model names; never the default.")
    ] = False,
    dry_run: DryRun = False,
    common: Common = USUAL,
) -> int:
    """Remove models from the library. They can be restored, and what they used stays in the ledger."""
    needed(names)
    if not dry_run and not agreed(f"Remove {', '.join(names)} from the library?"):
        tell("Nothing was removed.")
        return 0
    body: Object = {"action": "remove"} | ({"successor": successor} if successor else {})
    return act(names, body | ({"force": True} if force else {}), "removed", common, dry_run=dry_run)


def present_default(client: Client) -> Object | None:
    """The model that is the default now."""
    return next((row for row in client.items("/models", active=True) if row["default"]), None)


def model_path(name: str) -> str:
    """Where a model is in the control API."""
    return f"/models/{in_path(name)}"


def state_of(model: Object) -> str:
    """The facts of a model's state in words."""
    if model.get("quarantined_because"):
        return "quarantined"
    told = ["active" if model["active"] else "off"]
    told += ["default"] if model.get("default") else []
    told += ["hidden"] if model.get("hidden") else []
    return ", ".join(told)


def prices_of(model: Object) -> tuple[str, str]:
    """What a million tokens cost, in and out."""
    price: Object = model.get("price") or {}
    return usd(price.get("input_per_mtok")), usd(price.get("output_per_mtok"))


def health_of(model: Object) -> str:
    """How the model is doing."""
    health: Object = model.get("health") or {}
    return str(health.get("state", "no_data")).replace("_", " ")


def fact_words(field: str, value: object) -> object:
    """A fact as people read it: what is nested, in one line."""
    facts = object_in(value)
    if field == "health":
        return health_of({"health": facts})
    if field == "parameters" and facts is not None:
        return "; ".join(f"{name}: {parameter_words(object_in(known) or {})}" for name, known in facts.items()) or "-"
    if facts is not None:
        return ", ".join(f"{name}: {inner}" for name, inner in facts.items() if inner is not None) or "-"
    parts = list_in(value)
    if any(object_in(part) is not None for part in parts):
        return f"{len(parts)} entries; `--json` shows them"
    return value


def parameter_words(known: Object) -> str:
    """What is known of a parameter, in a few words."""
    if known["taken"] is False:
        return "not taken"
    lowest, highest = known["min"], known["max"]
    least, most = ("" if end is None else str(end) for end in (lowest, highest))
    told = [f"{least}…{most}" if least or most else "", f"as {known['sent_as']}" if known["sent_as"] else ""]
    told += ["only without thinking"] if known["only_without_effort"] else []
    return ", ".join(part for part in told if part) or "taken"
