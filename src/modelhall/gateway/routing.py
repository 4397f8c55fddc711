"""Step 1 and 2 of a call: who asks, and which target it goes to, with the reason."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from difflib import get_close_matches

from modelhall.domain.errors import (
    DialectNotSpoken,
    KeyExpired,
    ModelhallError,
    ModelInactive,
    ModelQuarantined,
    NothingToCall,
    SetUpNeeded,
    Unauthenticated,
    UnknownKey,
    UnknownModel,
    Unsupported,
)
from modelhall.domain.policies import Verdict
from modelhall.domain.virtual_keys import PREFIX, is_well_formed
from modelhall.gateway.call import Call, Caller, Passed, Route, Target
from modelhall.gateway.demands import Demands
from modelhall.gateway.desk import Desk
from modelhall.gateway.snapshot import DEFAULT, Library, Snapshot

NOBODY: Mapping[str, str] = {}


def identify(presented: str | None, desk: Desk) -> Caller:
    """The caller that a presented key stands for. Raises Unauthenticated and below, MasterKeyMismatch."""
    if not presented:
        refuse_before_set_up(desk)
        raise Unauthenticated("send a key: `Authorization: Bearer mh_…`; make one with `modelhall key create NAME`")
    if not presented.startswith(PREFIX) and (operator := desk.operator(presented)) is not None:
        return desk.snapshot.caller_without_key(operator)
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
    found, why = _named(asked, library, call.caller, snapshot.last_used)
    if len(found) == 1:
        verdict = _fit(call, found[0], library)
        return Route(asked, found, why, verdicts=verdict and {found[0].model.id: verdict})
    return _of_several(call, found, library, why)


def _of_several(call: Call, found: Sequence[Target], library: Library, why: str) -> Route:
    """The targets of an alias that can take this call, in its order. Raises why the first cannot when none can."""
    asked, now = call.ask.model or DEFAULT, datetime.now(UTC)
    first, ceiling = found[0].sheet_at(now), library.aliases[asked].ceiling_usd_per_mtok
    fitting: list[Target] = []
    passed: list[Passed] = []
    verdicts: dict[str, Verdict] = {}
    refusal: ModelhallError | None = None
    for target in found:
        reason = None if target is found[0] else library.too_dear(target.sheet_at(now), first, ceiling)
        try:
            if verdict := _fit(call, target, library):
                verdicts[target.model.id] = verdict
        except ModelhallError as error:
            refusal, reason = refusal or error, error.message
        if reason is None:
            fitting.append(target)
        else:
            passed.append(Passed(target.model.public_name, reason))
    if not fitting:
        raise refusal or UnknownModel(f"{asked} leads to no model that may be called")
    return Route(asked, tuple(fitting), why, tuple(passed), verdicts or None)


def _fit(call: Call, target: Target, library: Library) -> Verdict | None:
    """Whether the target may and can take the call; why policies allow it, where there are some.

    Raises Forbidden and below, DialectNotSpoken, Unsupported.
    """
    verdict = _admit(target, call.ask.model or DEFAULT, library.demands_of(call.caller))
    if call.dialect not in target.provider.speaks and target.way_from(call.dialect) is None:
        raise DialectNotSpoken(_not_spoken(call, target))
    _can_do(call, target)
    return verdict


def library_of(caller: Caller, snapshot: Snapshot) -> Library:
    """The library of the caller's organisation."""
    return snapshot.libraries[caller.organisation_id]


def callable_targets(library: Library, caller: Caller) -> Iterator[Target]:
    """What this caller may call, in the organisation's order; hidden models are callable too."""
    demands = library.demands_of(caller)
    for target in library.targets.values():
        if target.is_usable and _allowed(caller, target.model.id) and (demands is None or demands.allows(target)):
            yield target


def find_named(name: str, library: Library, caller: Caller) -> Target:
    """The model of that name among what this caller may call. Raises UnknownModel, Forbidden and below."""
    found, _ = _named(name, library, caller)
    _admit(found[0], name, library.demands_of(caller))
    return found[0]


def named_targets(asked: str, library: Library, caller: Caller) -> tuple[Target, ...]:
    """What a name means, whether a call may go there or not; empty: nothing."""
    try:
        return _named(asked, library, caller)[0]
    except UnknownModel:
        return ()


def _named(
    asked: str, library: Library, caller: Caller, last_used: Mapping[str, str] = NOBODY
) -> tuple[tuple[Target, ...], str]:
    """What a name means: one target, or the several of an alias in their order. Raises UnknownModel."""
    for model_ids, why in _meanings(asked, library, caller, last_used):
        found = tuple(library.targets[each] for each in model_ids if _allowed(caller, each) and each in library.targets)
        if found:
            return found, why
    if asked == DEFAULT:
        raise UnknownModel("no model was named and there is no default; set one with `modelhall model default MODEL`")
    raise UnknownModel(_no_such(asked, library, caller))


def _meanings(
    asked: str, library: Library, caller: Caller, last_used: Mapping[str, str]
) -> Iterator[tuple[tuple[str, ...], str]]:
    """The library models that a name may mean, the nearest meaning first."""
    if asked == DEFAULT:
        yield from _defaults(library, caller, last_used.get(caller.member_id))
    if (alias := library.aliases.get(asked)) is not None:
        yield alias.model_ids, f"alias {asked}"
    if asked in library.by_name:
        yield (library.by_name[asked],), "named in full"
    if (preferred := library.profile_defaults.get(asked)) is not None:
        yield (preferred,), "the profile's default"
    same_id = library.by_bare_id.get(asked, ())
    if len(same_id) > 1 and (demands := library.demands_of(caller)) is not None:  # the first that it may call counts
        same_id = sorted(same_id, key=lambda each: not demands.allows(library.targets[each]))
    for model_id in same_id:
        others = len(same_id) - 1
        yield (model_id,), f"first of {others + 1} profiles that have it" if others else "only profile that has it"


def _defaults(library: Library, caller: Caller, last_used: str | None) -> Iterator[tuple[tuple[str, ...], str]]:
    """What may answer when none is named; without any default, only what the member has chosen before."""
    for model_id, whose in caller.defaults:
        yield (model_id,), whose
    if library.has_default:
        yield (str(library.organisation.default_model_id),), "the organisation's default"
    elif last_used is not None and last_used in library.targets and library.targets[last_used].is_usable:
        yield (last_used,), "the model used last, because no default is set"


def _allowed(caller: Caller, model_id: str) -> bool:
    return caller.models is None or model_id in caller.models


def _admit(target: Target, asked: str, demands: Demands | None) -> Verdict | None:
    model = target.model
    if model.quarantined_because is not None:
        if asked == DEFAULT:
            raise NothingToCall(f"the default, {model.public_name}, is held back: {model.quarantined_because}")
        raise ModelQuarantined(f"{asked} is held back: {model.quarantined_because}")
    if not model.active:
        raise ModelInactive(f"{asked} is not active; `modelhall model activate {model.public_name}` switches it on")
    return None if demands is None else demands.admit(target)


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
