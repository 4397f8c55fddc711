"""Step 1 and 2 of a call: who asks, and which target it goes to, with the reason."""

from collections.abc import Iterator
from datetime import UTC, datetime
from difflib import get_close_matches

from modelhall.domain.errors import (
    DialectNotSpoken,
    KeyExpired,
    ModelInactive,
    ModelQuarantined,
    Unauthenticated,
    UnknownKey,
    UnknownModel,
    Unsupported,
)
from modelhall.domain.virtual_keys import is_well_formed
from modelhall.gateway.call import Call, Caller, Route, Target
from modelhall.gateway.desk import Desk
from modelhall.gateway.snapshot import Library, Snapshot

DEFAULT = "default"


def identify(presented: str | None, desk: Desk) -> Caller:
    """The caller that a presented key stands for. Raises Unauthenticated and below, MasterKeyMismatch."""
    if not presented:
        raise Unauthenticated("send a key: `Authorization: Bearer mh_…`; make one with `modelhall key create NAME`")
    if (operator := desk.operator(presented)) is not None:
        return operator
    if not is_well_formed(presented):
        raise UnknownKey("this is not a key of this house; its keys begin with mh_ and end in a checksum")
    caller = desk.snapshot.callers.get(desk.digest(presented))
    if caller is None:
        raise UnknownKey("no such key, or it was deleted; make one with `modelhall key create NAME`")
    if caller.expires_at is not None and caller.expires_at <= datetime.now(UTC):
        raise KeyExpired(f"this key expired at {caller.expires_at:%Y-%m-%d %H:%M} UTC")
    return caller


def find_route(call: Call, snapshot: Snapshot) -> Route:
    """The targets for what the call asks. Raises UnknownModel, Forbidden and below, DialectNotSpoken, Unsupported."""
    library = library_of(call.caller, snapshot)
    asked = call.ask.model or DEFAULT
    target, why = _named(asked, library, call.caller)
    _admit(target, asked)
    if call.dialect not in target.provider.speaks and target.way_from(call.dialect) is None:
        raise DialectNotSpoken(_not_spoken(call, target))
    _can_do(call, target)
    return Route(asked, (target,), why)


def library_of(caller: Caller, snapshot: Snapshot) -> Library:
    """The library of the caller's organisation."""
    return snapshot.libraries[caller.organisation_id]


def callable_targets(library: Library, caller: Caller) -> Iterator[Target]:
    """What this caller may call, in the organisation's order; hidden models are callable too."""
    for target in library.targets.values():
        if target.model.active and target.model.quarantined_because is None and _allowed(caller, target.model.id):
            yield target


def find_named(name: str, library: Library, caller: Caller) -> Target:
    """The model of that name among what this caller may call. Raises UnknownModel, Forbidden and below."""
    target, _ = _named(name, library, caller)
    _admit(target, name)
    return target


def _named(asked: str, library: Library, caller: Caller) -> tuple[Target, str]:
    for model_id, why in _meanings(asked, library, caller):
        if _allowed(caller, model_id) and model_id in library.targets:
            return library.targets[model_id], why
    if asked == DEFAULT:
        raise UnknownModel("no model was named and there is no default; set one with `modelhall model default MODEL`")
    raise UnknownModel(_no_such(asked, library, caller))


def _meanings(asked: str, library: Library, caller: Caller) -> Iterator[tuple[str, str]]:
    """The library models that a name may mean, the nearest meaning first."""
    if asked == DEFAULT:
        if caller.default_model_id is not None:
            yield caller.default_model_id, "the key's default"
        if library.organisation.default_model_id is not None:
            yield library.organisation.default_model_id, "the organisation's default"
    if (alias := library.aliases.get(asked)) is not None:
        for model_id in alias.model_ids:
            yield model_id, f"alias {asked}"
    if asked in library.by_name:
        yield library.by_name[asked], "named in full"
    same_id = library.by_bare_id.get(asked, ())
    for model_id in same_id:
        others = len(same_id) - 1
        yield model_id, f"first of {others + 1} profiles that have it" if others else "only profile that has it"


def _allowed(caller: Caller, model_id: str) -> bool:
    return caller.models is None or model_id in caller.models


def _admit(target: Target, asked: str) -> None:
    model = target.model
    if model.quarantined_because is not None:
        raise ModelQuarantined(f"{asked} is held back: {model.quarantined_because}")
    if not model.active:
        raise ModelInactive(f"{asked} is not active; `modelhall model activate {model.public_name}` switches it on")


def _can_do(call: Call, target: Target) -> None:
    """What is known to be missing is refused; what is unknown is tried."""
    if call.ask.choices > 1 and target.provider.counts_one_choice:
        raise Unsupported(f"{target.model.public_name} answers one choice and one prompt at a time; ask once for each")
    lacking = [need for need in sorted(call.ask.needs) if target.model.capabilities.get(need) is False]
    if lacking:
        raise Unsupported(f"{target.model.public_name} cannot do this: {', '.join(lacking)}")


def _not_spoken(call: Call, target: Target) -> str:
    spoken = ", ".join(sorted(dialect.NAME for dialect in target.provider.speaks))
    return f"{target.model.public_name} does not speak {call.dialect.NAME}; it speaks: {spoken}"


def _no_such(asked: str, library: Library, caller: Caller) -> str:
    names = [target.model.public_name for target in callable_targets(library, caller)]
    bare = {name.partition("/")[2]: name for name in names}
    near = get_close_matches(asked, [*names, *bare, *library.aliases], n=3, cutoff=0.4)
    shown = list(dict.fromkeys(bare.get(name, name) for name in near))
    hint = f"the nearest names are {', '.join(shown)}" if shown else "see /v1/models for what this key may call"
    return f"no model {asked[:120]!r} for this key; {hint}"
