"""Step 1 and 2 of a call: who asks, and which target it goes to, with the reason."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from difflib import get_close_matches

from modelhall.domain.errors import (
    DialectNotSpoken,
    KeyExpired,
    ModelhallError,
    ModelInactive,
    ModelQuarantined,
    SetUpNeeded,
    Unauthenticated,
    UnknownKey,
    UnknownModel,
    Unsupported,
)
from modelhall.domain.virtual_keys import PREFIX, is_well_formed
from modelhall.gateway.call import Call, Caller, Passed, Route, Target
from modelhall.gateway.desk import Desk
from modelhall.gateway.snapshot import Library, Snapshot

DEFAULT = "default"


def identify(presented: str | None, desk: Desk) -> Caller:
    """The caller that a presented key stands for. Raises Unauthenticated and below, MasterKeyMismatch."""
    if not presented:
        refuse_before_set_up(desk)
        raise Unauthenticated("send a key: `Authorization: Bearer mh_…`; make one with `modelhall key create NAME`")
    if not presented.startswith(PREFIX) and (operator := desk.operator(presented)) is not None:
        return operator
    caller = desk.snapshot.callers.get(desk.digest(presented))
    if caller is None:
        refuse_before_set_up(desk)
        if not is_well_formed(presented):
            raise UnknownKey("this is not a key of this house; its keys begin with mh_ and end in a checksum")
        raise UnknownKey("no such key, or it was deleted; make one with `modelhall key create NAME`")
    if caller.expires_at is not None and caller.expires_at <= datetime.now(UTC):
        raise KeyExpired(f"this key expired at {caller.expires_at:%Y-%m-%d %H:%M} UTC")
    return caller


def refuse_before_set_up(desk: Desk) -> None:
    """Raises SetUpNeeded while others can reach a server that nobody has set up yet."""
    if desk.public and not desk.snapshot.claimed:
        raise SetUpNeeded("nobody has set this server up yet: open the link in its log, or make a key on its machine")


def find_route(call: Call, snapshot: Snapshot) -> Route:
    """The targets for what the call asks. Raises UnknownModel, Forbidden and below, DialectNotSpoken, Unsupported."""
    library = library_of(call.caller, snapshot)
    asked = call.ask.model or DEFAULT
    found, why = _named(asked, library, call.caller)
    if len(found) == 1:
        _fit(call, found[0], asked)
        return Route(asked, found, why)
    return _of_several(call, found, library, why)


def _of_several(call: Call, found: Sequence[Target], library: Library, why: str) -> Route:
    """The targets of an alias that can take this call, in its order. Raises why the first cannot when none can."""
    asked, now = call.ask.model or DEFAULT, datetime.now(UTC)
    first, ceiling = found[0].sheet_at(now), library.aliases[asked].ceiling_usd_per_mtok
    fitting: list[Target] = []
    passed: list[Passed] = []
    refusal: ModelhallError | None = None
    for target in found:
        reason = None if target is found[0] else library.too_dear(target.sheet_at(now), first, ceiling)
        try:
            _fit(call, target, asked)
        except ModelhallError as error:
            refusal, reason = refusal or error, error.message
        if reason is None:
            fitting.append(target)
        else:
            passed.append(Passed(target.model.public_name, reason))
    if not fitting:
        raise refusal or UnknownModel(f"{asked} leads to no model that may be called")
    return Route(asked, tuple(fitting), why, tuple(passed))


def _fit(call: Call, target: Target, asked: str) -> None:
    """Whether the target may and can take the call. Raises Forbidden and below, DialectNotSpoken, Unsupported."""
    _admit(target, asked)
    if call.dialect not in target.provider.speaks and target.way_from(call.dialect) is None:
        raise DialectNotSpoken(_not_spoken(call, target))
    _can_do(call, target)


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
    found, _ = _named(name, library, caller)
    _admit(found[0], name)
    return found[0]


def _named(asked: str, library: Library, caller: Caller) -> tuple[tuple[Target, ...], str]:
    """What a name means: one target, or the several of an alias in their order. Raises UnknownModel."""
    for model_ids, why in _meanings(asked, library, caller):
        found = tuple(library.targets[each] for each in model_ids if _allowed(caller, each) and each in library.targets)
        if found:
            return found, why
    if asked == DEFAULT:
        raise UnknownModel("no model was named and there is no default; set one with `modelhall model default MODEL`")
    raise UnknownModel(_no_such(asked, library, caller))


def _meanings(asked: str, library: Library, caller: Caller) -> Iterator[tuple[tuple[str, ...], str]]:
    """The library models that a name may mean, the nearest meaning first."""
    if asked == DEFAULT:
        if caller.default_model_id is not None:
            yield (caller.default_model_id,), "the key's default"
        for default, whose in caller.further_defaults:
            yield (default,), whose
        if library.organisation.default_model_id is not None:
            yield (library.organisation.default_model_id,), "the organisation's default"
    if (alias := library.aliases.get(asked)) is not None:
        yield alias.model_ids, f"alias {asked}"
    if asked in library.by_name:
        yield (library.by_name[asked],), "named in full"
    same_id = library.by_bare_id.get(asked, ())
    for model_id in same_id:
        others = len(same_id) - 1
        yield (model_id,), f"first of {others + 1} profiles that have it" if others else "only profile that has it"


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
