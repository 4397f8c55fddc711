"""A provider's list as it is kept: what is believed of it, how it is packed, and how two of them differ."""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal

import msgspec

from modelhall.domain.errors import ModelhallError, OwnTrouble
from modelhall.providers.lists import MOST_MODELS
from modelhall.providers.provider import DiscoveredModel
from modelhall.storage.known_lists import Difference

MOST_TEXT = 255
MOST_TOKENS = 10**10
MOST_USD = Decimal(10**9)
MOST_PLACES = 18
MOST_CHANGES = 500
"""So many changes of one list are written down one by one; the rest are only counted."""
MOST_UNPACKED = 64 * 1024 * 1024
_TEXTS = ("name", "maker", "kind", "successor")
_COUNTS = ("context", "max_output", "size_bytes")
_DATES = ("created", "retires")
_FACTS = tuple(field.name for field in fields(DiscoveredModel) if field.name != "id")


@dataclass(frozen=True, slots=True)
class Listing:
    """The models that a provider lists, each once, and how many entries could not be taken, by reason."""

    models: tuple[DiscoveredModel, ...]
    left_out: Mapping[str, int]
    """`unusable`: without a name that can be used, or of a wrong form; `doubled`; `beyond_limit`."""


def screened(models: Sequence[DiscoveredModel], offered: int | None = None) -> Listing:
    """What is believed of a stranger's list of `offered` entries: names that can be kept, amounts within reason."""
    kept: dict[str, DiscoveredModel] = {}
    unusable = doubled = 0
    for model in models[:MOST_MODELS]:
        if not is_name(model.id):
            unusable += 1
        elif model.id in kept:
            doubled += 1
        else:
            kept[model.id] = _believed(model)
    beyond = max(0, len(models) - MOST_MODELS)
    if offered is not None:
        beyond = max(beyond, offered - MOST_MODELS, 0)
        unusable = max(unusable, offered - beyond - len(kept) - doubled)
    told = {"unusable": unusable, "doubled": doubled, "beyond_limit": beyond}
    return Listing(tuple(kept.values()), {reason: count for reason, count in told.items() if count})


def is_name(name: str) -> bool:
    """Whether a provider's name of a model can be kept and shown."""
    return 0 < len(name) <= MOST_TEXT and name.isprintable() and name == name.strip()


def pack(models: Iterable[DiscoveredModel]) -> bytes:
    """The list as the database keeps it: compressed JSON."""
    return zlib.compress(msgspec.json.encode(tuple(models)), 1)


def pack_one(model: DiscoveredModel) -> bytes:
    """One model, plainly."""
    return msgspec.json.encode(model)


def unpack_one(packed: bytes) -> DiscoveredModel:
    """What `pack_one` packed in this process."""
    return msgspec.json.decode(packed, type=DiscoveredModel)


def unpack(packed: bytes) -> tuple[DiscoveredModel, ...]:
    """A list that was packed. Raises OwnTrouble when an older or newer version of the program wrote it otherwise."""
    try:
        text = zlib.decompressobj().decompress(packed, MOST_UNPACKED)
        return msgspec.json.decode(text, type=tuple[DiscoveredModel, ...])
    except (zlib.error, msgspec.MsgspecError) as error:
        raise OwnTrouble("a kept list of models cannot be read; it is asked for anew at the next look") from error


def unpack_or_nothing(packed: bytes | None) -> tuple[DiscoveredModel, ...] | None:
    """A list that was packed; `None` where there is none that can be read."""
    try:
        return None if packed is None else unpack(packed)
    except ModelhallError:
        return None


def differences(
    old: Sequence[DiscoveredModel], new: Sequence[DiscoveredModel]
) -> tuple[list[Difference], dict[str, int]]:
    """What became of each model, at most MOST_CHANGES of them, and how many there are of each kind."""
    before, after = {model.id: model for model in old}, {model.id: model for model in new}
    added = [Difference(name, "new", None, _facts(model)) for name, model in after.items() if name not in before]
    gone = [Difference(name, "gone", _facts(model), None) for name, model in before.items() if name not in after]
    changed = [
        Difference(name, "changed", *_differing(before[name], model))
        for name, model in after.items()
        if name in before and before[name] != model
    ]
    counts = {"new": len(added), "changed": len(changed), "gone": len(gone)}
    return [*added, *gone, *changed][:MOST_CHANGES], counts


def _believed(model: DiscoveredModel) -> DiscoveredModel:
    doubtful: dict[str, object] = {}
    doubtful |= {name: None for name in _TEXTS if not _is_text(getattr(model, name))}
    doubtful |= {name: None for name in _COUNTS if not _is_count(getattr(model, name))}
    doubtful |= {name: None for name in _DATES if not _is_date(getattr(model, name))}
    if not all(map(_is_amount, model.prices.values())):
        doubtful["prices"] = {kind: amount for kind, amount in model.prices.items() if _is_amount(amount)}
    return replace(model, **doubtful) if doubtful else model  # pyright: ignore[reportArgumentType]


def _is_text(value: str | None) -> bool:
    return value is None or (0 < len(value) <= MOST_TEXT and value.isprintable())


def _is_count(value: int | None) -> bool:
    return value is None or 0 < value < MOST_TOKENS * 1000


def _is_date(value: str | None) -> bool:
    try:
        return value is None or bool(date.fromisoformat(value))
    except ValueError:
        return False


def _is_amount(amount: Decimal) -> bool:
    exponent = amount.as_tuple().exponent
    return amount.is_finite() and 0 <= amount < MOST_USD and isinstance(exponent, int) and exponent >= -MOST_PLACES


def _facts(model: DiscoveredModel) -> dict[str, object]:
    """What is told of a model, as plain JSON."""
    return {name: value for name in _FACTS if (value := _plain(getattr(model, name))) not in (None, {}, [])}


def _differing(old: DiscoveredModel, new: DiscoveredModel) -> tuple[dict[str, object], dict[str, object]]:
    names = [name for name in _FACTS if getattr(old, name) != getattr(new, name)]
    return ({name: _plain(getattr(old, name)) for name in names}, {name: _plain(getattr(new, name)) for name in names})


def _plain(value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(map(str, value))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return format(value, "f") if isinstance(value, Decimal) else value
