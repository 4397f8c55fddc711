"""Every HTTP route declares its policy: who may call it, and what a change writes into the audit."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from scripts import docs
from tests.house.tree import dotted, sources

CALLERS = frozenset({"anyone", "key", "viewer", "member", "admin", "operator"})
# Routes that are asked by POST and change nothing that people set, each with its reason.
CHANGES_NOTHING = frozenset(  # a trial has its row in the ledger
    {
        "post /configuration/plan",
        "post /explain",
        "post /models/test",
        "post /profiles/test",
        "post /profiles/{id}/test",
        "post /profiles/{id}/discover",
        "post /sign-in/{id}/test",
    }
)
CHANGES = frozenset({"post", "put", "patch", "delete"})
ROUTE_WORDS = CHANGES | {"get", "head", "options", "api_route", "websocket"}


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, path and description of every control route."""
    for path, methods in docs.paths_of(docs.openapi_document()).items():
        for method, operation in methods.items():
            if method in docs.METHODS:
                yield method, path, operation


def test_every_control_route_says_who_may_call_it() -> None:
    open_ones = [
        f"{method} {path}"
        for method, path, operation in operations()
        if operation.get("x-policy", {}).get("role") not in CALLERS
    ]
    assert open_ones == [], "give the route its `policy(…)`"


def test_every_control_route_that_changes_something_names_its_audit_word() -> None:
    silent = [
        f"{method} {path}"
        for method, path, operation in operations()
        if method in CHANGES
        and operation.get("x-policy", {}).get("audit", "none") == "none"
        and f"{method} {path}" not in CHANGES_NOTHING
    ]
    assert silent == []


def test_every_control_route_says_what_it_does() -> None:
    assert [f"{method} {path}" for method, path, operation in operations() if not operation.get("summary")] == []


def test_no_control_route_hides_from_the_description() -> None:
    hidden = [
        f"{source.name}:{call.lineno}"
        for source in sources("src/modelhall/api")
        for call in route_calls(source.tree)
        for word in call.keywords
        if word.arg == "include_in_schema" and not (isinstance(word.value, ast.Constant) and word.value.value is True)
    ]
    assert hidden == []


def route_calls(tree: ast.Module) -> Iterator[ast.Call]:
    """Calls such as `@router.get(…)` and `router.add_api_route(…)`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and dotted(node).rsplit(".", 1)[-1] in ROUTE_WORDS | {"add_api_route"}:
            yield node
