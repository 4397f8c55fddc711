"""Writes plain values as TOML 1.0, or as YAML that readers of 1.1 and 1.2 understand alike."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, TypeAlias, cast

Form: TypeAlias = Literal["toml", "yaml"]
Table: TypeAlias = Mapping[str, Any]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_MEANS_MORE = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_UNSEEN = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def written(whole: Table, form: Form, head: str) -> str:
    """The text, `head` as its first line. A value that is `None` has no form and is left out."""
    lines = _toml_lines(whole) if form == "toml" else _yaml_lines(whole, "")
    return "\n".join([f"# {head}", *lines]) + "\n"


def _toml_lines(table: Table, path: tuple[str, ...] = ()) -> Iterator[str]:
    told = {name: value for name, value in table.items() if value is not None}
    for name, value in told.items():
        if not _is_table(value) and not _is_tables(value):
            yield f"{_toml_name(name)} = {_toml_value(value)}"
    for name, value in told.items():
        here = (*path, _toml_name(name))
        for each in value if _is_tables(value) else [value] if _is_table(value) else ():
            yield ""
            yield f"[[{'.'.join(here)}]]" if _is_tables(value) else f"[{'.'.join(here)}]"
            yield from _toml_lines(cast("Table", each), here)


def _toml_value(value: object) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml_value, cast('Sequence[object]', value)))}]"
    return repr(value)


def _toml_name(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _yaml_lines(table: Table, indent: str) -> Iterator[str]:
    for name, value in table.items():
        if value is None:
            continue
        key = f"{indent}{_yaml_word(name)}:"
        if _is_table(value):
            yield key if value else f"{key} {{}}"
            yield from _yaml_lines(cast("Table", value), f"{indent}  ")
        elif _is_tables(value):
            yield key
            for each in cast("Sequence[Table]", value):
                first, *rest = _yaml_lines(each, f"{indent}  ") or ("{}",)
                yield f"{indent}- {first.strip()}"
                yield from rest
        else:
            yield f"{key} {_yaml_value(value)}"


def _yaml_value(value: object) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_yaml_value, cast('Sequence[object]', value)))}]"
    return _yaml_word(value) if isinstance(value, str) else _toml_value(value)


def _yaml_word(text: str) -> str:
    """Without quotes only where no reader takes it for anything but this text."""
    return text if _WORD.fullmatch(text) and text.lower() not in _MEANS_MORE else _text(text)


def _text(text: str) -> str:
    """In quotes, as JSON escapes it; what JSON need not escape and others may not see is escaped too."""
    quoted = json.dumps(text, ensure_ascii=False)
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)


def _is_table(value: object) -> bool:
    return isinstance(value, Mapping)


def _is_tables(value: object) -> bool:
    several = cast("Sequence[object]", value) if isinstance(value, list | tuple) else ()
    return any(isinstance(each, Mapping) for each in several)
