"""`modelhall model discover` and `changes`: what providers list, and what became of it."""

from collections.abc import Sequence
from typing import Annotated, Literal

from cyclopts import Parameter

from modelhall.cli.client import Object, in_path, object_in
from modelhall.cli.main import REFUSED
from modelhall.cli.options import USUAL, Common, wrong
from modelhall.cli.out import show_json, show_table, tell, usd, words
from modelhall.cli.reach import house

Kind = Literal["new", "changed", "gone"]


def discover(
    profile: Annotated[
        str | None, Parameter(name="PROFILE", help="The profile's id; left out, the lists of all are shown.")
    ] = None,
    /,
    *,
    refresh: Annotated[bool, Parameter(negative="", help="Ask the provider now.")] = False,
    common: Common = USUAL,
) -> int:
    """Show what a provider lists, how old the list is, and why there is no newer one."""
    if refresh and profile is None:
        raise wrong("Say which profile: modelhall model discover PROFILE --refresh")
    with house(common) as client:
        state = client.send("POST", f"/profiles/{in_path(profile or '')}/discover") if refresh else {}
        first = client.get("/discovered", profile=profile, limit=1 if profile is None else 500)
        items, after = list(first["items"]), first["next"]
        while after and profile is not None:
            page = client.get("/discovered", profile=profile, after=after, limit=500)
            items, after = items + page["items"], page["next"]
    if common.json:
        show_json({"lists": first["lists"], "items": items if profile else [], "total": first["total"]})
    else:
        if profile is not None:
            _show_models(items)
        _show_lists(first["lists"])
    return REFUSED if state.get("error") else 0


def changes(
    profile: Annotated[str | None, Parameter(name="PROFILE", help="Only of this profile.")] = None,
    /,
    *,
    kind: Annotated[Kind | None, Parameter(help="Only these.")] = None,
    limit: Annotated[int, Parameter(help="At most so many.")] = 100,
    common: Common = USUAL,
) -> None:
    """Show which models are new, changed or gone in providers' lists, the newest first."""
    if not 1 <= limit <= 500:
        raise wrong("--limit is 1 to 500.")
    with house(common) as client:
        page = client.get("/discoveries/changes", profile=profile, kind=kind, limit=limit)
    if common.json:
        show_json(page)
        return
    show_table(
        ("at", "change", "model", "what"),
        [(row["at"], row["kind"], f"{row['profile']}/{row['model_id']}", _what(row)) for row in page["items"]],
        empty="Nothing has changed since the first lists.",
    )


def tell_trouble(lists: Sequence[Object]) -> None:
    """Which lists are old, and why."""
    for state in lists:
        tell(f"The list of {state['profile']} is {_age(state)}: {state['error']}")


def _show_models(items: Sequence[Object]) -> None:
    show_table(
        ("model", "status", "kind", "context", "input $/M", "output $/M"),
        [(row["name"], row["status"], row["kind"], row["context_window"], *_prices(row)) for row in items],
        empty="No models are known. Ask now: modelhall model discover PROFILE --refresh",
    )


def _show_lists(lists: Sequence[Object]) -> None:
    show_table(
        ("profile", "provider", "models", "age", "left out", "error"),
        [
            (row["profile"], row["provider"], row["models"], _age(row), _counts(row["left_out"]), row["error"])
            for row in lists
        ],
        empty="No profiles. Add one: modelhall profile add --help",
    )


def _prices(row: Object) -> tuple[str, str]:
    return usd(row["price_input"]), usd(row["price_output"])


def _counts(counts: Object) -> str:
    return ", ".join(f"{count} {reason.replace('_', ' ')}" for reason, count in counts.items()) or "-"


def _age(state: Object) -> str:
    seconds = state["age_seconds"]
    if not state["has_list"]:
        return "not asked: it has none"
    if seconds is None:
        return "not there yet"
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size} {unit} old"
    return f"{seconds} s old"


def _what(row: Object) -> str:
    """What differs, in one line."""
    before, after = object_in(row["before"]) or {}, object_in(row["after"]) or {}
    if row["kind"] != "changed":
        return "-"
    return "; ".join(f"{name}: {_word(before.get(name))} → {_word(after.get(name))}" for name in after)


def _word(value: object) -> str:
    facts = object_in(value)
    return words(value) if facts is None else ", ".join(f"{name} {inner}" for name, inner in facts.items()) or "-"
