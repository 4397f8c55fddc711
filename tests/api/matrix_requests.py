"""What the matrix sends: a body where a route takes one, and the object's name where it belongs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Where a route takes a body, one that is well-formed and asks for nothing that is there.
BODIES: Mapping[str, Any] = {
    "post /sessions": {"link": "no-such-code"},
    "put /session/password": {"new": "x"},
    "put /session/organisation": {"organisation": "none"},
    "post /session/join": {"invitation": "none"},
    "post /invitations": {"login": "no spaces here"},
    "post /invitations/accept": {"invitation": "none", "password": "x"},
    "patch /members/{id}": {"role": "viewer"},
    "post /organisations": {"id": "Not An Id"},
    "patch /organisation": {"name": ""},
    "post /access/reset": {"login": "none"},
    "post /profiles": {"provider": "no-such-provider"},
    "post /profiles/test": {"provider": "no-such-provider"},
    "patch /profiles/{id}": {"notes": "x"},
    "post /profiles/{id}/sync": {"models": ["x"]},
    "post /profiles/{id}/keys": {"key": "sk-of-nobody"},
    "put /aliases/{name}": {"models": ["no/such"]},
    "post /models": {"profile": "none", "model_id": "x"},
    "post /models/test": {"model": "no/such"},
    "post /models/probe": {"model": "no/such"},
    "patch /models/{name}": {"hidden": True},
    "post /models/batch": {"action": "hide", "models": ["no/such"]},
    "post /model-undo/{name}": {},
    "put /collections/{name}": {"models": ["no/such"]},
    "patch /library-settings": {},
    "patch /preferences": {},
    "put /default-model": {"model": "no/such"},
    "put /prices/{name}": {"input_per_mtok": "1"},
    "post /projects": {"id": "x", "models": ["no/such"]},
    "patch /projects/{id}": {"notes": "x"},
    "post /keys": {"name": "x", "project": "no-such-project"},
    "post /explain": {"model": "no/such", "messages": []},
    "post /master-key/rotate": {"new_key": "bad"},
    "put /policy": {},
    "put /projects/{id}/policy": {},
    "put /keys/{key}/policy": {},
    "put /evidence/{fact}/{name}": {"value": True, "reference": "a contract", "dated": "2026-01-02"},
    "put /calls/{id}/verdict": {"rating": 3},
    "post /export": {"passphrase": "long enough a phrase"},
    "post /configuration/plan": {"name": "empty.toml", "text": ""},
    "post /configuration/apply": {"name": "empty.toml", "text": ""},
    "post /imports/{program}": {"files": [{"name": "settings.json", "text": "{}"}], "plan": True},
    "post /sign-in/{id}/people": {"subject": "x", "login": "none"},
}
# Where a route cannot do without a query, or takes the object's name there.
QUERIES: Mapping[str, str] = {
    "get /model-state/{name}": "at=2026-01-01T00:00:00Z",
    "get /snippets/{program}": "models={name}",
}
# What stands in the path beside the object's name; what is below an object is never there.
BESIDE: Mapping[str, str] = {"{fact}": "zero_retention", "snippets/{program}": "snippets/openai"}


def address_of(method: str, path: str, name: str) -> str:
    """Where the route is called with that object."""
    route = path
    for part, value in BESIDE.items():
        path = path.replace(part, value)
    first, _, rest = path.partition("}")
    if "{" in path:
        path = first.partition("{")[0] + name + rest.replace("{key}", "none").replace("{name}", "none")
    query = QUERIES.get(f"{method} {route}", "").replace("{name}", name)
    return f"{path}?{query}" if query else path
