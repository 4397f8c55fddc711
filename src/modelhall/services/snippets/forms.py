"""Plain values as the text that other programs read: YAML in blocks, JSON with exact numbers."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TypeAlias, cast

import msgspec

Value: TypeAlias = "str | bool | int | Decimal | Sequence[Value] | Mapping[str, Value] | None"
_EXACT = msgspec.json.Encoder(decimal_format="number")


def json_text(value: Value) -> str:
    """JSON for people; amounts are written as they are, never through a float."""
    return msgspec.json.format(_EXACT.encode(_plain(value)), indent=2).decode() + "\n"


def yaml_text(value: Mapping[str, Value] | Sequence[Value]) -> str:
    """YAML in blocks; every text and name stands in JSON's quotes, which are YAML's too."""
    return "\n".join(_lines(value)) + "\n"


def scalar(value: Value) -> str:
    """One value on one line, as JSON and YAML both read it."""
    return _EXACT.encode(_plain(value)).decode()


def _plain(value: Value) -> object:
    """Amounts without an exponent."""
    if isinstance(value, Decimal):
        return Decimal(format(value.normalize(), "f"))
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in cast("Mapping[str, Value]", value).items()}
    if isinstance(value, str) or not isinstance(value, Sequence):
        return value
    return [_plain(each) for each in value]


def _lines(value: Value) -> Iterator[str]:
    if isinstance(value, Mapping) and value:
        for name, each in cast("Mapping[str, Value]", value).items():
            yield from _under(f"{_name(name)}:", list(_lines(each)), nested=_nests(each))
    elif isinstance(value, Sequence) and not isinstance(value, str) and value:
        for each in value:
            first, *rest = _lines(each)
            yield f"- {first}"
            yield from (f"  {line}" for line in rest)
    else:
        yield scalar(value)


def _under(head: str, lines: Sequence[str], *, nested: bool) -> Iterator[str]:
    if nested:
        yield head
        yield from (f"  {line}" for line in lines)
    else:
        yield f"{head} {lines[0]}"


def _name(name: str) -> str:
    """A name of letters stands as it is; any other in quotes."""
    return name if name.isidentifier() and name.isascii() else scalar(name)


def _nests(value: Value) -> bool:
    return isinstance(value, Mapping | Sequence) and not isinstance(value, str) and bool(value)
