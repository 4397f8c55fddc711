"""Which stored value counts where a call says nothing of a parameter, and the call completed with it.

The request's own word comes first; then what is stored for its member, its project, its model, and its model's profile.
"""

from collections.abc import Mapping

import msgspec

from modelhall.dialects.stored_values import LIMIT, StoredValue, Values, with_stored_values
from modelhall.gateway.call import Call, Target


def stored_by_caller(member: Values, project: Values) -> Mapping[str, StoredValue]:
    """What a caller's calls are completed with; it comes before the target's."""
    return _first((member, "your own stored value"), (project, "stored for the project"))


def stored_by_target(model: Values, profile: Values) -> Mapping[str, StoredValue]:
    """What calls to a target are completed with."""
    return _first((model, "stored for this model"), (profile, "stored for its profile"))


def completed(call: Call, target: Target) -> Call:
    """The call as this target gets it, with what it leaves open and somebody stored; where nothing is, the same object.

    Raises BadRequest.
    """
    by_caller, by_target = call.caller.stored, target.stored
    if not by_caller and not by_target:
        return call
    stored = {**by_target, **by_caller}
    applied = with_stored_values(call.body, stored, target.facts, call.dialect.NAME)
    if not applied.changes:
        return call
    limit = msgspec.json.decode(stored[LIMIT].json, type=int) if LIMIT in applied.changes else None
    return msgspec.structs.replace(call, body=applied.body, added=applied.changes, stored_limit=limit)


def _first(*sources: tuple[Values, str]) -> Mapping[str, StoredValue]:
    found: dict[str, StoredValue] = {}
    for values, whose in sources:
        for name, value in values.items():
            found.setdefault(name, StoredValue(msgspec.json.encode(value), whose))
    return found
