"""A file of variables: every provider whose key is in it becomes a profile."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from modelhall.domain.errors import BadRequest
from modelhall.providers.addresses import base_url_in, key_name_in
from modelhall.services.files.foreign_text import Said
from modelhall.services.importers.gathering import Account, Gathering
from modelhall.services.importers.keys import Said as SaidKey
from modelhall.services.importers.values import table

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_SECRET = re.compile(r"(KEY|TOKEN|SECRET|PASSWORD|CREDENTIALS)S?$")
MOST_LINES = 10_000


def read_variables(data: bytes, file: str) -> dict[str, str]:
    """The variables of a `.env`; what a later line says counts. Raises BadRequest with the line."""
    lines = data.decode("utf-8-sig", "replace").splitlines()
    if len(lines) > MOST_LINES:
        raise BadRequest(f"{file}: a file of variables has at most {MOST_LINES:,} lines")
    found: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if not equals or not _NAME.fullmatch(name.strip()):
            raise BadRequest(f"{file}, line {number}: a line is NAME=VALUE")
        found[name.strip()] = _value(value.strip())
    return found


def said_variables(data: bytes, file: str) -> Said:
    """The variables as importers take a file."""
    return Said({"variables": read_variables(data, file)})


def gather(into: Gathering) -> None:
    """All that the file says."""
    variables: Mapping[str, Any] = table(into.said.value.get("variables"))
    into.around = replace(into.around, variables={**variables, **into.around.variables})
    taken: set[str] = set()
    for provider in into.around.providers.values():
        name, address = key_name_in(provider, variables), base_url_in(provider, variables)
        if provider.supervised or (name is None and not (provider.local and address)):
            continue
        taken |= {*provider.key_env, *provider.base_url_env}
        into.account(Account(provider=provider, address=address, key=SaidKey(variable=name)), (name or provider.name,))
    for name in variables:
        if name not in taken and _SECRET.search(name):
            into.left(
                (name,), "no provider reads this variable; name it yourself: `modelhall profile key add --key-env`"
            )


def _value(written: str) -> str:
    """Without its quotes, or without a comment behind it."""
    if len(written) > 1 and written[0] in "\"'" and (end := written.find(written[0], 1)) > 0:
        return written[1:end]
    return written.partition(" #")[0].strip()
