"""`modelhall policy`: what the organisation, a project or a key demands of the models that are called."""

from typing import Annotated, cast

from cyclopts import App, Parameter

from modelhall.cli.client import Object, in_path
from modelhall.cli.key import key_path
from modelhall.cli.options import USUAL, Common, dollars, listed, wrong
from modelhall.cli.out import Cell, say, show_json, show_table, tell, usd, words
from modelhall.cli.reach import house

app = App(name="policy", help="What you demand of every model that is called: zero retention, region, price and more.")

Project = Annotated[str | None, Parameter(help="Of this project; otherwise of the organisation.")]
Key = Annotated[str | None, Parameter(help="Of this key, by id or name.")]
CEILING = "--ceiling-usd-per-mtok"


@app.command
def show(*, project: Project = None, key: Key = None, common: Common = USUAL) -> None:
    """Show what is demanded there, and what holds with all that is demanded above."""
    with house(common) as client:
        found = client.get(path_of(project, key))
    if common.json:
        show_json(found)
        return
    show_table(
        ("rule", "holds", "own", "above"),
        rows_of(found),
        empty=f"Nothing is demanded of the models that {found['whose']} calls.",
    )
    for rule in found["outdone"]:
        tell(f"{rule}: more than its own was demanded above since, and that holds.")


@app.command(name="set")
def set_(
    *,
    project: Project = None,
    key: Key = None,
    local_only: Annotated[
        bool, Parameter(negative="", help="Only models on machines of the owner: nothing goes to third parties.")
    ] = False,
    zero_retention: Annotated[
        bool, Parameter(negative="", help="Only where there is evidence that nobody keeps anything of a call.")
    ] = False,
    no_training: Annotated[
        bool, Parameter(negative="", help="Only where there is evidence that nobody trains on what is sent.")
    ] = False,
    regions: Annotated[
        str | None, Parameter(help="Only where there is evidence that data is handled in these regions at most.")
    ] = None,
    ceiling_usd_per_mtok: Annotated[
        str | None, Parameter(name=CEILING, help="Only what costs at most this, in US dollars per million tokens.")
    ] = None,
    purposes: Annotated[str | None, Parameter(help="Only profiles with one of these labels of purpose.")] = None,
    residencies: Annotated[str | None, Parameter(help="Only profiles with one of these labels of residency.")] = None,
    common: Common = USUAL,
) -> None:
    """Demand this, in the place of all that was demanded there. Below the organisation one can only demand more."""
    flags = {"local_only": local_only, "zero_retention": zero_retention, "no_training": no_training}
    body: Object = {
        **{name: True for name, wanted in flags.items() if wanted},
        "regions": listed(regions),
        "ceiling_usd_per_mtok": dollars(ceiling_usd_per_mtok, CEILING),
        "purposes": listed(purposes),
        "residencies": listed(residencies),
    }
    body = {name: value for name, value in body.items() if value is not None}
    if not body:
        raise wrong("Say what to demand, for example --zero-retention; to demand nothing any more: policy clear.")
    _put(path_of(project, key), body, common)


@app.command
def clear(*, project: Project = None, key: Key = None, common: Common = USUAL) -> None:
    """Demand nothing there any more. What is demanded above still holds."""
    _put(path_of(project, key), {}, common)


@app.command
def models(
    *,
    key: Annotated[str | None, Parameter(help="As this key's calls see it, by id or name; otherwise yours.")] = None,
    common: Common = USUAL,
) -> None:
    """Say of each active model whether the policies allow it, and why not."""
    with house(common) as client:
        found = client.get("/policy/models", key=key)
    if common.json:
        show_json(found)
        return
    show_table(
        ("model", "allowed", "because"),
        [(row["model"], row["allowed"], because(row)) for row in found["items"]],
        empty="No model is active. See what there is: modelhall model list",
    )


def path_of(project: str | None, key: str | None) -> str:
    """Where the policy is in the control API. Raises CycloptsError when two are meant."""
    if project is not None and key is not None:
        raise wrong("Say --project or --key, not both: a key of a project has the project's policy too.")
    if project is not None:
        return f"/projects/{in_path(project)}/policy"
    return "/policy" if key is None else f"{key_path(key)}/policy"


def _put(path: str, body: Object, common: Common) -> None:
    with house(common) as client:
        found = client.send("PUT", path, body)
    if common.json:
        show_json(found)
        return
    holds = "; ".join(f"{rule} {words(value)}" for rule, value, *_ in rows_of(found))
    say(f"What holds for {found['whose']}: {holds or 'nothing'}.")
    tell("See which models that leaves: modelhall policy models")


def rows_of(policy: Object) -> list[tuple[str, Cell, Cell, Cell]]:
    """Rule, what holds, its own, and whose else it is; only rules that somebody demands."""
    effective = cast("dict[str, object]", policy["effective"])
    return [
        (
            rule,
            rule_words(rule, value),
            rule_words(rule, policy["own"][rule]),
            [parent["whose"] for parent in policy["parents"] if parent["rules"][rule] not in (None, False)],
        )
        for rule, value in effective.items()
        if value not in (None, False)
    ]


def rule_words(rule: str, value: object) -> Cell:
    """What a rule demands, for people."""
    if value in (None, False):
        return None
    return usd(value) if rule == "ceiling_usd_per_mtok" else value


def because(row: Object) -> str:
    """Why a model is not allowed, or on what it stands."""
    missing = [each for each in row["findings"] if not each["met"]]
    told = missing or row["findings"]
    return "; ".join(f"{each['rule']} ({each['whose']}): {each['words']}" for each in told)
