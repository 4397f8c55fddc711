"""Writes plain values as TOML 1.0."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TypeAlias

Value: TypeAlias = str | bool | int | float | Decimal | Sequence[str]
Table: TypeAlias = Mapping[str, Value | None]


def table(head: str, values: Table) -> str:
    """`[head]` or `[[head]]` with what is set; `None` has no form in TOML and is left out."""
    lines = [f"{name} = {written(value)}" for name, value in values.items() if value is not None]
    return "\n".join((head, *lines))


def written(value: Value) -> str:
    """A value; amounts as text, because a TOML float is not exact."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Decimal):
        return _text(format(value, "f"))
    if isinstance(value, str):
        return _text(value)
    return f"[{', '.join(map(_text, value))}]"


def _text(text: str) -> str:
    """A basic string: JSON's escapes are TOML's too, but for DEL, which TOML wants escaped."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
