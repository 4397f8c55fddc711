"""Reads a file as the document of a configuration: every mistake is told with file, line and field."""

import re
from collections.abc import Iterable
from typing import Any, cast

import msgspec

from modelhall.domain.errors import BadRequest
from modelhall.services.files.document import FORMAT, Document
from modelhall.services.files.foreign_text import Said, form_of, read_foreign
from modelhall.services.files.places import Place, place_of

KEYS = {"profile": "id", "model": "name", "collection": "name", "alias": "name", "project": "id", "member": "login"}

_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)


def read_document(data: bytes, file: str, form: str | None = None) -> tuple[Document, Said]:
    """The document, and the text's values with their lines. `file`: the name to tell. Raises BadRequest, TooLarge."""
    said = read_foreign(data, file, form_of(file, form))
    return document_of(said, file), said


def document_of(said: Said, file: str) -> Document:
    """The document that these values are. Raises BadRequest."""
    _refuse_newer(said, file)
    try:
        document = msgspec.convert(said.value, Document, strict=True)
    except msgspec.ValidationError as error:
        words, _, path = str(error).partition(" - at `")
        unknown = _UNKNOWN.fullmatch(words)
        place = place_of(path.rstrip("`")) + ((unknown[1],) if unknown else ())
        raise bad_field(said, file, place, "there is no such field" if unknown else words) from None
    for kind, key in KEYS.items():
        _refuse_twice(said, file, kind, [str(entry[key]) for entry in _entries(said, kind)])
    return document


def index_of(said: Said, kind: str, name: str) -> int | None:
    """Which entry of its kind is called so."""
    names = [entry.get(KEYS[kind]) for entry in _entries(said, kind)]
    return names.index(name) if name in names else None


def bad_field(said: Said, file: str, place: Place, words: str) -> BadRequest:
    """What is wrong, and where."""
    line = said.line_of(place)
    where = ".".join(_named(said, place))
    return BadRequest(
        f"{file}{f', line {line}' if line else ''}: {f'{where}: ' if where else ''}{words[:1].lower()}{words[1:]}",
        details={"file": file, "line": line, "field": where},
    )


def _named(said: Said, place: Place) -> Iterable[str]:
    """The place in words: an entry goes by its name, if it has one."""
    kind = str(place[0]) if place else ""
    for step, part in enumerate(place):
        name = (
            _entries(said, kind)[part].get(KEYS[kind]) if step == 1 and isinstance(part, int) and kind in KEYS else None
        )
        yield name[:120] if isinstance(name, str) else str(part + 1 if isinstance(part, int) else part)


def _entries(said: Said, kind: str) -> list[dict[str, Any]]:
    """What the text says of one kind of object; only what has the right shape."""
    listed = said.value.get(kind)
    if kind not in KEYS or not isinstance(listed, list):
        return []
    return [cast("dict[str, Any]", each) if isinstance(each, dict) else {} for each in cast("list[object]", listed)]


def _refuse_newer(said: Said, file: str) -> None:
    head = said.value.get("modelhall")
    given = cast("dict[str, object]", head).get("format") if isinstance(head, dict) else None
    if isinstance(given, int) and given > FORMAT:
        raise bad_field(
            said, file, ("modelhall", "format"), f"this is format {given}, and this version reads up to {FORMAT}"
        )


def _refuse_twice(said: Said, file: str, kind: str, names: list[str]) -> None:
    seen: set[str] = set()
    for number, name in enumerate(names):
        if name in seen:
            raise bad_field(said, file, (kind, number), f"{kind} {name} is there twice; write it once")
        seen.add(name)
